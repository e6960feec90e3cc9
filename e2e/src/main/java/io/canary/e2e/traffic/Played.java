// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// A ready pod as the backend plays it.
///
/// @param app its label `app`, or empty
/// @param version its label `version`, or empty
record Played(String uid, String namespace, String name, String app, String version, String address) {
    /// Nothing for a pod without an address, or one that is not ready.
    static Optional<Played> of(Pod pod) {
        var address = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
        if (address == null || !Readiness.isPodReady(pod)) {
            return Optional.empty();
        }
        var metadata = pod.getMetadata();
        Map<String, String> labels = Objects.requireNonNullElse(metadata.getLabels(), Map.of());
        return Optional.of(new Played(
                metadata.getUid(),
                metadata.getNamespace(),
                metadata.getName(),
                labels.getOrDefault("app", ""),
                labels.getOrDefault("version", ""),
                address));
    }
}
