// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.Traefik;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

/// What a cluster needs so that requests get through: Traefik, and the backends of its pods. One for a cluster.
public final class DataPlane implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    private final Traefik traefik;
    private final Backends backends;

    private DataPlane(ControlPlane controlPlane) {
        backends = new Backends(vertx, controlPlane.client());
        traefik = controlPlane.traefik();
    }

    /// Returns when the GatewayClass is accepted and pods answer.
    public static DataPlane start(ControlPlane controlPlane) {
        return new DataPlane(controlPlane);
    }

    Vertx vertx() {
        return vertx;
    }

    public Traefik traefik() {
        return traefik;
    }

    Backends backends() {
        return backends;
    }

    /// Traefik ends with its control plane.
    @Override
    public void close() {
        backends.close();
        var _ = vertx.close().await();
    }
}
