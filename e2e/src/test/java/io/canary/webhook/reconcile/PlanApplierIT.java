// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.plan.Step;
import io.canary.e2e.junit.CanaryCluster;
import io.canary.e2e.junit.Cluster;
import io.canary.e2e.testbed.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@CanaryCluster(product = false)
@ResourceLock(value = "cluster", mode = ResourceAccessMode.READ)
class PlanApplierIT {
    private static final Release RELEASE = new Release(
            Release.Phase.CANARY,
            "",
            "v1",
            List.of("v0"),
            3,
            Release.Mode.ROUTE,
            "accepted by mesh.test",
            false,
            List.of(new Release.VersionStatus(
                    "v2",
                    "order-v2",
                    "u2",
                    1_225,
                    1_225,
                    3_333,
                    1,
                    1,
                    1,
                    "",
                    null,
                    false,
                    new Release.Withdrawal(500, Instant.parse("2026-01-01T00:00:00.123456789Z"), null, "5/abc"),
                    new Release.Standing(
                            new Release.Begun("jane", Instant.parse("2026-01-01T00:00:00.5Z"), "abc"),
                            new Release.Verdict("abc", List.of("success-rate")),
                            new Release.Limit(2_500, "prod", Instant.parse("2026-01-01T01:00:00Z")),
                            new Release.Waiver(
                                    "jane",
                                    Instant.parse("2026-01-01T00:00:00Z"),
                                    "CHG-123: outage",
                                    "5/abc",
                                    List.of("CHG-123: outage"))))),
            List.of(),
            0,
            List.of(),
            List.of(new Release.RouteStatus(
                    "HTTPRoute", "order", "Service order:80", "mesh.test", true, true, 1, true, "Accepted")),
            List.of(new Release.Move(
                    Instant.parse("2026-01-01T00:00:00Z"),
                    "jane",
                    "v1 100",
                    "v1 87.75, v2 12.25",
                    "asked",
                    "allowed by prod")));

    @Test
    void everyKindOfStepIsWrittenAndSeenAtOnce(Cluster cluster) throws Exception {
        try (Bench bench = Bench.start(cluster)) {
            bench.order("v2", 1, "canary.io/weight: '50'");
            bench.awaitView("a ready pod", view -> Bench.ready(view, "order").size() == 1);
            DeploymentFacts v2 = bench.view().deployments().getFirst();
            ServiceFacts root = bench.view().services().getFirst();
            Step service = new Step.EnsureService(
                    "order",
                    "order-v2",
                    Map.of("app", "order", "version", "v2"),
                    root.ports(),
                    root.ipFamilies(),
                    "SingleStack",
                    "a test");
            var result = bench.apply(
                    service,
                    new Step.Mark(
                            "order-v2",
                            v2.uid(),
                            Map.of("canary.io/app", "order", "canary.io/total", "3"),
                            Set.of(),
                            "t"),
                    Bench.route(50, 50, List.of()),
                    new Step.Scale("order-v2", v2.uid(), 1, 2, "a test"),
                    new Step.Report("order", RELEASE, "a test"),
                    new Step.Tell("Service", "order", false, "Moved", "v2 50"));
            assertThat(result).isEqualTo(new PlanApplier.Result.Applied());
            var view = bench.view();
            assertThat(view.services()).extracting(ServiceFacts::name).contains("order-v2");
            assertThat(view.deployments().getFirst().replicas()).isEqualTo(2);
            assertThat(view.deployments().getFirst().annotations()).containsEntry("canary.io/total", "3");
            RouteFacts route = view.routes().getFirst().route();
            assertThat(route.rules()).isEqualTo(Bench.route(50, 50, List.of()).rules());
            assertThat(route.parentPort()).isEqualTo(80);
            assertThat(route.weights()).isEqualTo(Map.of("order-v1", 50, "order-v2", 50));
            assertThat(route.written()).isNotNull();
            assertThat(view.releases()).containsEntry("order", RELEASE);
            // Nothing is written twice; what the informer brings is what we put in.
            assertThat(bench.apply(service, new Step.Scale("order-v2", v2.uid(), 1, 2, "again")))
                    .isEqualTo(new PlanApplier.Result.Applied());
            assertThat(cluster.audit().stream().filter(l -> l.contains("\"services\"") && l.contains("\"patch\"")))
                    .hasSize(1);
            assertThat(cluster.kubectl("get", "releases").orThrow().stdout())
                    .contains("v2 12.25", "Canary", "1/1", "STABLE", "IN FORCE");
            assertThat(cluster.kubectl("wait", "--for=condition=Ready", "release/order", "--timeout=5s")
                            .succeeded())
                    .isTrue();
            Await.until(
                    "the Event",
                    Bench.LIMIT,
                    () -> cluster.kubectl("describe", "service", "order")
                            .orThrow()
                            .stdout()
                            .contains("Moved"));
            var gone = bench.apply(
                    new Step.Delete(Step.Delete.Kind.HTTP_ROUTE, "order", "t"),
                    new Step.Delete(Step.Delete.Kind.SERVICE, "order-v2", "t"),
                    new Step.Delete(Step.Delete.Kind.RELEASE, "order", "t"),
                    new Step.Mark("order-v2", v2.uid(), Map.of(), Set.of("canary.io/app", "canary.io/total"), "t"));
            assertThat(gone).isEqualTo(new PlanApplier.Result.Applied());
            assertThat(bench.view().routes()).isEmpty();
            assertThat(bench.view().releases()).isEmpty();
            assertThat(bench.view().deployments().getFirst().annotations()).doesNotContainKey("canary.io/app");
            assertThat(cluster.kubectl("get", "svc,httproute,release", "-o", "name")
                            .orThrow()
                            .stdout()
                            .strip())
                    .isEqualTo("service/order");
        }
    }

