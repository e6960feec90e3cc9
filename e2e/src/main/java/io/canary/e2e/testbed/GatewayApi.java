// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.time.Duration;

/// The Gateway API's CRDs of the standard channel: put in and taken out while the cluster runs.
public final class GatewayApi {
    private static final String GROUP = "gateway.networking.k8s.io";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ControlPlane controlPlane;
    private final String folder;

    GatewayApi(ControlPlane controlPlane, Binaries binaries) {
        this.controlPlane = controlPlane;
        this.folder = binaries.gatewayApi().toString();
    }

    /// Returns when the API server serves HTTPRoutes and GRPCRoutes at v1.
    public void install() {
        controlPlane
                .kubectl("apply", "--server-side", "--field-manager=testbed", "-f", folder)
                .orThrow();
        Await.until("the Gateway API is served", LIMIT, () -> served("httproutes") && served("grpcroutes"));
    }

    /// Returns when HTTPRoutes and GRPCRoutes are served no more; they are deleted with their definitions. The other
    /// definitions stay: with many deleted at once the API server sometimes takes five minutes for one of them.
    public void remove() {
        controlPlane
                .kubectl(
                        "delete",
                        "--ignore-not-found",
                        "customresourcedefinition",
                        "httproutes." + GROUP,
                        "grpcroutes." + GROUP)
                .orThrow();
        Await.until("the Gateway API is gone", LIMIT, () -> !served("httproutes") && !served("grpcroutes"));
    }

    private boolean served(String plural) {
        return controlPlane.serves(GROUP + "/v1", plural);
    }
}
