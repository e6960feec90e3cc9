// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Reading;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// CAN304: until when the API server trusts the webhook, and until when its certificate is good where that may
/// be read.
final class Certificates {
    private static final String CODE = "CAN304";
    private static final Duration SOON = Duration.ofDays(5);
    private static final String LOG = "kubectl logs -n canary-system deployment/canary-webhook";

    private Certificates() {}

    /// Empty where the caller may not read the webhook configurations.
    static Optional<Finding> of(Session session) {
        Reading trusted = Reading.of(session.kubectl()
                .quietly(
                        "get",
                        "validatingwebhookconfiguration",
                        "canary",
                        "--output=jsonpath={.webhooks[0].clientConfig.caBundle}"));
        return switch (trusted) {
            case Reading.Got(String bundle) ->
                Optional.of(
                        of(ends(bundle), serving(session), session.terminal().now()));
            case Reading.NotFound _ ->
                Optional.of(Finding.error(
                        CODE, "there is no webhook configuration canary: nothing is asked", "kubectl canary install"));
            default -> Optional.empty();
        };
    }

    private static Finding of(List<Instant> authorities, List<Instant> serving, Instant now) {
        if (authorities.isEmpty()) {
            return Finding.error(CODE, "the API server trusts no certificate of the webhook yet", LOG);
        }
        Instant last = authorities.stream().max(Comparator.naturalOrder()).orElseThrow();
        Instant first = serving.isEmpty() ? last : serving.getFirst();
        String text = "trusted until %s (%d authorities)%s"
                .formatted(day(last), authorities.size(), serving.isEmpty() ? "" : ", served until " + day(first));
        if (!now.isBefore(first) || !now.isBefore(last)) {
            return Finding.error(CODE, text, LOG);
        }
        return now.isBefore(first.minus(SOON)) && now.isBefore(last.minus(SOON))
                ? Finding.ok(CODE, text)
                : Finding.warning(CODE, text, LOG);
    }

    private static List<Instant> serving(Session session) {
        Reading secret = Reading.of(session.kubectl()
                .quietly("get", "secret", "canary-webhook-tls", Install.SYSTEM, "--output=jsonpath={.data.tls\\.crt}"));
        return secret instanceof Reading.Got(String pem) ? ends(pem) : List.of();
    }

    /// When the certificates of a PEM text in base64 end; empty if that is none.
    private static List<Instant> ends(String base64) {
        try {
            byte[] pem = Base64.getDecoder().decode(base64.strip());
            return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                    .map(one -> ((X509Certificate) one).getNotAfter().toInstant())
                    .toList();
        } catch (CertificateException | IllegalArgumentException _) {
            return List.of();
        }
    }

    private static LocalDate day(Instant end) {
        return LocalDate.ofInstant(end, ZoneOffset.UTC);
    }
}
