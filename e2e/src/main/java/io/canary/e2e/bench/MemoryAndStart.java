// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.load.ApiCalls;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.Await;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Resident memory of the product's process, and how soon a new one is of use, in a cluster with many Deployments.
final class MemoryAndStart {
    private static final int STARTS = 7;
    private static final int LATER_CALLS = 20;
    private static final long LOOK = 5_000_000; // nanoseconds between two looks
    private static final int LABEL = 52;

    private final Lab lab;
    private final String cluster;
    private final Duration readyBar;
    private final ShopApp app;

    /// @param cluster what is in it, as `1,000 Deployments`
    /// @param namespace that is used for nothing else
    /// @param readyBar how soon a new process is to be ready
    MemoryAndStart(Lab lab, String cluster, String namespace, Duration readyBar) {
        this.lab = lab;
        this.cluster = cluster;
        this.app = new ShopApp(namespace, "order");
        this.readyBar = readyBar;
    }

    /// A start, in nanoseconds.
    ///
    /// @param ready from the start of the process (known to 10 ms) until `/readyz` says so
    /// @param first the first admission of this process, as a dry-run create with a key
    /// @param later the same after it
    /// @param figures when it became ready
    private record Start(long ready, long first, Samples later, ProcessFigures figures) {}

    void head() {
        lab.report().title("Memory of the product's process, container limit 256 MiB");
        lab.report()
                .line("RSS counts files that are mapped, the AOT cache among them; own: what the kernel cannot drop.");
        lab.report().cells(LABEL, "", "RSS MiB", "peak MiB", "own MiB", "CPU s");
    }

    /// One line of memory, now; tells the peak in MiB.
    double memory(String when) {
        ProcessFigures now = ProcessFigures.of(lab.productPid());
        line(when, now);
        return now.peakMib();
    }

    private void line(String when, ProcessFigures figures) {
        lab.report()
                .cells(
                        LABEL,
                        when,
                        "%.0f".formatted(figures.residentMib()),
                        "%.0f".formatted(figures.peakMib()),
                        "%.0f".formatted(figures.ownMib()),
                        "%.1f".formatted(figures.cpuSeconds()));
    }

    void memoryBar(double peak) {
        lab.report().bar("peak memory, " + cluster + " (the bar is for 5,000)", peak, 256, "MiB");
    }

