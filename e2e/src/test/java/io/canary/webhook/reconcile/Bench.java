// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.plan.Step;
import io.canary.e2e.junit.Cluster;
import io.canary.e2e.testbed.Await;
import io.canary.webhook.MonotonicClock;
import io.canary.webhook.kube.Api;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// Cache and applier on a real cluster, without queue, planner and leadership: tests hand in the plans.
final class Bench implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(30);

    final Cluster cluster;
    final ClusterCache cache;
    final PlanApplier applier;
    final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    final ConcurrentLinkedQueue<AppKey> told = new ConcurrentLinkedQueue<>();
    private final ClusterWatch watch;

    private Bench(Cluster cluster) {
        this.cluster = cluster;
        this.cache = new ClusterCache((namespace, apps) -> apps.forEach(app -> told.add(new AppKey(namespace, app))));
        this.watch = new ClusterWatch(cluster.client(), cache);
        this.applier = applierOn(cache);
    }

    PlanApplier applierOn(ClusterCache another) {
        return applierOn(another, LastLook.ALIVE);
    }

    /// @param alive for how long the watch of endpoints is not asked past
    PlanApplier applierOn(ClusterCache another, Duration alive) {
        Api api = new Api(cluster.client(), Duration.ofSeconds(5));
        MonotonicClock clock = new MonotonicClock();
        TerminatingNamespaces terminating = new TerminatingNamespaces(clock);
        Events events = new Events(api, clock, "bench", terminating);
        return new PlanApplier(
                another,
                new ObjectWriter(api, terminating),
                new LastLook(api, another, alive),
                events,
                clock,
                () -> true,
                metrics);
    }

    static Bench start(Cluster cluster) throws Exception {
        installReleases(cluster);
        Bench bench = new Bench(cluster);
        bench.watch.start().get(30, TimeUnit.SECONDS);
        bench.cache.filled();
        return bench;
    }

    static void installReleases(Cluster cluster) {
        Path manifest = Path.of("..", "manifests", "base", "30-CustomResourceDefinition-releases.yaml");
        cluster.kubectl("apply", "-f", manifest.toString()).orThrow();
        cluster.kubectl("wait", "--for=condition=Established", "crd/releases.canary.io")
                .orThrow();
    }

    NamespaceView view() {
        return cache.view(cluster.namespace());
    }

    AppKey order() {
        return new AppKey(cluster.namespace(), "order");
    }

    PlanApplier.Result once(Step... steps) {
        return applier.apply(order(), view(), List.of(steps));
    }

    /// As the queue does it: again while the world moves on between look and write.
    PlanApplier.Result apply(Step... steps) {
        AtomicReference<PlanApplier.Result> result = new AtomicReference<>();
        Await.until(
                "the steps are written",
                LIMIT,
                () -> {
                    result.set(once(steps));
                    return !(result.get() instanceof PlanApplier.Result.Stale);
                },
                () -> String.valueOf(result.get()));
        return result.get();
    }

    void awaitView(String what, java.util.function.Predicate<NamespaceView> condition) {
        Await.until(what, LIMIT, () -> condition.test(view()), () -> view().toString());
    }

    static Step.EnsureRoute route(int v1, int v2, List<Object> foreign) {
        Map<String, Object> rule = Map.of(
                "matches",
                RouteKind.HTTP.everything(),
                "backendRefs",
                List.of(ref("order-v1", v1), ref("order-v2", v2)));
        return new Step.EnsureRoute(
                "order",
                RouteKind.HTTP,
                "order",
                80,
                List.of(rule),
                List.of(new RouteFacts.Ref("order-v1", 80, v1), new RouteFacts.Ref("order-v2", 80, v2)),
                foreign,
                "a test");
    }

    private static Map<String, Object> ref(String service, int weight) {
        return Map.of("group", "", "kind", "Service", "name", service, "port", 80, "weight", weight);
    }

    static Set<String> ready(NamespaceView view, String service) {
        return view.endpoints().getOrDefault(service, Set.of());
    }

    /// A Deployment of `order` with Service `order` beside it.
    void order(String version, int replicas, String annotations) {
        cluster.apply("""
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  name: order-%1$s
                  annotations: {%3$s}
                spec:
                  replicas: %2$d
                  selector: {matchLabels: {app: order, version: %1$s}}
                  template:
                    metadata: {labels: {app: order, version: %1$s}}
                    spec:
                      containers: [{name: app, image: "order:1", ports: [{containerPort: 8080}]}]
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: order}
                spec:
                  selector: {app: order}
                  ports: [{name: http, port: 80, targetPort: 8080}]
                """.formatted(version, replicas, annotations)).orThrow();
    }

    @Override
    public void close() {
        watch.close();
    }
}
