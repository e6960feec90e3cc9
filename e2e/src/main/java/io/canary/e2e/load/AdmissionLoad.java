// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.load;

import io.canary.e2e.testbed.ControlPlane;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/// Dry runs at a steady rate that our hooks must allow, in turns a lowered weight, a raised one, a new annotated
/// Service, another field of a version and a plain Deployment. Makes changes of keys as clients do, again where the
/// answer asks for it, and counts what failed, and when.
public final class AdmissionLoad implements AutoCloseable {
    private static final String DRY_RUN = "?dryRun=All";

    private final List<ApiCalls> servers;
    private final List<ServerMetrics> before;
    private final String namespace;
    private final long start = System.nanoTime();
    private final LongAdder calls = new LongAdder();
    private final LongAdder again = new LongAdder();
    private final LongAccumulator longest = new LongAccumulator(Math::max, 0);
    private final Queue<Failure> failures = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Result> result = new CompletableFuture<>();
    private volatile boolean stopped;

    private AdmissionLoad(ControlPlane cluster, List<String> servers, String namespace, double perSecond) {
        this.servers =
                servers.stream().map(server -> new ApiCalls(cluster, server)).toList();
        this.before = metrics();
        this.namespace = namespace;
        Thread.ofPlatform().name("admission-load").start(() -> run(perSecond));
    }

    /// Starts to call, about the Deployments `order-v1` and `order-v2` with a weight above 1 in `namespace`.
    ///
    /// @param servers the API servers to call in turns
    public static AdmissionLoad start(ControlPlane cluster, List<String> servers, String namespace, double perSecond) {
        return new AdmissionLoad(cluster, servers, namespace, perSecond);
    }

    /// One call that did not succeed.
    ///
    /// @param after since the load began
    /// @param changesKeys whether it changed a key of ours: such calls fail where our hook cannot be reached
    public record Failure(Duration after, int number, boolean changesKeys, int status, String text) {
        @Override
        public String toString() {
            return "+%.3f s call %d: %d %s"
                    .formatted(after.toMillis() / 1000.0, number, status, text.replaceAll("\\s+", " "));
        }
    }

    /// @param again how often a call was made again because the answer asked for it
    /// @param longest from when a call was due until its answer, the last where it was made again
    public record Result(int calls, List<Failure> failures, int again, Duration longest) {}

    /// How it went so far.
    public Result now() {
        return new Result(calls.intValue(), List.copyOf(failures), again.intValue(), Duration.ofNanos(longest.get()));
    }

    /// Ends the load and waits for the last answers.
    public Result stop() {
        stopped = true;
        return result.join();
    }

    /// How many hook calls failed since the load began although nobody saw it (`failurePolicy: Ignore`).
    public long passedBy() {
        List<ServerMetrics> now = metrics();
        return IntStream.range(0, now.size())
                .mapToLong(
                        i -> Math.round(now.get(i).since(before.get(i), "apiserver_admission_webhook_fail_open_count")))
                .sum();
    }

    private List<ServerMetrics> metrics() {
        return servers.stream().map(ServerMetrics::of).toList();
    }

    private void run(double perSecond) {
        try {
            OpenLoop.Pace pace = new OpenLoop.Pace(OpenLoop.NANOS_IN_SECOND / perSecond);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; !stopped; i++) {
                    int number = i;
                    long due = pace.await(number);
                    threads.execute(() -> keep(new OpenLoop.Timed(number, due, asClientsDo(number))));
                }
            }
            result.complete(now());
        } catch (RuntimeException | Error e) {
            result.completeExceptionally(e); // or who waits for it waits for ever
        }
    }

    /// Of each call only what is asked for later: answers of half an hour would fill the heap.
    private void keep(OpenLoop.Timed call) {
        calls.increment();
        longest.accumulate(call.took());
        if (!call.answer().succeeded()) {
            failures.add(new Failure(
                    Duration.ofNanos(call.due() - start),
                    call.number(),
                    Kind.of(call.number()).changesKeys,
                    call.answer().status(),
                    call.answer().text()));
        }
    }

    /// Nothing that changes no key of ours is ever to be sent away (invariant I7).
    private ApiCalls.Answer asClientsDo(int number) {
        return Kind.of(number).changesKeys ? ApiCalls.asClientsDo(() -> call(number), again) : call(number);
    }

    private ApiCalls.Answer call(int number) {
        String deployments = "/apis/apps/v1/namespaces/" + namespace + "/deployments";
        // Each kind of call goes to each server.
        ApiCalls api = servers.get(number / Kind.values().length % servers.size());
        return switch (Kind.of(number)) {
            case LOWER -> api.merge(deployments + "/order-v2" + DRY_RUN, weight("1"));
            case RAISE -> api.merge(deployments + "/order-v2" + DRY_RUN, weight(Integer.toString(60 + number % 30)));
            case SERVICE -> api.create("/api/v1/namespaces/" + namespace + "/services" + DRY_RUN, service(number));
            case OTHER_FIELD -> api.merge(deployments + "/order-v1" + DRY_RUN, annotation("team", "n" + number));
            case PLAIN -> api.create(deployments + DRY_RUN, plain(number));
        };
    }

    /// What is called in turns.
    private enum Kind {
        LOWER(true),
        RAISE(true),
        SERVICE(true),
        OTHER_FIELD(false),
        PLAIN(false);

        private final boolean changesKeys;

        Kind(boolean changesKeys) {
            this.changesKeys = changesKeys;
        }

        static Kind of(int number) {
            return values()[number % values().length];
        }
    }

    private static String weight(String weight) {
        return annotation("canary.io/weight", weight);
    }

    private static String annotation(String key, String value) {
        return "{\"metadata\": {\"annotations\": {\"%s\": \"%s\"}}}".formatted(key, value);
    }

    private static String service(int number) {
        return """
                {"apiVersion": "v1", "kind": "Service",
                 "metadata": {"name": "load-%1$d", "annotations": {"canary.io/paused": "load"}},
                 "spec": {"selector": {"app": "load-%1$d"}, "ports": [{"name": "http", "port": 80}]}}
                """.formatted(number);
    }

    private static String plain(int number) {
        return """
                {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "load-%1$d"},
                 "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "load-%1$d"}},
                          "template": {"metadata": {"labels": {"app": "load-%1$d"}},
                                       "spec": {"containers": [{"name": "main", "image": "main:1"}]}}}}
                """.formatted(number);
    }

    @Override
    public void close() {
        stopped = true;
        result.join();
        servers.forEach(ApiCalls::close);
    }
}
