// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.load.ApiCalls;
import io.canary.e2e.load.OpenLoop;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.watch.Call;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/// 5,000 Deployments of 1,000 apps, each in a namespace of its own: a stable version and four that ask for 5 %.
/// No pods: what is measured is what a new process has to read, to keep, and to leave alone.
final class ManyNamespaces {
    private static final int NAMESPACES = 1_000;
    private static final int VERSIONS = 5;
    private static final int AT_ONCE = 20;
    private static final Duration QUIET = Duration.ofSeconds(15);
    private static final Duration AFTER_START = Duration.ofSeconds(30);

    private final Lab lab;

    ManyNamespaces(Lab lab) {
        this.lab = lab;
    }

    /// Returns when the product has made of them what it makes, and is at rest.
    void create() {
        IntStream.iterate(0, i -> i < NAMESPACES, i -> i + AT_ONCE)
                .forEach(first -> OpenLoop.atOnce(AT_ONCE, i -> create("bench-spread-" + (first + i)))
                        .forEach(call -> call.answer().required()));
        lab.audit().awaitQuiet(lab.audit().mark(), ManyNamespaces::written, QUIET, Lab.LIMIT.multipliedBy(10));
    }

    /// Tells how the last call went.
    private ApiCalls.Answer create(String namespace) {
        lab.namespace(namespace);
        ShopApp app = new ShopApp(namespace, "order");
        lab.api()
                .create(app.services(), app.rootService(Map.of("canary.io/stable", "v1")))
                .required();
        ApiCalls.Answer last = null;
        for (int i = 1; i <= VERSIONS; i++) {
            Map<String, String> annotations = i == 1 ? Map.of() : Map.of("canary.io/weight", "5");
            last = lab.api()
                    .create(app.deployments(), app.deployment("v" + i, 0, annotations))
                    .required();
        }
        return Objects.requireNonNull(last);
    }

    /// What the product writes in the half minute after one that leads anew.
    ///
    /// @param mark in the audit log, from before it started
    void writesAfterStart(long mark) {
        lab.audit()
                .awaitCall(
                        mark,
                        call -> ours(call) && call.succeeded() && call.target().equals("leases") && call.isWrite(),
                        Lab.LIMIT);
        lab.audit().awaitQuiet(lab.audit().mark(), ManyNamespaces::written, AFTER_START, Lab.LIMIT);
        double writes = lab.audit().since(mark).where(ManyNamespaces::written).count();
        lab.report().bar("writes after a start, nothing changed", writes, 0, "");
    }

    private static boolean written(Call call) {
        return ours(call) && call.isWrite() && !call.resource().equals("leases");
    }

    private static boolean ours(Call call) {
        return call.user().equals(InstalledProduct.USER);
    }
}