    /// Replaces the process several times; tells the most memory that one of them took, in MiB.
    double starts() {
        lab.namespace(app.namespace());
        List<Start> starts = new ArrayList<>();
        List<Long> plain = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            starts.add(start());
            for (int k = 0; k < LATER_CALLS; k++) {
                plain.add(call(Map.of(), k));
            }
        }
        report(starts, Samples.of(plain));
        return starts.stream()
                .mapToDouble(start -> start.figures().peakMib())
                .max()
                .orElse(Double.NaN);
    }

    private void report(List<Start> starts, Samples plain) {
        Samples ready = Samples.of(starts.stream().mapToLong(Start::ready));
        Samples first = Samples.of(starts.stream().mapToLong(Start::first));
        Report report = lab.report();
        starts.stream()
                .map(Start::figures)
                .max((a, b) -> Double.compare(a.peakMib(), b.peakMib()))
                .ifPresent(figures -> line("a new process when it is ready (the largest)", figures));
        report.title("Start, " + cluster);
        report.timesHead("");
        report.times("process started -> ready", ready);
        report.times("first admission call after that", first);
        report.times(
                "the " + LATER_CALLS + " calls after it, median of each start",
                Samples.of(starts.stream().mapToLong(s -> (long) (s.later().median() * 1e6))));
        report.times("the same calls without a key (no hook)", plain);
        report.bar("start to ready, " + cluster + ", median", ready.median(), (double) readyBar.toMillis(), "ms");
        report.bar("start to ready, " + cluster + ", worst", ready.most(), (double) readyBar.toMillis(), "ms");
        report.bar("first admission after ready, median", first.median() - plain.median(), 30, "ms");
        report.bar("first admission after ready, worst", first.most() - plain.median(), 30, "ms");
    }

    private Start start() {
        Pod old = lab.productPod();
        lab.cluster().client().resource(old).withGracePeriod(0).delete();
        Pod fresh = awaitPod(old.getMetadata().getUid());
        long pid = pid(fresh);
        long ready = awaitReady(pid, fresh.getStatus().getPodIP());
        ProcessFigures figures = ProcessFigures.of(pid);
        Await.until("the webhook's Service has the new pod", Lab.LIMIT, () -> serves(fresh));
        long first = call(Map.of("canary.io/weight", "5"), 0);
        List<Long> later = new ArrayList<>();
        for (int i = 0; i < LATER_CALLS; i++) {
            later.add(call(Map.of("canary.io/weight", "5"), i + 1));
        }
        return new Start(ready, first, Samples.of(later), figures);
    }

    /// The new pod, as soon as its process runs.
    private Pod awaitPod(String oldUid) {
        long end = System.nanoTime() + Lab.LIMIT.toNanos();
        while (System.nanoTime() < end) {
            for (Pod pod : lab.product().pods(lab.cluster())) {
                if (!pod.getMetadata().getUid().equals(oldUid)
                        && pod.getStatus().getPodIP() != null
                        && runs(pod)) {
                    return pod;
                }
            }
            LockSupport.parkNanos(LOOK);
        }
        throw new IllegalStateException("no new process of the product");
    }

    private boolean runs(Pod pod) {
        try {
            return pid(pod) > 0;
        } catch (IllegalArgumentException | IllegalStateException _) { // not started yet
            return false;
        }
    }

    private long pid(Pod pod) {
        return lab.cluster()
                .processes()
                .pid(InstalledProduct.NAMESPACE, pod.getMetadata().getName());
    }

    /// Nanoseconds from the start of the process until it says that it is ready.
    private static long awaitReady(long pid, String address) {
        Instant started = ProcessHandle.of(pid)
                .flatMap(process -> process.info().startInstant())
                .orElseThrow(() -> new IllegalStateException("the product's process is gone"));
        HttpRequest question = HttpRequest.newBuilder(URI.create("http://" + address + ":8080/readyz"))
                .timeout(Duration.ofSeconds(2))
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (Instant end = started.plus(Lab.LIMIT); Instant.now().isBefore(end); LockSupport.parkNanos(LOOK)) {
                if (answers(http, question)) {
                    return Duration.between(started, Instant.now()).toNanos();
                }
            }
        }
        throw new IllegalStateException("the product's process did not become ready");
    }

    private static boolean answers(HttpClient http, HttpRequest question) {
        try {
            return http.send(question, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException _) { // it does not listen yet
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the product", e);
        }
    }

    private boolean serves(Pod pod) {
        return lab
                .cluster()
                .client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(InstalledProduct.NAMESPACE)
                .withLabel("kubernetes.io/service-name", InstalledProduct.DEPLOYMENT)
                .list()
                .getItems()
                .stream()
                .flatMap(slice -> slice.getEndpoints().stream())
                .anyMatch(endpoint -> Boolean.TRUE.equals(
                                endpoint.getConditions().getReady())
                        && endpoint.getAddresses().contains(pod.getStatus().getPodIP()));
    }

    /// Nanoseconds of a dry-run create. The API server may learn of the endpoint a moment after us; asked again then.
    private long call(Map<String, String> annotations, int number) {
        long end = System.nanoTime() + Lab.LIMIT.toNanos();
        ApiCalls.@Nullable Answer last = null;
        while (System.nanoTime() < end) {
            last = lab.api()
                    .create(
                            app.deployments() + "?dryRun=All",
                            app.deployment("order-w" + number, "w" + number, 1, annotations));
            if (last.succeeded()) {
                return last.answered() - last.sent();
            }
        }
        throw new IllegalStateException(
                "no admission: " + Objects.requireNonNull(last).text());
    }
}
