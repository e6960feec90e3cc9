// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.App;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.plan.Memory;
import io.canary.domain.plan.Plan;
import io.canary.domain.plan.Step;
import io.canary.domain.policy.Policies;
import io.canary.webhook.kube.ApiException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings one app forward: look, plan, write, remember.
final class Reconciler {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    /// Decides what to write; [Planner#plan] but for tests.
    @FunctionalInterface
    interface Planning {
        Plan plan(App app, Memory memory, Policies policies, Instant now, Instant wall);
    }

    private final ClusterCache cache;
    private final PlanApplier applier;
    private final Events events;
    private final Planning planning;
    private final InstantSource clock;
    private final BooleanSupplier mayWrite;
    private final Map<AppKey, Memory> memories = new ConcurrentHashMap<>();
    private final AtomicInteger terms = new AtomicInteger();
    private final Timer planned;
    private final Timer ran;

    Reconciler(
            ClusterCache cache,
            PlanApplier applier,
            Events events,
            Planning planning,
            InstantSource clock,
            BooleanSupplier mayWrite,
            MeterRegistry metrics) {
        this.cache = cache;
        this.applier = applier;
        this.events = events;
        this.planning = planning;
        this.clock = clock;
        this.mayWrite = mayWrite;
        this.planned = metrics.timer("canary.plan");
        this.ran = metrics.timer("canary.run");
        metrics.gaugeMapSize("canary.apps", java.util.List.of(), memories);
    }

    Outcome run(AppKey key) {
        if (!mayWrite.getAsBoolean()) {
            return new Outcome.Done(null);
        }
        int term = terms.get();
        Timer.Sample sample = Timer.start();
        NamespaceView view = cache.view(key.namespace());
        App app = view.app(key.app());
        if (!app.managed()) {
            memories.remove(key);
            return new Outcome.Done(null);
        }
        Memory memory = memories.getOrDefault(key, Memory.EMPTY);
        Plan plan = planned.record(() -> planning.plan(
                app,
                memory,
                cache.policies(key.namespace()),
                clock.instant(),
                InstantSource.system().instant()));
        Outcome outcome = plan == null ? new Outcome.Done(null) : apply(key, view, memory, plan, term);
        sample.stop(ran);
        return outcome;
    }

    private Outcome apply(AppKey key, NamespaceView view, Memory before, Plan plan, int term) {
        return switch (applier.apply(key, view, plan.steps())) {
            case PlanApplier.Result.Applied _ -> {
                keep(key, remembered(plan), term);
                yield new Outcome.Done(until(plan.wakeAt()));
            }
            case PlanApplier.Result.Resigned _ -> new Outcome.Done(null);
            case PlanApplier.Result.Stale(Step step, String why, Set<String> left) -> {
                keep(key, plan.memoryUntil(step, false, left, before), term);
                LOG.atDebug()
                        .addKeyValue("app", key)
                        .addKeyValue("target", step.target())
                        .log(why);
                yield new Outcome.Stale(why);
            }
            case PlanApplier.Result.Partly(
                    Step first,
                    ApiException cause,
                    Map<String, String> refused,
                    Set<String> left) -> {
                keep(key, remembered(plan).without(refused, left), term);
                yield failed(key, view, first, cause);
            }
            case PlanApplier.Result.Failed(Step step, ApiException cause, boolean perhaps, Set<String> left) -> {
                // A Release that cannot be written must hold up nothing else: what moves traffic was written before it.
                keep(
                        key,
                        step instanceof Step.Report ? remembered(plan) : plan.memoryUntil(step, perhaps, left, before),
                        term);
                yield failed(key, view, step, cause);
            }
        };
    }

    private Outcome failed(AppKey key, NamespaceView view, Step step, ApiException cause) {
        String why = step.target() + ": " + cause.getMessage();
        if (cause.namespaceTerminating()) {
            LOG.atDebug().addKeyValue("app", key).log("Namespace is being terminated");
            return new Outcome.Failed(why, TerminatingNamespaces.PAUSE);
        }
        LOG.atWarn()
                .addKeyValue("app", key)
                .addKeyValue("target", step.target())
                .addKeyValue("cause", cause.getMessage())
                .log("Write failed");
        if (cause.refused()) {
            view.services().stream()
                    .filter(s -> s.name().equals(key.app()))
                    .forEach(root -> events.tell(
                            new Events.Subject("v1", "Service", key.namespace(), root.name(), root.uid()),
                            true,
                            "CannotWrite",
                            why));
        }
        return new Outcome.Failed(why, Backoff.bounded(cause.retryAfter()));
    }

    /// The Release is written at most once a second: counted from the end of a run, which may have taken long.
    private Memory remembered(Plan plan) {
        boolean reported = plan.steps().stream().anyMatch(Step.Report.class::isInstance);
        return reported ? plan.memory().reportedAt(clock.instant()) : plan.memory();
    }

    private @Nullable Duration until(@Nullable Instant at) {
        if (at == null) {
            return null;
        }
        Duration wait = Duration.between(clock.instant(), at);
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    /// Nothing of a run that began before all was forgotten: another process may have written since.
    private void keep(AppKey key, Memory memory, int term) {
        memories.compute(key, (_, known) -> terms.get() == term ? memory : known);
    }

    /// Forgets all, as when another process has written meanwhile.
    void forget() {
        terms.incrementAndGet();
        memories.clear();
    }
}
