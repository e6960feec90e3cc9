// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Contour as the controller and Envoy as the data plane of one Gateway, which all tests share: `make test-gateways`.
///
/// Contour serves one Gateway, so it stands in a namespace of its own and admits routes of all. Envoy dials the
/// addresses of ready endpoints, never ClusterIPs. What 1.33.8 with Envoy 1.40.0 was seen to do, beside [Traefik]:
///
/// - **Split.** Every request is drawn at random.
/// - **Speed.** The status comes 60 to 260 ms after the write, new weights are in force 10 to 80 ms after that.
///   Endpoints that are lost or come back: 100 to 150 ms.
/// - **Refs.** Contour does not order what it sends. So when a rule begins to name a Service that no route named, or
///   the last one stops to, Envoy has for a moment a route to a Service that it does not know: 503 without a body,
///   for about 10 ms (110 of 3,739 requests in 20 changes of the Service, at 500 a second). A ref of weight 0 that
///   stays in the rule loses nothing. The others take the share of a missing Service: 500 only where no ref is left,
///   or all weights are 0. A Service without endpoints: 503 for its share.
/// - **Filters.** `RequestHeaderModifier` and `ResponseHeaderModifier` work in rules and on backend refs. It makes
///   mirrors, but of all requests, whatever `percent` says.
/// - **Matches.** Regular expressions are anchored. A GRPCRoute may match by service and method or by none: by
///   service alone it is not accepted, `InvalidMethodMatch`.
/// - **Features.** It says nothing of its GatewayClass, neither `Accepted` nor `supportedFeatures`.
public final class Contour implements GatewayController {
    /// Its Gateway, which admits routes of all namespaces, for `parentRefs`.
    public static final String GATEWAY = "edge";

    public static final String NAMESPACE = "contour-system";

    private static final String CONTROLLER = "projectcontour.io/gateway-controller";
    private static final String LOOPBACK = "127.0.0.1";
    private static final int XDS_PORT = 8001;
    private static final int ADMIN_PORT = 9001;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ControlPlane controlPlane;
    private final ClusterFiles files;
    private final Path made;
    private final ComponentProcess controller;
    private final ComponentProcess envoy;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    /// @param made what `e2e/testbed prepare --gateways` filled
    Contour(ControlPlane controlPlane, ClusterFiles files, Path made) {
        this.controlPlane = controlPlane;
        this.files = files;
        this.made = made;
        this.controller = new ComponentProcess(commandLine(), files.log("contour"));
        this.envoy = new ComponentProcess(
                List.of(
                        program("envoy"),
                        "--config-path",
                        files.envoyBootstrap().toString(),
                        "--service-cluster",
                        "envoy",
                        "--service-node",
                        "envoy",
                        "--disable-hot-restart",
                        "--concurrency",
                        "2"),
                files.log("envoy"));
    }

    // It watches kinds at versions that the standard channel does not serve, and waits for them in vain.
    private List<String> commandLine() {
        return List.of(
                "env",
                "--unset=KUBERNETES_SERVICE_HOST",
                "--unset=KUBERNETES_SERVICE_PORT",
                program("contour"),
                "serve",
                "--kubeconfig=" + controlPlane.kubeconfig(ClusterUser.CONTOUR),
                "--config-path=" + files.contourConfig(),
                "--insecure",
                "--disable-leader-election",
                "--disable-feature=tlsroutes",
                "--disable-feature=tcproutes",
                "--disable-feature=backendtlspolicies",
                "--xds-address=" + LOOPBACK,
                "--xds-port=" + XDS_PORT,
                "--http-address=" + LOOPBACK,
                "--health-address=" + LOOPBACK,
                "--debug-http-address=" + LOOPBACK,
                "--stats-address=" + LOOPBACK,
                "--envoy-service-http-address=" + Addresses.CONTOUR_HOST,
                "--ingress-status-address=" + Addresses.CONTOUR_HOST);
    }

    private String program(String name) {
        return made.resolve("bin").resolve(name).toString();
    }

    /// Returns when its Gateway is programmed and Envoy follows it.
    Contour start() {
        controlPlane
                .kubectl("apply", "--server-side", "-f", made.resolve("crds").toString())
                .orThrow();
        controlPlane.kubectl(OBJECTS, List.of("apply", "-f", "-")).orThrow();
        write(files.contourConfig(), CONFIG);
        new Command(
                        program("contour"),
                        "bootstrap",
                        files.envoyBootstrap().toString(),
                        "--admin-address=" + files.envoyAdmin(),
                        "--xds-address=" + LOOPBACK,
                        "--xds-port=" + XDS_PORT,
                        "--xds-resource-version=v3")
                .run()
                .orThrow();
        controller.start();
        envoy.start();
        Await.until("Contour has programmed its Gateway", LIMIT, this::programmed, () -> controller.logTail(20));
        Await.until("Envoy answers", LIMIT, this::answers, () -> envoy.logTail(20));
        return this;
    }

    /// The routes that Envoy has in force, as JSON of its `/config_dump`.
    public String routes() {
        return get("/config_dump?resource=dynamic_route_configs");
    }

    /// The Services that Envoy knows and has the endpoints of, likewise: without them a route fails.
    public String clusters() {
        return get("/config_dump?resource=dynamic_active_clusters");
    }

    @Override
    public String controllerName() {
        return CONTROLLER;
    }

    @Override
    public String host() {
        return Addresses.CONTOUR_HOST;
    }

    @Override
    public int port() {
        return Addresses.CONTOUR_PORT;
    }

    @Override
    public boolean failsWhileServicesChange() {
        return true;
    }

    @Override
    public void close() {
        envoy.kill();
        controller.kill();
        http.close();
    }

    private boolean programmed() {
        requireAlive(controller);
        return controlPlane
                .kubectl(
                        "get",
                        "gateway",
                        GATEWAY,
                        "--namespace=" + NAMESPACE,
                        "--output=jsonpath={.status.conditions[?(@.type==\"Programmed\")].status}")
                .stdout()
                .equals("True");
    }

    private boolean answers() {
        requireAlive(envoy);
        try {
            return !routes().isEmpty();
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private static void requireAlive(ComponentProcess process) {
        if (!process.alive()) {
            throw new IllegalStateException("a process of Contour ended; its log says:\n" + process.logTail(20));
        }
    }

    private String get(String path) {
        var uri = URI.create("http://" + LOOPBACK + ":" + ADMIN_PORT + path);
        try {
            return http.send(HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking Envoy", e);
        }
    }

    private static void write(Path path, String text) {
        try {
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final String CONFIG = """
            gateway:
              gatewayRef: {name: %s, namespace: %s}
            network:
              admin-port: %d
            """.formatted(GATEWAY, NAMESPACE, ADMIN_PORT);

    private static final String OBJECTS = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: %2$s}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: GatewayClass
            metadata: {name: contour}
            spec: {controllerName: %3$s}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: %1$s, namespace: %2$s}
            spec:
              gatewayClassName: contour
              listeners: [{name: http, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: All}}}]
            """.formatted(GATEWAY, NAMESPACE, CONTROLLER);
}
