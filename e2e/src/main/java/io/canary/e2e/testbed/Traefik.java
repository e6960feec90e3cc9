// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/// Traefik as the controller and the data plane of all Gateways of class `traefik`, with rights of its own.
///
/// One entry point on port 80 takes HTTP/1.1 and HTTP/2 without TLS for all Gateways: routes are told apart by their
/// host names alone. It dials the addresses of ready endpoints, never ClusterIPs. What version 3.7.15 was seen to do:
///
/// - **Split.** Weighted round robin per rule, exact while the configuration rests: 360/40 of 400 at 90/10. Any change
///   of any route or endpoint in the cluster begins all rounds anew, heaviest first. With six changes a second and
///   20 requests a second a version of 10 % got 0 of 201, with 100 requests a second 7.5 %. So count in quiet, quickly.
/// - **Speed.** New weights are in force 30 to 250 ms after the write; the status of that generation mostly comes
///   before (10 to 90 ms, once 280), and says nothing of it. [#api] and requests change over together. Open
///   connections follow at once, and nothing fails meanwhile (300 requests a second, 20 changes). Endpoints that are
///   lost or come back: 180 to 340 ms. After a restart of the API server or a loss of the CRDs: 2 to 10 s.
/// - **Refs.** Weight 0 gets nothing; all weights 0, or a Service without endpoints: 503 for its share. No refs: 500.
///   A missing Service or port: 500 for its share and `ResolvedRefs` False, `BackendNotFound`, at weight 0 also; the
///   rest goes on. A missing Service of a gRPC route: 200 with JSON and no `grpc-status`.
/// - **Filters.** `RequestHeaderModifier` and `ResponseHeaderModifier` work in rules and on backend refs. It does not
///   know `RequestMirror`: every request of the rule gets 500, and the status says that all is well.
/// - **Matches.** Regular expressions are Go's and not anchored: `beta=yes` matches `xbeta=yesno`.
/// - **Parents.** A Service as a parent is left alone: no status. The status of other controllers stays.
/// - **Features.** GRPCRoute without a flag. `status.supportedFeatures` has HTTPRoute's `MethodMatching`,
///   `QueryParamMatching`, `DestinationPortMatching`, `BackendRequestHeaderModification`, `ResponseHeaderModification`,
///   `HostRewrite`, `PathRewrite`, redirects, `BackendProtocolH2C`, `NamedRouteRule`, `ParentRefPort`; no mirror, no
///   timeouts, no retries, no CORS, no mesh.
public final class Traefik implements GatewayController {
    /// Its GatewayClass.
    public static final String CLASS = "traefik";

    /// How the API server and its audit log call it.
    public static final String USER = "system:serviceaccount:traefik-system:traefik";

    private static final String CONTROLLER = "traefik.io/gateway-controller";
    private static final String NAMESPACE = "traefik-system";
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration TOKEN_LIFE = Duration.ofHours(24);
    private static final String ADMIN = "http://" + Addresses.GATEWAY_HOST + ":" + Addresses.GATEWAY_ADMIN_PORT;

    private final ControlPlane controlPlane;
    private final ClusterFiles files;
    private final ComponentProcess process;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    Traefik(ControlPlane controlPlane, ClusterFiles files) {
        this.controlPlane = controlPlane;
        this.files = files;
        this.process = new ComponentProcess(commandLine(controlPlane.binaries(), files), files.log("traefik"));
    }

