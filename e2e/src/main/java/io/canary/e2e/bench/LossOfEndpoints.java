// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.testbed.PodBehaviour;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// From the watch event that takes a version's last ready endpoint out until the event of the route that gives it no
/// weight, each app once: a version that lost its endpoints twice is kept at 0.
final class LossOfEndpoints {
    private final Lab lab;
    private final Arrivals<Map<String, Integer>> routes;
    private final Arrivals<Integer> ready;

    LossOfEndpoints(Lab lab, Arrivals<Map<String, Integer>> routes, Arrivals<Integer> ready) {
        this.lab = lab;
        this.routes = routes;
        this.ready = ready;
    }

    /// @param apps with weight on `v2` and one ready pod of each version
    void measure(List<ShopApp> apps) {
        Samples times = Samples.of(apps.stream().mapToLong(this::lose));
        Report report = lab.report();
        report.title("Loss of a version's last endpoint -> its weight is withdrawn");
        report.timesHead("from the EndpointSlice's event to the HTTPRoute's");
        report.times("with the product (without it, never)", times);
        report.bar("withdrawal, p99", times.p99(), 250, "ms");
        report.bar("withdrawal, worst", times.most(), 250, "ms");
    }

    /// Nanoseconds; counted from the first of the two slices, the root Service's and the version's, that says so.
    private long lose(ShopApp app) {
        CompletableFuture<Long> gone = ready.first(app.name(), count -> count == 1);
        CompletableFuture<Long> goneFromVersion = ready.first(app.deploymentName("v2"), count -> count == 0);
        CompletableFuture<Long> withdrawn = routes.first(app.name(), weights -> Lab.share(weights, app) == 0);
        lab.cluster().behave(app.namespace(), "app=" + app.name() + ",version=v2", PodBehaviour.NEVER_READY);
        long at = Arrivals.require("no weight for v2 of " + app, withdrawn, Lab.LIMIT);
        long root = Arrivals.require("no endpoint of v2 of " + app, gone, Lab.LIMIT);
        long version = Arrivals.require("no endpoint of v2 of " + app, goneFromVersion, Lab.LIMIT);
        return at - Math.min(root, version);
    }
}
