// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.domain.app.Release.Bypass.Reason;
import io.canary.e2e.watch.MeshMode;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Each port of the root Service by a route of its own, and who else decides over the same traffic (design section 7).
@ReleaseStory
class PortsIT {
    private static final Map<String, String> DELAY = Map.of("canary.io/scale-down-delay", "3s");
    private static final String WEIGHTS = "{.spec.rules[*].backendRefs[*].name}={.spec.rules[*].backendRefs[*].weight}";

    private static String service(String ports) {
        return """
                apiVersion: v1
                kind: Service
                metadata: {name: order, annotations: {canary.io/scale-down-delay: 3s}}
                spec:
                  selector: {app: order}
                  ports: [%s]
                """.formatted(ports);
    }

    private static final String HTTP = "{name: http, port: 8080}";
    private static final String GRPC = "{name: grpc, port: 9090, targetPort: 8080}";
    private static final String ADMIN = "{name: http-admin, port: 8081, targetPort: 8080}";
    private static final String DATABASE = "{name: tcp-db, port: 5432, targetPort: 8080}";

    private static String get(Story story, String object, String path) {
        return story.kubectl("get", object, "--ignore-not-found", "-o", "jsonpath=" + path)
                .stdout();
    }

    private static String routes(Story story) {
        return story.kubectl("get", "httproutes,grpcroutes", "-o", "name").stdout();
    }

    private static boolean told(Release release, Reason reason, String text) {
        return release.bypass().stream()
                .anyMatch(
                        bypass -> bypass.reason() == reason && bypass.message().contains(text));
    }

    @Test
    void eachPortHasARoute(Story story) {
        story.apply(
                service(String.join(", ", HTTP, GRPC, DATABASE)),
                Workload.of("order", "v1", 4).yaml());
        story.apply(Workload.of("order", "v2", 4).weight("25").yaml());
        Release release = story.awaitRelease(
                "order",
                "canary, by two routes",
                r -> r.phase() == Release.Phase.CANARY && r.routes().size() == 2);
        String quarter = "order-v1 order-v2=75 25";
        assertThat(get(story, "httproute/order-8080", WEIGHTS)).isEqualTo(quarter);
        assertThat(get(story, "grpcroute/order-9090", WEIGHTS)).isEqualTo(quarter);
        assertThat(get(story, "httproute/order-8080", "{.spec.parentRefs}"))
                .isEqualTo("[{\"group\":\"\",\"kind\":\"Service\",\"name\":\"order\",\"port\":8080}]");
        assertThat(get(story, "grpcroute/order-9090", "{.spec.parentRefs[0].port}"))
                .isEqualTo("9090");
        assertThat(get(story, "grpcroute/order-9090", "{.spec.rules[0].backendRefs[0].port}"))
                .isEqualTo("9090");
        assertThat(told(release, Reason.PORT, "port 5432 is divided by pods")).isTrue();
        assertThat(release.routes())
                .extracting(Release.RouteStatus::title, Release.RouteStatus::parent)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("HTTPRoute order-8080", "Service order:8080"),
                        org.assertj.core.groups.Tuple.tuple("GRPCRoute order-9090", "Service order:9090"));
        assertThat(story.canary("check", "order").stdout())
                .contains("CAN104 port 5432 is divided by pods")
                .contains("CAN102 GRPCRoute order-9090 is accepted");

        // canary users are told apart on both
        story.canary("set", "users", "order", "header:x-user-id=alice").orThrow();
        String users = "{.spec.rules[*].matches[*].headers[*].value}";
        story.await(
                "alice has a rule on each port",
                () -> get(story, "httproute/order-8080", users).equals("alice")
                        && get(story, "grpcroute/order-9090", users).equals("alice"));

        // somebody bends one of them
        story.patch(
                "grpcroute/order-9090",
                "[{\"op\":\"replace\",\"path\":\"/spec/rules/1/backendRefs/1/weight\",\"value\":99}]");
        story.await(
                "it is put right",
                () -> get(story, "grpcroute/order-9090", WEIGHTS).endsWith("=1000000 75 25"));

        // a port comes, and its route with it; a port goes
        story.apply(service(String.join(", ", HTTP, ADMIN)));
        story.await(
                "a route for the new port",
                () -> get(story, "httproute/order-8081", "{.spec.parentRefs[0].port}")
                        .equals("8081"));
        story.await("none for the one that went", () -> !routes(story).contains("order-9090"));