    // A pod that runs the tests must not make it believe that it runs in that pod's cluster. The throttle is 2 s by
    // default, which hides how fast routes are followed.
    private static List<String> commandLine(Binaries binaries, ClusterFiles files) {
        return List.of(
                "env",
                "--unset=KUBERNETES_SERVICE_HOST",
                "--unset=KUBERNETES_SERVICE_PORT",
                "--unset=KUBECONFIG",
                binaries.program("traefik").toString(),
                "--entrypoints.web.address=" + Addresses.GATEWAY_HOST + ":" + Addresses.GATEWAY_PORT,
                "--entrypoints.traefik.address=" + Addresses.GATEWAY_HOST + ":" + Addresses.GATEWAY_ADMIN_PORT,
                "--ping=true",
                "--api.insecure=true",
                "--providers.kubernetesgateway=true",
                "--providers.kubernetesgateway.endpoint=" + Addresses.API_SERVER,
                "--providers.kubernetesgateway.token=" + files.traefikToken(),
                "--providers.kubernetesgateway.certauthfilepath=" + files.certificateAuthority(),
                "--providers.kubernetesgateway.statusaddress.ip=" + Addresses.GATEWAY_HOST,
                "--providers.providersthrottleduration=20ms",
                "--accesslog=true",
                "--accesslog.filepath=" + files.log("traefik-access"),
                "--log.level=INFO",
                "--global.checknewversion=false",
                "--global.sendanonymoususage=false");
    }

    /// Returns when it has accepted its GatewayClass.
    Traefik start() {
        controlPlane.kubectl(RIGHTS, List.of("apply", "-f", "-")).orThrow();
        writeToken();
        process.start();
        Await.until("Traefik serves the GatewayClass", LIMIT, this::ready, () -> process.logTail(20));
        return this;
    }

    /// What its API says of the configuration that is in force, as JSON: `rawdata`, `http/services`, `http/routers`.
    public String api(String path) {
        return get("/api/" + path).body();
    }

    @Override
    public String controllerName() {
        return CONTROLLER;
    }

    @Override
    public String host() {
        return Addresses.GATEWAY_HOST;
    }

    @Override
    public int port() {
        return Addresses.GATEWAY_PORT;
    }

    @Override
    public boolean failsWhileServicesChange() {
        return false;
    }

    @Override
    public void close() {
        process.kill();
        http.close();
    }

    private boolean ready() {
        if (!process.alive()) {
            throw new IllegalStateException("Traefik ended; its log says:\n" + process.logTail(20));
        }
        return answers()
                && controlPlane
                        .kubectl(
                                "get",
                                "gatewayclass",
                                CLASS,
                                "--output=jsonpath={.status.conditions[?(@.type==\"Accepted\")].status}")
                        .stdout()
                        .equals("True");
    }

    private boolean answers() {
        try {
            return get("/ping").statusCode() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private HttpResponse<String> get(String path) {
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create(ADMIN + path))
                            .timeout(PATIENCE)
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking Traefik", e);
        }
    }

    private void writeToken() {
        var request = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(TOKEN_LIFE.toSeconds())
                .endSpec()
                .build();
        var token = controlPlane
                .client()
                .serviceAccounts()
                .inNamespace(NAMESPACE)
                .withName("traefik")
                .tokenRequest(request)
                .getStatus()
                .getToken();
        try {
            Files.writeString(files.traefikToken(), token);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final String RIGHTS = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: traefik-system}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: traefik, namespace: traefik-system}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: traefik}
            rules:
            - {apiGroups: [""], resources: [namespaces, services, secrets, configmaps], verbs: [get, list, watch]}
            - {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [get, list, watch]}
            - apiGroups: [gateway.networking.k8s.io]
              resources:
              - gatewayclasses
              - gateways
              - listenersets
              - httproutes
              - grpcroutes
              - tcproutes
              - tlsroutes
              - udproutes
              - referencegrants
              - backendtlspolicies
              verbs: [get, list, watch]
            - apiGroups: [gateway.networking.k8s.io]
              resources:
              - gatewayclasses/status
              - gateways/status
              - listenersets/status
              - httproutes/status
              - grpcroutes/status
              - tcproutes/status
              - tlsroutes/status
              - udproutes/status
              - backendtlspolicies/status
              verbs: [update]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: traefik}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: traefik}
            subjects: [{kind: ServiceAccount, name: traefik, namespace: traefik-system}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: GatewayClass
            metadata: {name: traefik}
            spec: {controllerName: traefik.io/gateway-controller}
            """;
}
