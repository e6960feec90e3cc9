// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canary.e2e.junit.CanaryCluster;
import io.canary.e2e.junit.Cluster;
import io.canary.e2e.testbed.Component;
import io.canary.e2e.testbed.PodBehaviour;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/// The observers on a real API server, with a hand that plays the product.
@CanaryCluster(product = false)
@ResourceLock(value = "cluster", mode = ResourceAccessMode.READ_WRITE)
class WatchIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Limits NO_FIRST_WAIT = Limits.DESIGN.withFirstWeight(Duration.ZERO);

    @Test
    void routeGetsStatusAndFollowsItsServices(Cluster cluster) {
        try (MeshStandIn _ = MeshStandIn.start(cluster.client());
                InvariantRecorder recorder = InvariantRecorder.start(cluster.client(), cluster.namespace())) {
            apply(cluster, "kubectl", service("order", ""));
            apply(cluster, "kubectl", route(100, 0));
            recorder.await(
                    "accepted, a ref unresolved",
                    LIMIT,
                    _ -> status(cluster).equals(List.of("Accepted True 1", "ResolvedRefs False 1")));
            apply(cluster, "kubectl", service("order-v1", "version: v1"));
            recorder.await(
                    "resolved", LIMIT, _ -> status(cluster).equals(List.of("Accepted True 1", "ResolvedRefs True 1")));
            cluster.client()
                    .services()
                    .inNamespace(cluster.namespace())
                    .withName("order")
                    .delete();
            recorder.await(
                    "no parent",
                    LIMIT,
                    _ -> status(cluster).equals(List.of("Accepted False 1", "ResolvedRefs True 1")));
        }
    }

    @Test
    void modesOfOneNamespaceHold(Cluster cluster) {
        try (MeshStandIn mesh = MeshStandIn.start(cluster.client());
                InvariantRecorder recorder = InvariantRecorder.start(cluster.client(), cluster.namespace())) {
            mesh.play(cluster.namespace(), MeshMode.OFF);
            apply(cluster, "kubectl", service("order", ""), service("order-v1", "version: v1"));
            apply(cluster, "kubectl", route(100, 0));
            recorder.await(
                    "the route is seen", LIMIT, r -> r.weightHistory("order").size() == 1);
            assertThat(status(cluster)).isEmpty();
            mesh.play(cluster.namespace(), MeshMode.PROMPT);
            recorder.await(
                    "reported", LIMIT, _ -> status(cluster).equals(List.of("Accepted True 1", "ResolvedRefs True 1")));
            mesh.play(cluster.namespace(), MeshMode.NOT_ACCEPTED);
            recorder.await("not accepted", LIMIT, _ -> status(cluster).contains("Accepted False 1"));
            mesh.play(cluster.namespace(), MeshMode.STALE);
            apply(cluster, "kubectl", service("order-v2", "version: v2"));
            apply(cluster, "kubectl", route(90, 10));
            recorder.await(
                    "stale", LIMIT, _ -> status(cluster).equals(List.of("Accepted True 1", "ResolvedRefs True 1")));
            mesh.play(cluster.namespace(), MeshMode.REFS_FALSE);
            recorder.await(
                    "refs false",
                    LIMIT,
                    _ -> status(cluster).equals(List.of("Accepted True 2", "ResolvedRefs False 2")));
            mesh.play(cluster.namespace(), MeshMode.GONE);
            recorder.await("gone", LIMIT, _ -> status(cluster).isEmpty());
            mesh.play(cluster.namespace(), MeshMode.slow(Duration.ofSeconds(1)));
            long began = System.nanoTime();
            recorder.await("slow", LIMIT, _ -> !status(cluster).isEmpty());
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(900));
        }
    }

    @Test
    void releaseByTheRulesIsClean(Cluster cluster) {
        try (MeshStandIn _ = MeshStandIn.start(cluster.client());
                InvariantRecorder recorder =
                        InvariantRecorder.start(cluster.client(), cluster.namespace(), NO_FIRST_WAIT)) {
            order(cluster, recorder);
            apply(cluster, "canary", route(90, 10));
            scale(cluster, "order-v2", 2);
            recorder.await("two pods", LIMIT, r -> r.readyEndpoints("order-v2") == 2);
            apply(cluster, "canary", route(50, 50));
            recorder.await("status is current", LIMIT, _ -> status(cluster).contains("Accepted True 2"));
            cluster.kubectl("annotate", "service", "order", "canary.io/scale-down-delay=0s", "--overwrite")
                    .orThrow();
            recorder.await(
                    "the annotation is seen", LIMIT, r -> r.timelineText().contains("scale-down-delay"));
            scale(cluster, "order-v1", 1);
            recorder.await("scaled", LIMIT, r -> r.replicaHistory("order-v1").equals(List.of(2, 1)));
            recorder.assertClean();
            assertThat(recorder.weights("order")).isEqualTo(Map.of("order-v1", 5000, "order-v2", 5000));
            assertThat(recorder.weightHistory("order"))
                    .containsExactly(
                            Map.of("order-v1", 9000, "order-v2", 1000), Map.of("order-v1", 5000, "order-v2", 5000));
        }
    }

    @Test
    void raiseWithoutEndpointsIsCaught(Cluster cluster) {
        try (InvariantRecorder recorder =
                InvariantRecorder.start(cluster.client(), cluster.namespace(), NO_FIRST_WAIT)) {
            order(cluster, recorder);
            apply(cluster, "canary", route(90, 10));
            cluster.behave("version=v2", PodBehaviour.NEVER_READY);
            recorder.await("v2 lost its endpoints", LIMIT, r -> r.readyEndpoints("order-v2") == 0);
            recorder.assertClean();
            apply(cluster, "canary", route(50, 50));
            recorder.await("the raise is seen", LIMIT, r -> r.weights("order").containsValue(5000));
            assertThatThrownBy(recorder::assertClean)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("RAISED_WITHOUT_ENDPOINTS")
                    .hasMessageContaining("order-v2 raised from 10 % to 50 %");
        }
    }

    @Test
    void weightThatLingersAndEarlyScaleDownAreCaught(Cluster cluster) {
        Limits limits = NO_FIRST_WAIT.withWithdrawal(Duration.ofSeconds(1));
        try (MeshStandIn _ = MeshStandIn.start(cluster.client());
                InvariantRecorder recorder = InvariantRecorder.start(cluster.client(), cluster.namespace(), limits)) {
            order(cluster, recorder);
            apply(cluster, "canary", route(90, 10));
            recorder.await("reported", LIMIT, _ -> status(cluster).contains("Accepted True 1"));
            scale(cluster, "order-v2", 0);
            recorder.await(
                    "both are caught",
                    LIMIT,
                    r -> rules(r).containsAll(
                                    List.of(Violation.Rule.SCALED_BELOW_WEIGHT, Violation.Rule.WEIGHT_LINGERS)));
        }
    }

    @Test
    void someoneElsesScalingIsNotOurs(Cluster cluster) {
        try (MeshStandIn _ = MeshStandIn.start(cluster.client());
                InvariantRecorder recorder =
                        InvariantRecorder.start(cluster.client(), cluster.namespace(), NO_FIRST_WAIT)) {
            order(cluster, recorder);
            apply(cluster, "canary", route(90, 10));
            recorder.await("reported", LIMIT, _ -> status(cluster).contains("Accepted True 1"));
            cluster.kubectl("scale", "deployment/order-v1", "--replicas=1").orThrow();
            recorder.await("scaled", LIMIT, r -> r.replicaHistory("order-v1").equals(List.of(2, 1)));
            recorder.assertClean();
        }
    }

    @Test
    void routeBeforeItsServiceIsCaughtAndServiceBeforeItsRouteIsNot(Cluster cluster) {
        try (InvariantRecorder recorder =
                InvariantRecorder.start(cluster.client(), cluster.namespace(), NO_FIRST_WAIT)) {
            order(cluster, recorder);
            apply(cluster, "canary", route(100, 0));
            recorder.assertClean();
            apply(
                    cluster,
                    "canary",
                    route(100, 0)
                            .replace("order-v2", "order-v3")
                            .replace("100", "99")
                            .replace("weight: 0", "weight: 1"));
            recorder.await("caught", LIMIT, r -> rules(r).contains(Violation.Rule.SERVICE_MISSING));
        }
    }

    @Test
    void routesAreFoundWhenTheirKindAppearsAgain(Cluster cluster) {
        cluster.controlPlane().gatewayApi().remove();
        try (MeshStandIn _ = MeshStandIn.start(cluster.client());
                InvariantRecorder recorder =
                        InvariantRecorder.start(cluster.client(), cluster.namespace(), NO_FIRST_WAIT)) {
            order(cluster, recorder);
            cluster.controlPlane().gatewayApi().install();
            apply(cluster, "canary", route(90, 10));
            recorder.await("reported", LIMIT, _ -> status(cluster).contains("Accepted True 1"));
            recorder.await("seen", LIMIT, r -> r.weights("order").containsValue(9000));
            cluster.controlPlane().gatewayApi().remove();
            recorder.await("seen to be gone", LIMIT, r -> r.weights("order").isEmpty());
            cluster.controlPlane().gatewayApi().install();
            apply(cluster, "canary", route(80, 20));
            recorder.await("seen again", LIMIT, r -> r.weights("order").containsValue(8000));
            recorder.await("reported again", LIMIT, _ -> status(cluster).contains("Accepted True 1"));
        } finally {
            cluster.controlPlane().gatewayApi().install();
        }
    }

    @Test
    void nothingIsMissedWhenTheApiServerRestarts(Cluster cluster) {
        try (MeshStandIn _ = MeshStandIn.start(cluster.client());
                InvariantRecorder recorder =
                        InvariantRecorder.start(cluster.client(), cluster.namespace(), NO_FIRST_WAIT)) {
            order(cluster, recorder);
            apply(cluster, "canary", route(90, 10));
            cluster.controlPlane().restart(Component.API_SERVER);
            apply(cluster, "canary", route(60, 40));
            cluster.kubectl("delete", "service", "order-v2").orThrow();
            recorder.await(
                    "the weights",
                    Duration.ofSeconds(60),
                    r -> r.weights("order").containsValue(6000));
            recorder.await(
                    "the status",
                    LIMIT,
                    _ -> status(cluster).equals(List.of("Accepted True 2", "ResolvedRefs False 2")));
            recorder.await("the lost Service", LIMIT, r -> r.timelineText().contains("Service/order-v2 DELETED"));
        }
    }

    @Test
    void auditLogTellsWhoWroteWhat(Cluster cluster) {
        AuditLog log = new AuditLog(cluster.controlPlane().auditLog());
        String user = cluster.client().getConfiguration().getUsername();
        try (InvariantRecorder recorder = InvariantRecorder.start(cluster.client(), cluster.namespace())) {
            long mark = log.mark();
            apply(cluster, "kubectl", service("order", ""));
            recorder.await(
                    "the call is logged",
                    LIMIT,
                    _ -> log.since(mark)
                                    .in(cluster.namespace())
                                    .writes()
                                    .on("services")
                                    .count()
                            == 1);
            Call call = log.since(mark)
                    .in(cluster.namespace())
                    .writes()
                    .on("services")
                    .all()
                    .getFirst();
            assertThat(call.name()).isEqualTo("order");
            assertThat(call.verb()).isEqualTo("patch");
            assertThat(call.code()).isEqualTo(201);
            assertThat(user == null || !user.isEmpty()).isTrue();
            Calls quiet = log.awaitQuiet(mark, call.user(), Duration.ofMillis(300), LIMIT);
            assertThat(quiet.in(cluster.namespace()).on("services").count()).isEqualTo(1);

            recorder.withAudit(log, call.user());
            apply(cluster, "kubectl", deployment("v1", 1));
            cluster.kubectl("delete", "deployment", "order-v1").orThrow();
            recorder.await("the deletion is told", LIMIT, r -> rules(r).contains(Violation.Rule.DEPLOYMENT_DELETED));
        }
    }

    private static List<Violation.Rule> rules(InvariantRecorder recorder) {
        return recorder.violations().stream().map(Violation::rule).toList();
    }

    /// Root Service, both version Services, both Deployments with two and one pods, all ready.
    private static void order(Cluster cluster, InvariantRecorder recorder) {
        apply(
                cluster,
                "kubectl",
                service("order", "").replace("metadata:", """
                        metadata:
                          annotations: {canary.io/stable: v1, canary.io/replicas: "3"}"""),
                service("order-v1", "version: v1"),
                service("order-v2", "version: v2"),
                deployment("v1", 2),
                deployment("v2", 1));
        recorder.await("endpoints", LIMIT, r -> r.readyEndpoints("order-v1") == 2 && r.readyEndpoints("order-v2") == 1);
    }

    private static void apply(Cluster cluster, String manager, String... objects) {
        PatchContext context = PatchContext.of(PatchType.SERVER_SIDE_APPLY);
        context.setFieldManager(manager);
        context.setForce(true);
        for (String yaml : objects) {
            GenericKubernetesResource object =
                    cluster.client().getKubernetesSerialization().unmarshal(yaml, GenericKubernetesResource.class);
            object.getMetadata().setNamespace(cluster.namespace());
            cluster.client().resource(object).patch(context);
        }
    }

    private static void scale(Cluster cluster, String deployment, int replicas) {
        PatchContext context = PatchContext.of(PatchType.JSON_MERGE);
        context.setFieldManager("canary");
        cluster.client()
                .apps()
                .deployments()
                .inNamespace(cluster.namespace())
                .withName(deployment)
                .subresource("scale")
                .patch(context, "{\"spec\":{\"replicas\":%d}}".formatted(replicas));
    }

    private static List<String> status(Cluster cluster) {
        GenericKubernetesResource route = cluster.client()
                .genericKubernetesResources(Kinds.HTTP_ROUTE)
                .inNamespace(cluster.namespace())
                .withName("order")
                .get();
        if (route == null) {
            return List.of();
        }
        List<Map<?, ?>> parents =
                MeshStatus.maps(Objects.requireNonNullElse(route.<Object>get("status", "parents"), List.of()));
        return parents.stream()
                .flatMap(p -> MeshStatus.maps(p.get("conditions")).stream())
                .map(c -> "%s %s %s".formatted(c.get("type"), c.get("status"), c.get("observedGeneration")))
                .toList();
    }

    private static String service(String name, String selector) {
        return """
                apiVersion: v1
                kind: Service
                metadata:
                  name: %s
                spec:
                  selector: {app: order%s}
                  ports:
                  - {name: http, port: 80, targetPort: 8080}
                """.formatted(name, selector.isEmpty() ? "" : ", " + selector);
    }

    private static String deployment(String version, int replicas) {
        return """
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  name: order-%1$s
                  annotations: {canary.io/app: order}
                spec:
                  replicas: %2$d
                  selector: {matchLabels: {app: order, version: %1$s}}
                  template:
                    metadata:
                      labels: {app: order, version: %1$s}
                    spec:
                      containers:
                      - {name: app, image: order:%1$s}
                """.formatted(version, replicas);
    }

    private static String route(int v1, int v2) {
        return """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata:
                  name: order
                  labels: {canary.io/app: order}
                spec:
                  parentRefs:
                  - {group: "", kind: Service, name: order, port: 80}
                  rules:
                  - matches:
                    - path: {type: PathPrefix, value: /}
                    backendRefs:
                    - {group: "", kind: Service, name: order-v1, port: 80, weight: %d}
                    - {group: "", kind: Service, name: order-v2, port: 80, weight: %d}
                """.formatted(v1, v2);
    }
}
