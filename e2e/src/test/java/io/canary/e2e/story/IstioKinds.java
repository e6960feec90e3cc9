// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import io.canary.e2e.junit.Cluster;
import io.canary.e2e.testbed.Await;
import java.util.Map;

/// The kinds of Istio that we read, as an API server serves them: their schemas do not matter here.
final class IstioKinds {
    private static final Map<String, String> KINDS =
            Map.of("virtualservices", "VirtualService", "destinationrules", "DestinationRule");

    private IstioKinds() {}

    /// Installs them, and waits until they are served.
    static void install(Cluster cluster) {
        KINDS.forEach((plural, kind) -> {
            cluster.apply("""
                    apiVersion: apiextensions.k8s.io/v1
                    kind: CustomResourceDefinition
                    metadata: {name: %s.networking.istio.io}
                    spec:
                      group: networking.istio.io
                      scope: Namespaced
                      names: {kind: %s, plural: %s}
                      versions:
                      - name: v1
                        served: true
                        storage: true
                        schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
                    """.formatted(plural, kind, plural)).orThrow();
        });
        Await.until(
                "Istio's kinds are served",
                Story.SOON,
                () -> KINDS.keySet().stream()
                        .allMatch(plural -> cluster.controlPlane().serves("networking.istio.io/v1", plural)));
    }
}
