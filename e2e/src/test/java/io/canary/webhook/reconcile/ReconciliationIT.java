// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.RouteKind;
import io.canary.e2e.junit.CanaryCluster;
import io.canary.e2e.junit.Cluster;
import io.canary.e2e.testbed.Await;
import io.canary.e2e.testbed.ClusterUser;
import io.canary.e2e.watch.MeshStandIn;
import io.canary.webhook.MonotonicClock;
import io.canary.webhook.WebhookConfig;
import io.canary.webhook.kube.Api;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@CanaryCluster(product = false)
@ResourceLock(value = "cluster", mode = ResourceAccessMode.READ_WRITE)
class ReconciliationIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static Reconciliation start(Cluster cluster, String pod) {
        Bench.installReleases(cluster);
        KubernetesClient client = cluster.controlPlane().newClient(ClusterUser.ADMIN);
        WebhookConfig config = WebhookConfig.from(Map.of("CANARY_NAMESPACE", cluster.namespace(), "POD_NAME", pod));
        return Reconciliation.start(client, config, new SimpleMeterRegistry());
    }

    private static String weights(Cluster cluster) {
        return cluster.kubectl("get", "httproute", "order", "-o", "jsonpath={.spec.rules[*].backendRefs[*].weight}")
                .stdout();
    }

    @Test
    void annotationMovesTraffic(Cluster cluster) throws Exception {
        try (Bench bench = Bench.start(cluster);
                MeshStandIn mesh = MeshStandIn.start(cluster.client())) {
            Reconciliation product = start(cluster, "one");
            try {
                bench.order("v1", 4, "");
                bench.order("v2", 2, "");
                bench.awaitView(
                        "six ready pods", view -> Bench.ready(view, "order").size() == 6);
                cluster.kubectl("annotate", "service", "order", "canary.io/stable=v1")
                        .orThrow();
                cluster.kubectl("annotate", "deployment", "order-v2", "canary.io/weight=50")
                        .orThrow();
                Await.until(
                        "50/50",
                        LIMIT,
                        () -> weights(cluster).equals("50 50"),
                        () -> weights(cluster)
                                + cluster.kubectl("get", "release", "order", "-o", "yaml")
                                        .stdout());
                Await.until(
                        "at rest",
                        LIMIT,
                        () -> cluster.kubectl("wait", "--for=condition=Ready", "release/order", "--timeout=1s")
                                .succeeded());
            } finally {
                product.close();
            }
            assertThat(mesh).isNotNull();
        }
    }

    @Test
    void successorStartsAtOnceWhenTheLeaderResigns(Cluster cluster) {
        Reconciliation first = start(cluster, "one");
        Await.until("the first leads", LIMIT, first::isLeader);
        Reconciliation second = start(cluster, "two");
        Await.until("the second is ready", LIMIT, second::ready);
        assertThat(second.isLeader()).isFalse();
        first.resign();
        assertThat(first.isLeader()).isFalse();
        Await.until("the second leads", Duration.ofSeconds(3), second::isLeader);
        first.close();
        second.close();
    }

    /// The API server refuses a time that is written back as Java prints it: without the zeros at its end.
    @Test
    void holderRenewsALeaseTakenAtAnyTime(Cluster cluster) {
        Leadership leadership = leadership(cluster);
        leadership.round();
        for (String acquired : List.of("2026-01-02T03:04:05.120000Z", "2026-01-02T03:04:00.000000Z")) {
            cluster.kubectl(
                            "patch",
                            "lease/canary",
                            "--type=merge",
                            "--patch={\"spec\": {\"acquireTime\": \"" + acquired + "\"}}")
                    .orThrow();
            leadership.round(); // refused: somebody wrote it
            String before = lease(cluster, "renewTime");
            leadership.round();
            leadership.round();
            assertThat(lease(cluster, "renewTime")).isGreaterThan(before);
            assertThat(lease(cluster, "acquireTime")).isEqualTo(acquired);
        }
        leadership.close();
        assertThat(lease(cluster, "holderIdentity")).isEmpty();
    }

    @Test
    void holderMakesALeaseAgainThatWasDeleted(Cluster cluster) {
        Leadership leadership = leadership(cluster);
        leadership.round();
        cluster.kubectl("delete", "lease/canary").orThrow();
        leadership.round();
        leadership.round();
        assertThat(lease(cluster, "holderIdentity")).isEqualTo("me");
        leadership.close();
    }

    /// Without a thread of its own: the test calls each round.
    private static Leadership leadership(Cluster cluster) {
        return new Leadership(
                new Api(cluster.client(), Duration.ofSeconds(2)),
                new Leadership.Terms(
                        cluster.namespace(),
                        "canary",
                        "me",
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(2)),
                new MonotonicClock(),
                () -> {},
                () -> {});
    }

    private static String lease(Cluster cluster, String field) {
        return cluster.kubectl("get", "lease/canary", "-o", "jsonpath={.spec." + field + "}")
                .orThrow()
                .stdout();
    }

    @Test
    void routesAreWatchedWhileTheyAreServed(Cluster cluster) throws Exception {
        try (Bench bench = Bench.start(cluster)) {
            assertThat(bench.view().gatewayApi()).containsOnlyKeys(RouteKind.HTTP, RouteKind.GRPC);
            bench.order("v1", 1, "canary.io/weight: '50'");
            bench.apply(Bench.route(100, 0, List.of()));
            cluster.controlPlane().gatewayApi().remove();
            bench.awaitView(
                    "no Gateway API",
                    view -> view.gatewayApi().isEmpty() && view.routes().isEmpty());
            bench.told.clear();
            cluster.controlPlane().gatewayApi().install();
            bench.awaitView("the Gateway API", view -> view.gatewayApi().size() == 2);
            Await.until("the app is told", LIMIT, () -> bench.told.contains(bench.order()));
            bench.apply(Bench.route(100, 0, List.of()));
            assertThat(bench.view().routes()).hasSize(1);
        }
    }

    @Test
    void namespaceThatGoesAwayIsLeftAlone(Cluster cluster) throws Exception {
        String doomed = cluster.namespace() + "-doomed";
        try (Bench bench = Bench.start(cluster)) {
            cluster.kubectl("create", "namespace", doomed).orThrow();
            // A finalizer of ours holds it in termination.
            cluster.kubectl("create", "configmap", "hold", "-n", doomed).orThrow();
            cluster.kubectl(
                            "patch",
                            "configmap",
                            "hold",
                            "-n",
                            doomed,
                            "-p",
                            "{\"metadata\":{\"finalizers\":[\"test/hold\"]}}")
                    .orThrow();
            cluster.kubectl("delete", "namespace", doomed, "--wait=false").orThrow();
            var step = Bench.route(100, 0, List.of());
            var key = new AppKey(doomed, "order");
            var result = bench.applier.apply(key, bench.cache.view(doomed), List.of(step));
            assertThat(result)
                    .isInstanceOfSatisfying(
                            PlanApplier.Result.Failed.class,
                            failed -> assertThat(failed.cause().namespaceTerminating())
                                    .isTrue());
            bench.applier.apply(key, bench.cache.view(doomed), List.of(step));
            cluster.kubectl(
                            "patch",
                            "configmap",
                            "hold",
                            "-n",
                            doomed,
                            "--type=merge",
                            "-p",
                            "{\"metadata\":{\"finalizers\":null}}")
                    .orThrow();
        }
    }
}
