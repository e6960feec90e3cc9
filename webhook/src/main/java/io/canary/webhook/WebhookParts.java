// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import io.canary.webhook.admission.AdmissionEndpoint;

/// The parts that decide, made once a client for the cluster stands.
///
/// @param endpoint answers admission requests
/// @param background keeps caches and brings apps forward
public record WebhookParts(AdmissionEndpoint endpoint, BackgroundPart background) {

    /// Makes the parts and starts them without waiting for caches.
    @FunctionalInterface
    public interface Factory {
        WebhookParts start(
                io.fabric8.kubernetes.client.KubernetesClient client,
                WebhookConfig config,
                io.micrometer.core.instrument.MeterRegistry metrics);
    }
}
