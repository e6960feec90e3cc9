// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.GatewayController;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

/// What a cluster needs so that requests get through: who serves Gateways, and the backends of its pods. One for a
/// cluster.
public final class DataPlane implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    private final GatewayController controller;
    private final Backends backends;

    private DataPlane(ControlPlane controlPlane) {
        backends = new Backends(vertx, controlPlane.client());
        controller = controlPlane.gateways();
    }

    /// Returns when Gateways are served and pods answer.
    public static DataPlane start(ControlPlane controlPlane) {
        return new DataPlane(controlPlane);
    }

    Vertx vertx() {
        return vertx;
    }

    GatewayController controller() {
        return controller;
    }

    Backends backends() {
        return backends;
    }

    /// Who serves Gateways ends with its control plane.
    @Override
    public void close() {
        backends.close();
        var _ = vertx.close().await();
    }
}
