// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

/// Who serves the Gateways of a cluster: a controller and its data plane. One of them runs in a cluster.
public sealed interface GatewayController extends AutoCloseable permits Traefik, Contour {
    /// How it calls itself in the status of routes.
    String controllerName();

    /// Where it takes requests for port 80 of all Gateways.
    String host();

    int port();

    /// Whether requests fail for a moment when a Service enters or leaves the routes.
    boolean failsWhileServicesChange();

    @Override
    void close();
}