        story.canary("promote", "order", "--wait").orThrow();
        assertThat(get(story, "httproute/order-8081", WEIGHTS)).endsWith(" 100");
        story.canary("detach", "order", "--wait", "--timeout=3m").orThrow();
        assertThat(routes(story)).isEmpty();
    }

    /// A version's Service has the root's ports and nothing that leads into it from outside (threat T6).
    @Test
    void whatLeadsInFromOutsideIsNotCopied(Story story) {
        story.apply("""
                apiVersion: v1
                kind: Service
                metadata: {name: order, annotations: {canary.io/scale-down-delay: 1s}}
                spec:
                  type: NodePort
                  externalIPs: [203.0.113.7]
                  externalTrafficPolicy: Local
                  selector: {app: order}
                  ports: [{name: http, port: 8080}]
                """, Workload.of("order", "v1", 2).yaml());
        story.apply(Workload.of("order", "v2", 2).weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));

        for (String version : new String[] {"service/order-v1", "service/order-v2"}) {
            assertThat(get(story, version, "{.spec.type} {.spec.externalIPs} {.spec.ports[*].nodePort}"))
                    .as(version)
                    .isEqualTo("ClusterIP  ");
        }
    }

    /// A route of the user's with the root Service as parent: a conflict while it may not be split, and then the one
    /// that carries the weights.
    @Test
    void aRouteOfTheUsersInTheMeshIsSplit(Story story) {
        story.apply(service(HTTP), Workload.of("order", "v1", 4).yaml(), """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: retries}
                spec:
                  parentRefs: [{group: "", kind: Service, name: order, port: 8080}]
                  rules:
                  - matches: [{path: {type: PathPrefix, value: /api}}]
                    timeouts: {request: 3s}
                    backendRefs: [{name: order, port: 8080}]
                  - backendRefs: [{name: order, port: 8080}]
                """);
        String before = get(story, "httproute/retries", "{.spec}");
        story.apply(Workload.of("order", "v2", 4).weight("25").yaml());
        Release conflict = story.awaitPhase("order", Release.Phase.CONFLICT);
        assertThat(conflict.problems().toString())
                .contains("HTTPRoute retries: has Service order as parent")
                .contains("canary.io/managed=true");
        assertThat(story.canary("check", "order").stdout())
                .contains("CAN103 HTTPRoute retries")
                .contains("kubectl annotate httproute retries canary.io/managed=true");
        assertThat(get(story, "httproute/retries", "{.spec}")).isEqualTo(before);

        story.annotate("httproute/retries", "canary.io/managed=true");
        story.awaitRelease(
                "order",
                "split, in route mode",
                r -> r.mode() == Release.Mode.ROUTE && r.phase() == Release.Phase.CANARY);
        assertThat(get(story, "httproute/retries", "{.spec.rules[*].backendRefs[*].weight}"))
                .isEqualTo("75 25 75 25");
        assertThat(get(story, "httproute/retries", "{.spec.rules[0].timeouts.request}"))
                .isEqualTo("3s");
        assertThat(routes(story).lines()).as("none of ours beside it").hasSize(1);

        story.canary("promote", "order", "--wait").orThrow();
        story.awaitReplicas(Map.of("order-v1", 0, "order-v2", 4)); // the delay goes with the keys
        story.canary("detach", "order", "--wait", "--timeout=3m").orThrow();
        assertThat(get(story, "httproute/retries", "{.spec}")).isEqualTo(before);
        assertThat(get(story, "httproute/retries", "{.metadata.annotations}")).doesNotContain("canary.io/original");
    }

    /// Our route steps back for one of the user's that comes to carry the weights, and returns when that goes.
    @Test
    void ourRouteStepsBack(Story story) {
        story.serve(DELAY, Workload.of("order", "v1", 4));
        story.apply(Workload.of("order", "v2", 4).weight("25").yaml());
        story.awaitPhase("order", Release.Phase.CANARY);
        story.apply("""
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: theirs, annotations: {canary.io/managed: "true"}}
                spec:
                  parentRefs: [{group: "", kind: Service, name: order}]
                  rules: [{backendRefs: [{name: order, port: 8080}]}]
                """);
        story.await("ours is gone", () -> !routes(story).contains("/order"));
        assertThat(get(story, "httproute/theirs", WEIGHTS)).isEqualTo("order-v1 order-v2=75 25");
        story.canary("set", "weight", "order", "50", "--wait").orThrow();
        assertThat(get(story, "httproute/theirs", WEIGHTS)).isEqualTo("order-v1 order-v2=50 50");
        story.awaitReplicas(Map.of("order-v1", 2, "order-v2", 2));
        story.kubectl("delete", "httproute", "theirs").orThrow();
        story.await(
                "ours is back, with the same weights",
                () -> get(story, "httproute/order", WEIGHTS).equals("order-v1 order-v2=50 50"));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    /// A VirtualService wins over routes of the Gateway API without a word: traffic follows pods then, and all that is
    /// told, also where Istio's kinds come later.
    @Test
    void rulesOfIstioAreTold(Story story) {
        story.serve(DELAY, Workload.of("order", "v1", 4));
        story.apply(Workload.of("order", "v2", 4).weight("25").yaml());
        // Pods first: beside a VirtualService traffic follows pods, and the recorder knows nothing of VirtualServices.
        story.awaitReplicas(Map.of("order-v1", 3, "order-v2", 1));
        IstioKinds.install(story.cluster());
        story.apply("""
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: tls}
                spec: {host: order, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
                """);
        story.awaitRelease(
                "order", "the DestinationRule is told", r -> told(r, Reason.DESTINATION_RULE, "/tls does not reach"));
        story.apply("""
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: old}
                spec:
                  hosts: [order]
                  http: [{route: [{destination: {host: order}}]}]
                """);
        Release release = story.awaitRelease(
                "order",
                "the VirtualService is told",
                r -> r.mode() == Release.Mode.REPLICA && told(r, Reason.VIRTUAL_SERVICE, "/old decides over"));
        assertThat(release.modeReason()).contains("/old decides over Service order in the mesh");
        assertThat(story.canary("check", "order").stdout()).contains("CAN109").contains("CAN110");
        story.kubectl("delete", "virtualservices.networking.istio.io", "old").orThrow();
        story.awaitRelease(
                "order", "route mode again", r -> r.mode() == Release.Mode.ROUTE && r.phase() == Release.Phase.CANARY);
    }

    /// A route in another namespace that has our Service as parent hides ours from the clients there.
    @Test
    void routesOfOtherNamespacesAreTold(Story story) {
        story.serve(DELAY, Workload.of("order", "v1", 4));
        String here = story.cluster().namespace();
        String there = here + "-consumer";
        story.kubectl("create", "namespace", there).orThrow();
        try {
            story.apply(Workload.of("order", "v2", 4)
                    .weight("25")
                    .with("canary.io/hosts", here + ".canary.example")
                    .yaml());
            story.awaitPhase("order", Release.Phase.CANARY);
            String routes = """
                    apiVersion: gateway.networking.k8s.io/v1
                    kind: HTTPRoute
                    metadata: {name: consumer}
                    spec:
                      parentRefs: [{group: "", kind: Service, name: order, namespace: %1$s, port: 8080}]
                      rules: [{backendRefs: [{name: order, namespace: %1$s, port: 8080}]}]
                    ---
                    apiVersion: gateway.networking.k8s.io/v1
                    kind: HTTPRoute
                    metadata: {name: claims}
                    spec:
                      parentRefs: [{name: somewhere}]
                      hostnames: [%1$s.canary.example]
                    """.formatted(here);
            story.kubectlWith(routes, "apply", "--namespace=" + there, "--filename=-")
                    .orThrow();
            Release release = story.awaitRelease(
                    "order",
                    "both are told",
                    r -> told(r, Reason.CONSUMER_ROUTE, there + "/consumer decides over Service order")
                            && told(r, Reason.HOSTS, "claimed by a route of another namespace"));
            assertThat(release.bypass().toString()).doesNotContain("claims");
            assertThat(story.canary("check", "order").stdout())
                    .contains("CAN108")
                    .contains("CAN111");
        } finally {
            story.kubectl("delete", "namespace", there); // until it is gone, and the routes with it
        }
        story.awaitRelease("order", "nothing more to tell", r -> !told(r, Reason.CONSUMER_ROUTE, ""));
    }

    /// A managed route in a mesh that is none: the question is settled after 10 s all the same.
    @Test
    void aManagedRouteThatNobodyAcceptsHoldsNothingUp(Story story) {
        story.mesh(MeshMode.OFF);
        story.apply(service(HTTP), Workload.of("order", "v1", 4).yaml(), """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: theirs, annotations: {canary.io/managed: "true"}}
                spec:
                  parentRefs: [{group: "", kind: Service, name: order, port: 8080}]
                  rules: [{backendRefs: [{name: order, port: 8080}]}]
                """);
        story.apply(Workload.of("order", "v2", 4).weight("25").yaml());
        story.awaitRelease(
                "order", "by pods", r -> r.mode() == Release.Mode.REPLICA && r.phase() == Release.Phase.CANARY);
        story.awaitReplicas(Map.of("order-v1", 3, "order-v2", 1));
        story.mesh(MeshMode.PROMPT);
        story.awaitRelease("order", "route mode", r -> r.mode() == Release.Mode.ROUTE);
        assertThat(get(story, "httproute/theirs", WEIGHTS)).isEqualTo("order-v1 order-v2=75 25");
        story.canary("detach", "order", "--wait", "--timeout=3m").orThrow();
        assertThat(get(story, "httproute/theirs", WEIGHTS)).isEqualTo("order=1");
    }

    /// A share that a controller cannot tell apart: the route of a port that nobody accepts is told.
    @Test
    void withoutAMeshAllPortsFollowPods(Story story) {
        story.mesh(MeshMode.OFF);
        story.apply(
                service(String.join(", ", HTTP, GRPC)),
                Workload.of("order", "v1", 4).yaml());
        story.apply(Workload.of("order", "v2", 4).weight("25").yaml());
        story.awaitRelease(
                "order", "by pods", r -> r.mode() == Release.Mode.REPLICA && r.phase() == Release.Phase.CANARY);
        story.awaitReplicas(Map.of("order-v1", 3, "order-v2", 1));
        story.await("both routes stand", () -> routes(story).lines().count() == 2);
        story.mesh(MeshMode.PROMPT);
        story.awaitRelease("order", "route mode", r -> r.mode() == Release.Mode.ROUTE);
    }
}