    /// A route of the user's that the API server does not take must not hold up the rest; but nothing that it may still
    /// send traffic to is taken away.
    @Test
    void aRefusedRouteOfTheUsersHoldsUpOnlyWhatTakesAway(Cluster cluster) throws Exception {
        try (Bench bench = Bench.start(cluster)) {
            bench.order("v2", 2, "");
            cluster.apply("""
                    apiVersion: gateway.networking.k8s.io/v1
                    kind: HTTPRoute
                    metadata: {name: shop, annotations: {canary.io/managed: "true"}}
                    spec: {rules: [{backendRefs: [{name: order, port: 80}]}]}
                    """).orThrow();
            bench.awaitView("the route", view -> view.routes().size() == 1);
            bench.awaitView("the version", view -> view.deployments().size() == 1);
            DeploymentFacts v2 = bench.view().deployments().getFirst();
            Map<String, Object> tooHeavy = Map.of("name", "order", "port", 80, "weight", 2_000_000);
            var result = bench.apply(
                    new Step.EditRoute(
                            RouteKind.HTTP,
                            "shop",
                            List.of(Map.of("backendRefs", List.of(tooHeavy))),
                            Set.of(),
                            Map.of(),
                            "t"),
                    new Step.Scale("order-v2", v2.uid(), 2, 1, "fewer"),
                    new Step.Mark("order-v2", v2.uid(), Map.of("canary.io/app", "order"), Set.of(), "t"));
            assertThat(result).isInstanceOfSatisfying(PlanApplier.Result.Partly.class, partly -> {
                assertThat(partly.first().target()).isEqualTo("HTTPRoute/shop");
                assertThat(partly.refused()).containsOnlyKeys("HTTPRoute/shop");
            });
            DeploymentFacts after = bench.view().deployments().getFirst();
            assertThat(after.replicas()).isEqualTo(2);
            assertThat(after.annotations()).containsEntry("canary.io/app", "order");
        }
    }

    @Test
    void whatChangedSinceThePlanIsNotOverwritten(Cluster cluster) throws Exception {
        try (Bench bench = Bench.start(cluster)) {
            bench.order("v1", 1, "canary.io/weight: '50'");
            bench.awaitView("a ready pod", view -> Bench.ready(view, "order").size() == 1);
            bench.apply(Bench.route(100, 0, List.of()));
            var old = bench.view();
            cluster.kubectl("annotate", "deployment", "order-v1", "canary.io/weight=60", "--overwrite")
                    .orThrow();
            cluster.kubectl(
                            "patch",
                            "httproute",
                            "order",
                            "--type=json",
                            "-p",
                            "[{\"op\":\"replace\",\"path\":\"/spec/rules/0/backendRefs/0/weight\",\"value\":7}]")
                    .orThrow();
            bench.awaitView(
                    "the edits",
                    view -> view.deployments().getFirst().annotations().containsValue("60")
                            && view.routes().getFirst().route().weights().getOrDefault("order-v1", 0) == 7);
            String uid = old.deployments().getFirst().uid();
            assertThat(bench.applier.apply(bench.order(), old, List.of(Bench.route(90, 10, List.of()))))
                    .isInstanceOf(PlanApplier.Result.Stale.class);
            assertThat(bench.applier.apply(bench.order(), old, List.of(new Step.Scale("order-v1", uid, 1, 5, "t"))))
                    .isInstanceOf(PlanApplier.Result.Stale.class);
            assertThat(bench.view().routes().getFirst().route().manager()).startsWith("kubectl");
            assertThat(bench.apply(Bench.route(90, 10, List.of()))).isInstanceOf(PlanApplier.Result.Applied.class);
            assertThat(bench.view().routes().getFirst().route().weights()).containsEntry("order-v1", 90);
        }
    }

