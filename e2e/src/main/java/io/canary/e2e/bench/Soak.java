// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.load.AdmissionLoad;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.Addresses;
import io.canary.e2e.watch.Calls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// Twenty minutes at 50 admissions a second while a release goes up and down: what grows, leaks.
final class Soak {
    private static final Duration LASTS = Duration.ofMinutes(20);
    private static final Duration EVERY = Duration.ofMinutes(2);
    private static final Duration A_CHANGE = Duration.ofSeconds(5);
    private static final double RATE = 50;
    private static final int TOTAL = 4;
    private static final int LOW = 50;
    private static final int HIGH = 75;

    private final Lab lab;
    private final ShopApp app = new ShopApp("bench-soak", "order");

    Soak(Lab lab) {
        this.lab = lab;
    }

    void measure(Arrivals<Map<String, Integer>> routes, Arrivals<Integer> ready) {
        lab.namespace(app.namespace());
        lab.release(app, LOW, TOTAL, routes, ready);
        Report report = lab.report();
        report.title("%d minutes at %.0f admissions a second, a weight changed every %d s"
                .formatted(LASTS.toMinutes(), RATE, A_CHANGE.toSeconds()));
        report.cells(12, "minute", "RSS MiB", "own MiB", "files", "threads", "calls", "failed", "lists", "watches");
        List<ProcessFigures> figures = new ArrayList<>();
        long pid = lab.productPid();
        long mark = lab.audit().mark();
        long began = System.nanoTime();
        int changes = 0;
        try (AdmissionLoad load =
                AdmissionLoad.start(lab.cluster(), List.of(Addresses.API_SERVER), app.namespace(), RATE)) {
            for (long minute = 0; minute <= LASTS.toMinutes(); minute += EVERY.toMinutes()) {
                while (since(began).compareTo(Duration.ofMinutes(minute)) < 0) {
                    LockSupport.parkNanos(A_CHANGE.toNanos());
                    int percent = changes++ % 2 == 0 ? HIGH : LOW;
                    lab.api()
                            .merge(app.deployment("v2"), ShopApp.weight(percent))
                            .required();
                }
                ProcessFigures now = ProcessFigures.of(pid);
                figures.add(now);
                Calls calls = lab.audit().since(mark).by(InstalledProduct.USER);
                mark = lab.audit().mark();
                AdmissionLoad.Result result = load.now();
                report.cells(
                        12,
                        Long.toString(minute),
                        "%.0f".formatted(now.residentMib()),
                        "%.0f".formatted(now.ownMib()),
                        now.files(),
                        now.threads(),
                        result.calls(),
                        result.failures().size(),
                        calls.lists().count(),
                        calls.watches().count());
            }
            AdmissionLoad.Result result = load.stop();
            result.failures().forEach(failure -> report.line(failure.toString()));
            report.line("longest call %d ms, %d weight changes; made again as asked: %d"
                    .formatted(result.longest().toMillis(), changes, result.again()));
            report.bar(
                    "soak: calls that failed or were made again",
                    result.failures().size() + result.again(),
                    0,
                    "");
        }
        ProcessFigures warm = figures.get(figures.size() / 2);
        ProcessFigures end = figures.getLast();
        report.bar("soak: memory of its own, growth in the second half", end.ownMib() - warm.ownMib(), 5, "MiB");
        report.bar("soak: open files, growth in the second half", (double) (end.files() - warm.files()), 0, "");
        report.bar("soak: threads, growth in the second half", (double) (end.threads() - warm.threads()), 0, "");
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
