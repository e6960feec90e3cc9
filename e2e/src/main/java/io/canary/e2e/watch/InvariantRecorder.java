// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Records every version of every object of one namespace that a release is made of, and judges them by [Invariants].
///
/// Judged is what happens after [#start]. Times are those of arrival on this machine's clock; the order is that of
/// the writes, by resource version. A question replays the whole timeline, so an answer may get better when a slow
/// watch catches up; [#assertClean] therefore asks twice before it complains.
public final class InvariantRecorder implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private final String namespace;
    private final Limits limits;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("recorder-timer").factory());
    private final List<ObjectStream<?>> streams = new ArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();
    private final List<Sighting> sightings = new ArrayList<>();
    private final Map<String, Sighting> standing = new HashMap<>();
    private final long startNanos = System.nanoTime();
    private final Map<String, Long> revisions = new ConcurrentHashMap<>();
    private long startRevision;

    private @Nullable AuditLog audit;
    private String auditedUser = "";
    private long auditMark;

    private InvariantRecorder(String namespace, Limits limits) {
        this.namespace = namespace;
        this.limits = limits;
    }

    /// Begins to record; returns when everything that stands has been seen.
    ///
    /// @param client of an administrator
    public static InvariantRecorder start(KubernetesClient client, String namespace, Limits limits) {
        InvariantRecorder recorder = new InvariantRecorder(namespace, limits);
        recorder.open(client);
        return recorder;
    }

    /// Begins to record with the limits of the design.
    public static InvariantRecorder start(KubernetesClient client, String namespace) {
        return start(client, namespace, Limits.DESIGN);
    }

    /// From now on the product's calls count too: it deletes no Deployment and writes only what is its own.
    ///
    /// @param user the product's user name, e.g. `system:serviceaccount:canary-system:canary`
    public InvariantRecorder withAudit(AuditLog log, String user) {
        audit = log;
        auditedUser = user;
        auditMark = log.mark();
        return this;
    }

    private void open(KubernetesClient client) {
        List<CompletableFuture<Void>> first = new ArrayList<>();
        first.add(stream(new ObjectStream<>(
                "services", client.services().inNamespace(namespace), timer, new Into<>("Service"))));
        first.add(stream(new ObjectStream<>(
                "endpointslices",
                client.discovery().v1().endpointSlices().inNamespace(namespace),
                timer,
                new Into<>("EndpointSlice"))));
        first.add(stream(new ObjectStream<>(
                "deployments", client.apps().deployments().inNamespace(namespace), timer, new Into<>("Deployment"))));
        first.add(stream(new ObjectStream<>("pods", client.pods().inNamespace(namespace), timer, new Into<>("Pod"))));
        Stream.concat(Kinds.ROUTES.stream(), Stream.of(Kinds.RELEASE))
                .forEach(kind -> first.add(stream(custom(client, kind))));
        try {
            CompletableFuture.allOf(first.toArray(CompletableFuture[]::new))
                    .get(START.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting to record " + namespace, e);
        } catch (ExecutionException | TimeoutException e) {
            close();
            throw new IllegalStateException("could not list everything in " + namespace + " within " + START, e);
        }
        startRevision =
                revisions.values().stream().max(Comparator.naturalOrder()).orElse(0L);
    }

    private ObjectStream<?> custom(KubernetesClient client, ResourceDefinitionContext kind) {
        return new ObjectStream<>(
                kind.getPlural(),
                client.genericKubernetesResources(kind).inNamespace(namespace),
                timer,
                new Into<>(kind.getKind()));
    }

    private CompletableFuture<Void> stream(ObjectStream<?> stream) {
        streams.add(stream);
        return stream.start();
    }

    @Override
    public void close() {
        streams.forEach(ObjectStream::close);
        timer.shutdownNow();
    }

    /// What is violated by what was seen so far.
    public List<Violation> violations() {
        List<Violation> found = new ArrayList<>(Invariants.check(timeline(), limits, System.nanoTime()));
        AuditLog log = audit;
        if (log != null) {
            found.addAll(Invariants.check(log.since(auditMark).by(auditedUser).in(namespace)));
        }
        return found;
    }

    /// Complains with the violations and the timeline before each; waits for slow watches first.
    public void assertClean() {
        settle(limits.grace().multipliedBy(2));
        List<Violation> found = violations();
        if (!found.isEmpty()) {
            settle(limits.grace().multipliedBy(4));
            found = violations();
        }
        if (!found.isEmpty()) {
            throw new AssertionError(report(found));
        }
    }

    private void settle(Duration time) {
        boolean _ = waitUntil(System.nanoTime() + time.toNanos(), _ -> false);
    }

    private String report(List<Violation> found) {
        Timeline timeline = timeline();
        return found.stream()
                .map(v -> "%s at %s, %s: %s%n%s"
                        .formatted(v.rule(), v.wall(), v.object(), v.what(), timeline.excerpt(v.revision())))
                .collect(Collectors.joining("\n\n", "%d violated in %s%n".formatted(found.size(), namespace), ""));
    }

    /// The normal split of the app's route that changed last, in basis points by Service; empty without a route.
    public Map<String, Integer> weights(String app) {
        List<Sighting> now = standing();
        World world = World.of(now);
        Map<String, Integer> weights = new TreeMap<>();
        now.reversed().stream()
                .map(Sighting::object)
                .filter(world.routes(app)::contains)
                .map(Seen.Route.class::cast)
                .findFirst()
                .ifPresent(route -> world.shares(route)
                        .forEach((service, share) -> world.version(route, service)
                                .filter(v -> v.app().equals(app))
                                .ifPresent(_ -> weights.put(service, share))));
        return weights;
    }

    /// The different normal splits that a route had, in order, in basis points by Service.
    public List<Map<String, Integer>> weightHistory(String routeName) {
        return Invariants.weightHistory(timeline(), routeName);
    }

    /// The different values of `spec.replicas` that a Deployment had, in order.
    public List<Integer> replicaHistory(String deployment) {
        return Invariants.replicaHistory(timeline(), deployment);
    }

    /// Ready endpoints of a Service now.
    public int readyEndpoints(String service) {
        return World.of(standing()).readiness(service).ready();
    }

    /// Waits until a condition holds, asked again after everything that is seen, and at times.
    ///
    /// @throws AssertionError with the end of the timeline, when it does not hold in time
    public void await(String description, Duration atMost, Predicate<InvariantRecorder> condition) {
        if (!waitUntil(System.nanoTime() + atMost.toNanos(), condition)) {
            throw new AssertionError("not within %s: %s%n%s".formatted(atMost, description, timelineText()));
        }
    }

    /// The end of the timeline, for messages.
    public String timelineText() {
        return timeline().excerpt(Long.MAX_VALUE);
    }

    private boolean waitUntil(long end, Predicate<InvariantRecorder> condition) {
        while (!condition.test(this)) {
            long left = Math.min(end - System.nanoTime(), LOOK_AGAIN.toNanos());
            if (left <= 0) {
                return false;
            }
            lock.lock();
            try {
                long _ = grown.awaitNanos(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting in " + namespace, e);
            } finally {
                lock.unlock();
            }
        }
        return true;
    }

    private Timeline timeline() {
        lock.lock();
        try {
            return new Timeline(startRevision, startNanos, sightings);
        } finally {
            lock.unlock();
        }
    }

    private void record(Seen object, long revision, boolean deleted) {
        Sighting sighting = new Sighting(revision, System.nanoTime(), Instant.now(), deleted, object);
        lock.lock();
        try {
            if (deleted) {
                standing.remove(object.key());
            } else {
                standing.put(object.key(), sighting);
            }
            Timeline.insert(sightings, sighting);
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Puts one kind of object into the timeline; a list says what came and went while no watch was open.
    private final class Into<T extends HasMetadata> implements ObjectStream.Sink<T> {
        private final String kind;

        Into(String kind) {
            this.kind = kind;
        }

        @Override
        public void listed(List<T> objects, long revision) {
            revisions.putIfAbsent(kind, revision);
            Map<String, Seen> listed = new HashMap<>();
            for (T object : objects) {
                Seen seen = SeenReader.read(object);
                listed.put(seen.key(), seen);
                Sighting known = standing(seen.key());
                if (known == null || known.revision() < revisionOf(object)) {
                    record(seen, revisionOf(object), false);
                }
            }
            for (Sighting gone : standingOf(kind)) {
                if (!listed.containsKey(gone.object().key())) {
                    record(gone.object(), Math.max(revision, gone.revision()), true);
                }
            }
        }

        @Override
        public void changed(T object) {
            record(SeenReader.read(object), revisionOf(object), false);
        }

        @Override
        public void deleted(T object) {
            record(SeenReader.read(object), revisionOf(object), true);
        }

        private long revisionOf(T object) {
            return Long.parseLong(object.getMetadata().getResourceVersion());
        }
    }

    /// The latest version of every object that stands, oldest first.
    private List<Sighting> standing() {
        lock.lock();
        try {
            return standing.values().stream()
                    .sorted(Comparator.comparingLong(Sighting::revision))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Sighting standing(String key) {
        lock.lock();
        try {
            return standing.get(key);
        } finally {
            lock.unlock();
        }
    }

    private List<Sighting> standingOf(String kind) {
        lock.lock();
        try {
            return standing.values().stream()
                    .filter(s -> s.object().kind().equals(kind))
                    .toList();
        } finally {
            lock.unlock();
        }
    }
}
