// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

/// The fixed addresses of the one cluster in a network namespace; `e2e/testbed` makes all of them local.
public final class Addresses {
    /// Where the API server is reached, by pods also: nobody serves the ClusterIP of the Service `kubernetes`.
    public static final String API_SERVER_HOST = "10.250.0.1";

    public static final int API_SERVER_PORT = 6443;
    public static final String API_SERVER = "https://" + API_SERVER_HOST + ":" + API_SERVER_PORT;

    static final int SECOND_API_SERVER_PORT = 6444;

    /// Where [ControlPlane#secondApiServer()] is reached.
    public static final String SECOND_API_SERVER = "https://" + API_SERVER_HOST + ":" + SECOND_API_SERVER_PORT;

    public static final String ETCD = "http://127.0.0.1:2379";

    /// Where Traefik listens for what comes from outside: port 80, as the listeners of Gateways say.
    public static final String GATEWAY_HOST = "10.250.0.2";

    public static final int GATEWAY_PORT = 80;

    static final int GATEWAY_ADMIN_PORT = 8080;

    /// Where Envoy listens instead, if [Contour] serves the Gateways: it adds 8000 to the listener's port.
    static final String CONTOUR_HOST = "10.250.0.3";

    static final int CONTOUR_PORT = 8080;

    static final String ETCD_PEER = "http://127.0.0.1:2380";
    static final String SERVICE_RANGE = "10.96.0.0/16";
    static final String KUBERNETES_SERVICE = "10.96.0.1";

    /// Pods that KWOK plays.
    static final String KWOK_POD_RANGE = "10.244.0.0/16";

    private Addresses() {}
}
