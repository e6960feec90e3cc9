// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.ControlPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The certificates that the product keeps, and what it does when somebody takes a part away (`admission.md` 2;
/// faults F13, F15). Rotation under load is in [FaultsIT].
@ReleaseStory
@Tag("alone")
class CertificatesIT {
    private static final InstalledProduct PRODUCT = new InstalledProduct();
    private static final List<String> KINDS = List.of("validatingwebhookconfiguration", "mutatingwebhookconfiguration");
    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";

    @AfterEach
    void trusted(ControlPlane cluster) {
        PRODUCT.install(cluster);
        PRODUCT.awaitReady(cluster);
    }

    private static Map<String, String> secret(ControlPlane cluster, String name) {
        Map<String, String> files = new TreeMap<>();
        var secret = cluster.client()
                .secrets()
                .inNamespace(InstalledProduct.NAMESPACE)
                .withName(name)
                .get();
        if (secret != null) {
            secret.getData().forEach((file, text) -> files.put(file, decode(text)));
        }
        return files;
    }

    private static String decode(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.US_ASCII);
    }

    /// What each webhook of both configurations trusts.
    private static List<String> bundles(ControlPlane cluster) {
        return cluster.kubectl(
                        "get",
                        "validatingwebhookconfiguration/canary",
                        "mutatingwebhookconfiguration/canary",
                        "-o",
                        "jsonpath={range .items[*].webhooks[*]}x{.clientConfig.caBundle}{\"\\n\"}{end}")
                .orThrow()
                .stdout()
                .lines()
                .map(line -> decode(line.substring(1)))
                .toList();
    }

    private static void patch(ControlPlane cluster, String kind, String operations) {
        cluster.kubectl("patch", kind + "/canary", "--type=json", "--patch=" + operations)
                .orThrow();
    }

    private static int certificates(String pem) {
        return pem.split(BEGIN, -1).length - 1;
    }

    private static double metric(ControlPlane cluster, String name) {
        String address = PRODUCT.pods(cluster).getFirst().getStatus().getPodIP();
        return HookConnection.metrics(address)
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    @Test
    void twoAuthoritiesAreTrustedAndTheirKeysLieApart(ControlPlane cluster) {
        Map<String, String> serving = secret(cluster, "canary-webhook-tls");
        Map<String, String> authorities = secret(cluster, "canary-webhook-ca");

        assertThat(serving).containsOnlyKeys("ca.crt", "tls.crt", "tls.key");
        assertThat(authorities).hasSize(4);
        assertThat(authorities.keySet()).allMatch(file -> file.matches("[0-9a-f]{32}[.](crt|key)"), "a serial number");
        assertThat(certificates(serving.getOrDefault("ca.crt", ""))).isEqualTo(2);
        assertThat(bundles(cluster)).isNotEmpty().allMatch(bundle -> certificates(bundle) >= 2);
        Path log = cluster.processes()
                .log(
                        InstalledProduct.NAMESPACE,
                        PRODUCT.pods(cluster).getFirst().getMetadata().getName());
        assertThat(read(log)).doesNotContain("PRIVATE KEY");
    }

    @Test
    void anEmptiedBundleIsFilledAgain(Story story, ControlPlane cluster) {
        List<String> before = bundles(cluster);
        for (String kind : KINDS) {
            patch(cluster, kind, """
                    [{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}]
                    """);
        }

        story.await("trust is back", () -> bundles(cluster).equals(before));
    }

    @Test
    void aLostOrBrokenServingSecretIsSignedAnewByTheSameAuthorities(Story story, ControlPlane cluster) {
        Map<String, String> before = secret(cluster, "canary-webhook-tls");
        cluster.client()
                .secrets()
                .inNamespace(InstalledProduct.NAMESPACE)
                .withName("canary-webhook-tls")
                .edit(secret -> {
                    secret.getData().put("tls.key", "bm9uc2Vuc2U=");
                    return secret;
                });
        story.await("the broken pair is replaced", () -> {
            Map<String, String> now = secret(cluster, "canary-webhook-tls");
            return !Objects.equals(now.get("tls.crt"), before.get("tls.crt"))
                    && now.getOrDefault("tls.key", "").contains("PRIVATE KEY");
        });
        assertThat(secret(cluster, "canary-webhook-tls").get("ca.crt")).isEqualTo(before.get("ca.crt"));
        PRODUCT.awaitReady(cluster);
    }

    @Test
    void whetherTheHooksAreAskedIsToldByAMetric(Story story, ControlPlane cluster) {
        story.await("they are asked", () -> metric(cluster, "canary_self_test") == 1);
        assertThat(metric(cluster, "canary_certificate_expiry_seconds"))
                .isGreaterThan(System.currentTimeMillis() / 1000.0);

        // Somebody narrows the hooks down to namespaces that there are not.
        String selector = cluster.kubectl(
                        "get", KINDS.getFirst() + "/canary", "-o", "jsonpath={.webhooks[0].namespaceSelector}")
                .orThrow()
                .stdout();
        try {
            KINDS.forEach(kind -> select(cluster, kind, "{\"matchLabels\": {\"none\": \"here\"}}"));
            story.awaitAfter(Duration.ofSeconds(60), "they are not", () -> metric(cluster, "canary_self_test") == 0);
        } finally {
            KINDS.forEach(kind -> select(cluster, kind, selector));
        }
        story.awaitAfter(Duration.ofSeconds(60), "they are again", () -> metric(cluster, "canary_self_test") == 1);
    }

    private static void select(ControlPlane cluster, String kind, String selector) {
        patch(
                cluster,
                kind,
                "[{\"op\": \"replace\", \"path\": \"/webhooks/0/namespaceSelector\", \"value\": " + selector + "}]");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