    @Test
    void noWeightIsGivenToEndpointsThatWentUnseen(Cluster cluster) throws Exception {
        try (Bench bench = Bench.start(cluster)) {
            bench.order("v2", 1, "canary.io/weight: '50'");
            cluster.apply("""
                    apiVersion: v1
                    kind: Service
                    metadata: {name: order-v2}
                    spec: {selector: {app: order, version: v2}, ports: [{port: 80, targetPort: 8080}]}
                    """).orThrow();
            bench.awaitView("a ready pod", view -> Bench.ready(view, "order-v2").size() == 1);
            ClusterCache silent = silent(cluster);
            var before = silent.view(cluster.namespace());
            ClusterCache later = silent(cluster);
            ClusterCache trusting = silent(cluster);
            cluster.kubectl("scale", "deployment/order-v2", "--replicas=0").orThrow();
            bench.awaitView("it is gone", view -> Bench.ready(view, "order-v2").isEmpty());
            var step = Bench.route(50, 50, List.of());
            assertThat(bench.applierOn(silent, Duration.ZERO).apply(bench.order(), before, List.of(step)))
                    .isInstanceOf(PlanApplier.Result.Stale.class);
            assertThat(Bench.ready(silent.view(cluster.namespace()), "order-v2"))
                    .as("the next plan sees it")
                    .isEmpty();

            cluster.kubectl("delete", "service/order-v2").orThrow();
            bench.awaitView("its slice is gone too", view -> !view.endpoints().containsKey("order-v2"));
            var past = later.view(cluster.namespace());
            assertThat(bench.applierOn(later, Duration.ZERO).apply(bench.order(), past, List.of(step)))
                    .isInstanceOf(PlanApplier.Result.Stale.class);
            assertThat(bench.view().routes()).as("nothing was written").isEmpty();

            assertThat(bench.applierOn(trusting, Duration.ofDays(1))
                            .apply(bench.order(), trusting.view(cluster.namespace()), List.of(step)))
                    .as("where the watch is taken to be alive")
                    .isInstanceOf(PlanApplier.Result.Applied.class);
        }
    }

    /// One that knows the endpoints of now, and is told nothing more.
    private static ClusterCache silent(Cluster cluster) {
        var cache = new ClusterCache((_, _) -> {});
        cluster.client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(cluster.namespace())
                .list()
                .getItems()
                .forEach(cache.slices::offer);
        return cache;
    }

    @Test
    void nothingOfAnotherOwnerIsWritten(Cluster cluster) throws Exception {
        try (Bench bench = Bench.start(cluster)) {
            bench.order("v1", 0, "canary.io/weight: '50'");
            bench.awaitView("the Service", view -> !view.services().isEmpty());
            // The cache does not know of it yet: only the API server can tell.
            cluster.kubectl("create", "service", "clusterip", "order-v2", "--tcp=80")
                    .orThrow();
            var blind = new ClusterCache((_, _) -> {});
            var step = new Step.EnsureService(
                    "order",
                    "order-v2",
                    Map.of("app", "order"),
                    bench.view().services().getFirst().ports(),
                    List.of(),
                    "",
                    "t");
            assertThat(bench.applierOn(blind).apply(bench.order(), blind.view(cluster.namespace()), List.of(step)))
                    .isInstanceOf(PlanApplier.Result.Stale.class);
            bench.awaitView("both Services", view -> view.services().size() == 2);
            assertThat(bench.once(step)).isInstanceOf(PlanApplier.Result.Stale.class);
            assertThat(bench.once(new Step.Delete(Step.Delete.Kind.SERVICE, "order-v2", "t")))
                    .isInstanceOf(PlanApplier.Result.Stale.class);
        }
    }

    @Test
    void foreignRulesSurvive(Cluster cluster) throws Exception {
        try (Bench bench = Bench.start(cluster)) {
            bench.apply(Bench.route(100, 0, List.of()));
            cluster.kubectl("patch", "httproute", "order", "--type=json", "-p", """
                            [{"op":"add","path":"/spec/rules/0","value":{"matches":[{"headers":[{"name":"x","value":"1"}]}],
                            "timeouts":{"request":"3s"},"backendRefs":[{"name":"other","port":80}]}}]""")
                    .orThrow();
            bench.awaitView(
                    "the rule",
                    view -> view.routes().getFirst().route().foreignRules().size() == 1);
            var before = bench.view().routes().getFirst().route();
            assertThat(before.rule()).containsOnlyKeys("matches", "backendRefs");
            assertThat(before.weights()).isEqualTo(Map.of("order-v1", 100, "order-v2", 0));
            bench.apply(Bench.route(50, 50, before.foreignRules()));
            var after = bench.view().routes().getFirst().route();
            assertThat(after.foreignRules()).isEqualTo(before.foreignRules());
            assertThat(after.foreignRules().toString()).contains("request=3s");
            assertThat(after.weights()).isEqualTo(Map.of("order-v1", 50, "order-v2", 50));
        }
    }
}
