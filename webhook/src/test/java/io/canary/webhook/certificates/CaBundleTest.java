// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.certs.Bundle;
import io.canary.certs.CertificateAuthority;
import io.canary.certs.Lifetimes;
import io.canary.certs.ServiceIdentity;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is applied to a webhook configuration.
class CaBundleTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Bundle OURS = authority(365);
    private static final Bundle OTHER = authority(100);

    private static Bundle authority(int days) {
        ServiceIdentity canary = new ServiceIdentity("canary-webhook", "canary-system");
        return new Bundle(List.of(new CertificateAuthority(canary, Lifetimes.DEFAULT, new SecureRandom())
                .found(NOW, Duration.ofDays(days))
                .certificate()));
    }

    private static String base64(Bundle bundle) {
        return Base64.getEncoder().encodeToString(bundle.encode());
    }

    private static GenericKubernetesResource configuration(String first, String second) {
        return Serialization.unmarshal("""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata:
              name: canary
              resourceVersion: "7"
              labels: {team: web}
            webhooks:
            - name: a.canary.io
              failurePolicy: Fail
              clientConfig: {caBundle: "%s", service: {name: canary-webhook, namespace: canary-system}}
            - name: b.canary.io
              clientConfig: {caBundle: "%s", service: {name: canary-webhook, namespace: canary-system}}
            """.formatted(first, second), GenericKubernetesResource.class);
    }

    @Test
    void onlyTheBundleOfEachWebhookIsAppliedToWhatWasRead() {
        GenericKubernetesResource found = configuration("", base64(OURS));

        assertThat(Serialization.asYaml(CaBundle.missing(found, OURS).orElseThrow()))
                .isEqualTo("""
                        ---
                        apiVersion: "admissionregistration.k8s.io/v1"
                        kind: "ValidatingWebhookConfiguration"
                        metadata:
                          name: "canary"
                          resourceVersion: "7"
                        webhooks:
                        - clientConfig:
                            caBundle: "%1$s"
                          name: "a.canary.io"
                        - clientConfig:
                            caBundle: "%1$s"
                          name: "b.canary.io"
                        """.formatted(base64(OURS)));
    }

    @Test
    void nothingIsAppliedWhereAllWebhooksTrustUs() {
        assertThat(CaBundle.missing(configuration(base64(OURS), base64(OURS)), OURS))
                .isEmpty();
    }

    @Test
    void aConfigurationWithoutWebhooksIsLeftAlone() {
        GenericKubernetesResource none = Serialization.unmarshal(
                "apiVersion: v1\nkind: X\nmetadata: {name: canary}", GenericKubernetesResource.class);

        assertThat(CaBundle.missing(none, OURS)).isEmpty();
    }

    @Test
    void whoeverIsTrustedStaysTrustedUntilTheEnd() {
        Bundle published = CaBundle.published(configuration(base64(OTHER), base64(OURS)));

        assertThat(OURS.keeping(published, NOW).authorities())
                .containsExactlyInAnyOrder(
                        OURS.authorities().getFirst(), OTHER.authorities().getFirst());
        assertThat(OURS.keeping(published, NOW.plus(Duration.ofDays(100)))).isEqualTo(OURS);
    }

    @Test
    void whatCannotBeReadTrustsNobody() {
        assertThat(CaBundle.published(configuration("?", "bm9uc2Vuc2U="))).isEqualTo(Bundle.EMPTY);
    }
}
