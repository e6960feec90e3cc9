// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.load.ApiCalls;
import io.canary.e2e.load.OpenLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// From an edit of `canary.io/weight` until the route's new weight arrives on a watch, where the pods that it needs are
/// ready already: with a total of two, each version keeps its one pod at any weight.
///
/// The bare loop does the same on the same API server, by turns.
final class RouteLatency {
    private static final int EDITS = 200;
    private static final double PER_SECOND = 1.6; // both together: routes move once a second at most

    private final Lab lab;
    private final ShopApp app = new ShopApp("bench-route", "order");
    private final ShopApp bareApp = new ShopApp("bench-bare", "order");

    RouteLatency(Lab lab) {
        this.lab = lab;
    }

    /// Times of one edit, in nanoseconds.
    private record Edit(long fromSent, long fromAnswer) {}

    void measure() {
        lab.namespace(app.namespace());
        lab.namespace(bareApp.namespace());
        Arrivals<Map<String, Integer>> routes = new Arrivals<>();
        Arrivals<Map<String, Integer>> bareRoutes = new Arrivals<>();
        Arrivals<Integer> ready = new Arrivals<>();
        List<Edit> product = new ArrayList<>();
        List<Edit> bare = new ArrayList<>();
        try (BareLoop _ = new BareLoop(lab, bareApp);
                Watching _ = Watching.routes(lab.watcher(), app.namespace(), routes);
                Watching _ = Watching.routes(lab.watcher(), bareApp.namespace(), bareRoutes);
                Watching _ = Watching.endpoints(lab.watcher(), app.namespace(), ready)) {
            lab.release(app, 10, 2, routes, ready);
            for (int i = 0; i < 20; i++) { // both get warm
                edit(app, "canary.io/weight", weight(i), routes);
                edit(bareApp, BareLoop.WEIGHT, weight(i), bareRoutes);
            }
            OpenLoop.Pace pace = new OpenLoop.Pace(1e9 / PER_SECOND);
            for (int i = 0; i < EDITS; i++) {
                pace.await(2 * i + 2); // the first one more than a second after the warm-up
                product.add(edit(app, "canary.io/weight", weight(i), routes));
                pace.await(2 * i + 3);
                bare.add(edit(bareApp, BareLoop.WEIGHT, weight(i), bareRoutes));
            }
        }
        report(product, bare);
    }

    /// Differs from the one before it, also across the warm-up.
    private static int weight(int number) {
        return 20 + number % 61;
    }

    private Edit edit(ShopApp edited, String key, int weight, Arrivals<Map<String, Integer>> routes) {
        var arrival = routes.first(edited.name(), weights -> Lab.share(weights, edited) == weight);
        ApiCalls.Answer answer = lab.api()
                .merge(edited.deployment("v2"), ShopApp.annotation(key, weight))
                .required();
        long at = Arrivals.require("route " + edited + " at " + weight + " %", arrival, Lab.LIMIT);
        return new Edit(at - answer.sent(), at - answer.answered());
    }

    private void report(List<Edit> product, List<Edit> bare) {
        Samples answered = Samples.of(product.stream().mapToLong(Edit::fromAnswer));
        Samples bareAnswered = Samples.of(bare.stream().mapToLong(Edit::fromAnswer));
        Report report = lab.report();
        report.title("Annotation written -> route weight visible, pods ready");
        report.timesHead("from the answer to the edit");
        report.times("bare watch and patch", bareAnswered);
        report.times("with the product", answered);
        report.added("  added", answered, bareAnswered);
        report.timesHead("from the sending of the edit (admission included)");
        report.times("bare watch and patch", Samples.of(bare.stream().mapToLong(Edit::fromSent)));
        report.times("with the product", Samples.of(product.stream().mapToLong(Edit::fromSent)));
        report.line("ratio to the bare loop: p50 %.1f, p99 %.1f"
                .formatted(answered.median() / bareAnswered.median(), answered.p99() / bareAnswered.p99()));
        report.bar("route visible, pods ready, p50", answered.median(), 30, "ms");
        report.bar("route visible, pods ready, p99", answered.p99(), 100, "ms");
    }
}
