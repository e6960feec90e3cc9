// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

/// What is applied to a webhook configuration.
class CaBundleTest {
    private static final String CONFIGURATION = """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata:
              name: canary
              resourceVersion: "7"
              labels: {team: web}
            webhooks:
            - name: a.canary.io
              failurePolicy: Fail
              clientConfig: {caBundle: %s, service: {name: canary-webhook, namespace: canary-system}}
            - name: b.canary.io
              clientConfig: {service: {name: canary-webhook, namespace: canary-system}}
            """;

    @Test
    void onlyTheBundleOfEachWebhookIsApplied() {
        GenericKubernetesResource found = read(CONFIGURATION.formatted("T0xE"));

        assertThat(Serialization.asYaml(CaBundle.missing(found, "TkVX").orElseThrow()))
                .isEqualTo("""
                        ---
                        apiVersion: "admissionregistration.k8s.io/v1"
                        kind: "ValidatingWebhookConfiguration"
                        metadata:
                          name: "canary"
                        webhooks:
                        - clientConfig:
                            caBundle: "TkVX"
                          name: "a.canary.io"
                        - clientConfig:
                            caBundle: "TkVX"
                          name: "b.canary.io"
                        """);
    }

    @Test
    void nothingIsAppliedWhereAllWebhooksTrustUs() {
        GenericKubernetesResource found = read(CONFIGURATION
                .formatted("TkVX")
                .replace("clientConfig: {service", "clientConfig: {caBundle: TkVX, service"));

        assertThat(CaBundle.missing(found, "TkVX")).isEmpty();
    }

    @Test
    void aConfigurationWithoutWebhooksIsLeftAlone() {
        assertThat(CaBundle.missing(read("apiVersion: v1\nkind: X\nmetadata: {name: canary}"), "TkVX"))
                .isEmpty();
    }

    private static GenericKubernetesResource read(String yaml) {
        return Serialization.unmarshal(yaml, GenericKubernetesResource.class);
    }
}
