// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.ControlPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
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

    @AfterEach
    void trusted(ControlPlane cluster) {
        PRODUCT.install(cluster);
        PRODUCT.awaitReady(cluster);
    }

    /// What each webhook of both configurations trusts.
    private static List<String> bundles(ControlPlane cluster) {
        return Stream.concat(
                        StoredCertificates.validatingBundles(cluster).stream(),
                        StoredCertificates.mutatingBundles(cluster).stream())
                .toList();
    }

    private static void patch(ControlPlane cluster, String kind, String operations) {
        cluster.kubectl("patch", kind + "/canary", "--type=json", "--patch=" + operations)
                .orThrow();
    }

    private static long certificates(String pem) {
        return StoredCertificates.blocks(pem).count();
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
        Map<String, String> serving = StoredCertificates.secret(cluster, StoredCertificates.SERVING);
        Map<String, String> authorities = StoredCertificates.secret(cluster, StoredCertificates.AUTHORITIES);

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
        List<String> authorities = StoredCertificates.blocks(
                        StoredCertificates.secret(cluster, StoredCertificates.SERVING)
                                .getOrDefault("ca.crt", ""))
                .toList();
        assertThat(authorities).hasSize(2);
        for (String kind : KINDS) {
            patch(cluster, kind, """
                    [{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}]
                    """);
        }

        story.await(
                "trust is back",
                () -> bundles(cluster).stream()
                        .allMatch(bundle ->
                                StoredCertificates.blocks(bundle).toList().containsAll(authorities)));
    }

    @Test
    void aBrokenServingSecretIsSignedAnewByTheSameAuthorities(Story story, ControlPlane cluster) {
        Map<String, String> before = StoredCertificates.secret(cluster, StoredCertificates.SERVING);
        cluster.client()
                .secrets()
                .inNamespace(InstalledProduct.NAMESPACE)
                .withName(StoredCertificates.SERVING)
                .edit(secret -> {
                    secret.getData().put("tls.key", "bm9uc2Vuc2U=");
                    return secret;
                });
        story.await("the broken pair is replaced", () -> {
            Map<String, String> now = StoredCertificates.secret(cluster, StoredCertificates.SERVING);
            return !Objects.equals(now.get("tls.crt"), before.get("tls.crt"))
                    && now.getOrDefault("tls.key", "").contains("PRIVATE KEY");
        });
        assertThat(StoredCertificates.secret(cluster, StoredCertificates.SERVING)
                        .get("ca.crt"))
                .isEqualTo(before.get("ca.crt"));
        PRODUCT.awaitReady(cluster);
    }

    /// As where a right was taken away, or a policy engine refuses it.
    @Test
    void whatIsRenewedIsServedThoughNobodyTakesWhomToTrust(Story story, ControlPlane cluster) {
        try {
            beginAnew(cluster, "CANARY_CERTIFICATE_LIFETIME=30s", "CANARY_CA_LIFETIME=10m");
            cluster.client().rbac().clusterRoles().withName("canary").edit(role -> {
                role.getRules().stream()
                        .filter(rule -> rule.getResources().contains("validatingwebhookconfigurations"))
                        .forEach(rule -> rule.getVerbs().remove("patch"));
                return role;
            });
            story.await("it may not any more", () -> !mayPatch(cluster));
            patch(cluster, "mutatingwebhookconfiguration", """
                    [{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}]
                    """);
            String before = served(cluster);
            assertThat(before).startsWith("-----BEGIN");
            story.awaitAfter(
                    Duration.ofSeconds(30),
                    "another is served",
                    () -> !served(cluster).equals(before) && servedIsStored(cluster));
            assertThat(StoredCertificates.mutatingBundles(cluster).getFirst())
                    .as("nobody could tell the API servers")
                    .isEmpty();
        } finally {
            PRODUCT.install(cluster);
            beginAnew(cluster, "CANARY_CERTIFICATE_LIFETIME-", "CANARY_CA_LIFETIME-");
        }
    }

    private static boolean mayPatch(ControlPlane cluster) {
        return cluster.kubectl(
                        "auth",
                        "can-i",
                        "patch",
                        "mutatingwebhookconfigurations/canary",
                        "--as=" + InstalledProduct.USER)
                .stdout()
                .startsWith("yes");
    }

    /// As after an installation: whoever starts makes authorities and certificates.
    private static void beginAnew(ControlPlane cluster, String... settings) {
        PRODUCT.scale(cluster, 0);
        cluster.kubectl(
                        "delete",
                        "secret",
                        StoredCertificates.SERVING,
                        StoredCertificates.AUTHORITIES,
                        "--namespace=" + InstalledProduct.NAMESPACE)
                .orThrow();
        PRODUCT.rollOut(cluster, "set env", settings);
        PRODUCT.scale(cluster, 1);
        PRODUCT.awaitReady(cluster);
    }

    private static String served(ControlPlane cluster) {
        return HookConnection.certificate(
                cluster, PRODUCT.pods(cluster).getFirst().getStatus().getPodIP());
    }

    private static boolean servedIsStored(ControlPlane cluster) {
        return StoredCertificates.secret(cluster, StoredCertificates.SERVING)
                .getOrDefault("tls.crt", "")
                .strip()
                .equals(served(cluster));
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
