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
/// hostnames alone. It dials the addresses of ready endpoints, never ClusterIPs.
public final class Traefik implements AutoCloseable {
    /// Its GatewayClass.
    public static final String CLASS = "traefik";

    /// How the API server and its audit log call it.
    public static final String USER = "system:serviceaccount:traefik-system:traefik";

    private static final String NAMESPACE = "traefik-system";
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration TOKEN_LIFE = Duration.ofHours(24);
    private static final String ADMIN =
            "http://" + Addresses.GATEWAY_HOST + ":" + Addresses.GATEWAY_ADMIN_PORT;

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

    /// SIGKILL; returns when it is gone.
    public void kill() {
        process.kill();
    }

    /// Starts it anew, killed before if it runs; returns when it answers again.
    public void restart() {
        kill();
        process.start();
        Await.until("Traefik answers again", LIMIT, this::answers, () -> process.logTail(20));
    }

    public long pid() {
        return process.pid();
    }

    /// What its API says of the configuration that is in force, as JSON: `rawdata`, `http/services`, `http/routers`.
    public String api(String path) {
        return get("/api/" + path).body();
    }

    @Override
    public void close() {
        kill();
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
