// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.load.ApiCalls;
import io.canary.e2e.load.OpenLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/// From an edit of `canary.io/weight` until the route's new weight arrives, where one more pod must start for it:
/// of a total of four, 25 % to 50 %. One app at a time, then twenty at once.
///
/// Without the product the same is asked of a plain Deployment by its scale: what a pod takes by itself here.
final class PodsStarting {
    private static final int APPS = 20;
    private static final int ROUNDS = 3;
    private static final int TOTAL = 4;
    private static final int BEFORE = 25;
    private static final int AFTER = 50;

    private final Lab lab;
    private final List<ShopApp> apps = apps("bench-pods");
    private final List<ShopApp> plain = apps("bench-plain");
    private final Arrivals<Map<String, Integer>> routes = new Arrivals<>();
    private final Arrivals<Integer> ready = new Arrivals<>();
    private final Arrivals<Integer> plainReady = new Arrivals<>();

    PodsStarting(Lab lab) {
        this.lab = lab;
    }

    /// Times of one edit, in nanoseconds.
    ///
    /// @param untilReady from the answer until the last pod that it needs is in the root Service's endpoints
    /// @param own from then until the route's weight
    private record Move(long fromAnswer, long untilReady, long own) {}

    void measure() {
        lab.namespace("bench-pods");
        lab.namespace("bench-plain");
        List<Move> one = new ArrayList<>();
        List<Move> many = new ArrayList<>();
        List<Long> onePlain = new ArrayList<>();
        List<Long> manyPlain = new ArrayList<>();
        try (Watching _ = Watching.routes(lab.watcher(), "bench-pods", routes);
                Watching _ = Watching.endpoints(lab.watcher(), "bench-pods", ready);
                Watching _ = Watching.endpoints(lab.watcher(), "bench-plain", plainReady)) {
            prepare();
            for (int i = 0; i < APPS; i++) {
                onePlain.addAll(scaleUp(plain.subList(i, i + 1)));
                one.addAll(raise(apps.subList(i, i + 1)));
            }
            back();
            for (int round = 0; round < ROUNDS; round++) {
                manyPlain.addAll(scaleUp(plain));
                many.addAll(raise(apps));
                back();
            }
        }
        report(one, onePlain, many, manyPlain);
    }

    private void prepare() {
        apps.forEach(app -> lab.begin(app, BEFORE, TOTAL));
        for (ShopApp app : plain) {
            lab.api().create(app.services(), app.rootService(Map.of())).required();
            lab.api()
                    .create(app.deployments(), app.deployment("v1", 1, Map.of()))
                    .required();
        }
        apps.forEach(app -> lab.awaitReleased(app, BEFORE, TOTAL, routes, ready));
        plain.forEach(app -> Arrivals.require(app + " is ready", plainReady.first(app.name(), n -> n == 1), Lab.LIMIT));
    }

    /// Asks all of them at once for 50 %.
    private List<Move> raise(List<ShopApp> raised) {
        List<CompletableFuture<Long>> visible = raised.stream()
                .map(app -> routes.first(app.name(), weights -> Lab.share(weights, app) == AFTER))
                .toList();
        // The stable keeps its pods until the weight has moved, so there is one more than the total.
        List<CompletableFuture<Long>> started = raised.stream()
                .map(app -> ready.first(app.name(), count -> count > TOTAL))
                .toList();
        List<OpenLoop.Timed> edits = OpenLoop.atOnce(
                raised.size(), i -> lab.api().merge(raised.get(i).deployment("v2"), ShopApp.weight(AFTER)));
        List<Move> moves = new ArrayList<>();
        for (int i = 0; i < raised.size(); i++) {
            String what = "50 % of " + raised.get(i);
            long answered = edits.get(i).answer().required().answered();
            long at = Arrivals.require(what, visible.get(i), Lab.LIMIT);
            long pod = Arrivals.require("pods for " + what, started.get(i), Lab.LIMIT);
            moves.add(new Move(at - answered, pod - answered, at - pod));
        }
        return moves;
    }

    /// Scales plain Deployments from one pod to two at once: nanoseconds from the answer until both are endpoints.
    private List<Long> scaleUp(List<ShopApp> scaled) {
        List<CompletableFuture<Long>> started = scaled.stream()
                .map(app -> plainReady.first(app.name(), count -> count == 2))
                .toList();
        List<OpenLoop.Timed> edits = OpenLoop.atOnce(scaled.size(), i -> scale(scaled.get(i), 2));
        return IntStream.range(0, scaled.size())
                .mapToObj(i -> Arrivals.require("a plain pod", started.get(i), Lab.LIMIT)
                        - edits.get(i).answer().required().answered())
                .toList();
    }

    private ApiCalls.Answer scale(ShopApp app, int replicas) {
        return lab.api().merge(app.deployment("v1") + "/scale", "{\"spec\": {\"replicas\": " + replicas + "}}");
    }

    /// Returns when everything is as before the raise.
    private void back() {
        apps.forEach(app ->
                lab.api().merge(app.deployment("v2"), ShopApp.weight(BEFORE)).required());
        plain.forEach(app -> scale(app, 1).required());
        apps.forEach(app -> {
            lab.awaitReleased(app, BEFORE, TOTAL, routes, ready);
            String versionService = app.deploymentName("v2");
            Arrivals.require(versionService + " has one pod", ready.first(versionService, n -> n == 1), Lab.LIMIT);
        });
        plain.forEach(app -> Arrivals.require("one pod", plainReady.first(app.name(), n -> n == 1), Lab.LIMIT));
    }

    private static List<ShopApp> apps(String namespace) {
        return IntStream.range(0, APPS)
                .mapToObj(i -> new ShopApp(namespace, "app-%02d".formatted(i)))
                .toList();
    }

    private void report(List<Move> one, List<Long> onePlain, List<Move> many, List<Long> manyPlain) {
        Report report = lab.report();
        report.title("Annotation written -> route weight visible, one pod to start");
        report.timesHead("one app at a time, from the answer to the edit");
        table(one, onePlain);
        report.timesHead(APPS + " apps at once, " + ROUNDS + " times");
        table(many, manyPlain);
        report.bar(
                "route visible, " + APPS + " apps at once, pods starting, all",
                Samples.of(many.stream().mapToLong(Move::fromAnswer)).most(),
                1_000,
                "ms");
    }

    private void table(List<Move> moves, List<Long> plainPods) {
        Samples whole = Samples.of(moves.stream().mapToLong(Move::fromAnswer));
        Samples pods = Samples.of(plainPods);
        lab.report().times("plain scale, until the pod is an endpoint", pods);
        lab.report().times("with the product, until the weight", whole);
        lab.report().added("  added", whole, pods);
        lab.report()
                .times(
                        "  of it: until the pod is an endpoint",
                        Samples.of(moves.stream().mapToLong(Move::untilReady)));
        lab.report()
                .times("  of it: endpoint -> weight", Samples.of(moves.stream().mapToLong(Move::own)));
    }
}
