// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.watch.Call;
import io.canary.e2e.watch.Calls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/// What one change of a weight costs the API server, by its audit log, and what nothing costs.
final class CallsPerChange {
    private static final int CHANGES = 5;
    private static final Duration QUIET = Duration.ofMillis(1_500); // the Lease is renewed each 2 s
    private static final Duration REST = Duration.ofSeconds(30);
    private static final int LABEL = 40;
    private static final Set<String> MOVING = Set.of("services", "httproutes", "deployments");

    private final Lab lab;
    private final Arrivals<Map<String, Integer>> routes = new Arrivals<>();
    private final Arrivals<Integer> ready = new Arrivals<>();

    CallsPerChange(Lab lab) {
        this.lab = lab;
    }

    void measure() {
        ShopApp standing = new ShopApp("bench-calls", "standing");
        ShopApp growing = new ShopApp("bench-calls", "growing");
        lab.namespace("bench-calls");
        try (Watching _ = Watching.routes(lab.watcher(), "bench-calls", routes);
                Watching _ = Watching.endpoints(lab.watcher(), "bench-calls", ready)) {
            lab.release(standing, 10, 2, routes, ready);
            lab.release(growing, 10, 10, routes, ready);
            quiet(lab.audit().mark());
            long steady = lab.audit().mark();
            List<Calls> withPods = changes(standing, List.of(30, 60, 90, 40, 20));
            List<Calls> startingPods = changes(growing, List.of(20, 30, 50, 80, 90));
            long rest = lab.audit().mark();
            LockSupport.parkNanos(REST.toNanos());
            Calls atRest = lab.audit().since(rest).by(InstalledProduct.USER);
            report(withPods, startingPods, atRest, lab.audit().since(steady).by(InstalledProduct.USER));
        }
    }

    private void quiet(long mark) {
        lab.audit().awaitQuiet(mark, InstalledProduct.USER, QUIET, Lab.LIMIT);
    }

    /// The calls of each of these changes, from the edit until nothing is written any more.
    private List<Calls> changes(ShopApp app, List<Integer> weights) {
        List<Calls> each = new ArrayList<>();
        for (int weight : weights) {
            long mark = lab.audit().mark();
            lab.api().merge(app.deployment("v2"), ShopApp.weight(weight)).required();
            Arrivals.require(
                    app + " at " + weight + " %",
                    routes.first(app.name(), w -> Lab.share(w, app) == weight),
                    Lab.LIMIT);
            quiet(mark);
            each.add(lab.audit().since(mark).by(InstalledProduct.USER).except("leases"));
        }
        return each;
    }

    private void report(List<Calls> withPods, List<Calls> startingPods, Calls atRest, Calls all) {
        lab.report().title("API calls per change of a weight (audit log), the Lease apart");
        table("both versions keep their one pod", withPods);
        table("total 10, pods start and end", startingPods);
        Calls restWrites = atRest.except("leases").writes();
        lab.report()
                .line("at rest for %d s: %d writes beside the Lease's %d"
                        .formatted(
                                REST.toSeconds(),
                                restWrites.count(),
                                atRest.on("leases").writes().count()));
        if (restWrites.count() > 0) {
            lab.report().line(restWrites.table());
        }
        lab.report()
                .line("refused or conflicting writes of all: "
                        + all.writes().where(c -> !c.succeeded()).count());
        lab.report().bar("writes of a change, pods ready, most", most(withPods), 6, "");
        lab.report().bar("writes of a change, pods starting, most", most(startingPods), 6, "");
        lab.report().bar("LISTs in steady state", all.lists().count(), 0, "");
        lab.report().bar("writes at rest, " + REST.toSeconds() + " s", restWrites.count(), 0, "");
    }

    private void table(String label, List<Calls> changes) {
        lab.report().cells(LABEL, label + ", n " + CHANGES, "mean", "max");
        Set<String> kinds = new TreeSet<>();
        changes.forEach(calls -> kinds.addAll(calls.byVerbAndTarget().keySet()));
        for (String kind : kinds) {
            var counts = changes.stream()
                    .mapToLong(c -> c.byVerbAndTarget().getOrDefault(kind, 0L))
                    .summaryStatistics();
            lab.report().cells(LABEL, "  " + kind, "%.1f".formatted(counts.getAverage()), counts.getMax());
        }
    }

    /// The most writes of Services, routes and scales that one change needed.
    private static int most(List<Calls> changes) {
        return changes.stream()
                .mapToInt(calls -> calls.writes().where(CallsPerChange::moves).count())
                .max()
                .orElse(0);
    }

    private static boolean moves(Call call) {
        return MOVING.contains(call.resource());
    }
}
