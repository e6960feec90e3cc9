// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.NamespaceView;
import io.canary.domain.plan.Step;
import io.canary.webhook.kube.ApiException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the steps of a plan in order, until one fails. Every write supposes the objects to be as the plan saw them:
/// a change meanwhile ends the run, and the app is planned anew.
final class PlanApplier {
    private static final Logger LOG = LoggerFactory.getLogger(PlanApplier.class);

    private final ClusterCache cache;
    private final ObjectWriter objects;
    private final LastLook lastLook;
    private final Events events;
    private final InstantSource clock;
    private final BooleanSupplier leads;
    private final MeterRegistry metrics;

    /// @param leads asked before each write
    PlanApplier(
            ClusterCache cache,
            ObjectWriter objects,
            LastLook lastLook,
            Events events,
            InstantSource clock,
            BooleanSupplier leads,
            MeterRegistry metrics) {
        this.cache = cache;
        this.objects = objects;
        this.lastLook = lastLook;
        this.events = events;
        this.clock = clock;
        this.leads = leads;
        this.metrics = metrics;
    }

    /// How far a run came.
    sealed interface Result {
        /// Every step was written.
        record Applied() implements Result {}

        /// We lead no more: nothing further may be written, or remembered.
        record Resigned() implements Result {}

        /// A step did not find what the plan supposed.
        ///
        /// @param left the targets before it that were not written
        record Stale(Step step, String why, Set<String> left) implements Result {}

        /// Every step was written but some that are dispensable, which were refused; what takes away was left out.
        ///
        /// @param refused the targets that were refused, and what the API server said
        /// @param left those and the targets of what takes away
        record Partly(Step first, ApiException cause, Map<String, String> refused, Set<String> left)
                implements Result {}

        /// A step was refused or got no answer.
        ///
        /// @param perhaps whether it may have been carried out all the same
        /// @param left the targets before it that were not written
        record Failed(Step step, ApiException cause, boolean perhaps, Set<String> left) implements Result {}
    }

    /// @param view what the plan was made from
    Result apply(AppKey key, NamespaceView view, List<Step> steps) {
        StepWriter writer = new StepWriter(objects, lastLook, events, clock, cache, key, new Seen(cache, view));
        Map<String, String> refused = new TreeMap<>();
        Set<String> left = new TreeSet<>();
        Result partly = null;
        for (Step step : steps) {
            if (partly != null && step.takesAway()) {
                left.add(step.target());
                continue;
            }
            String kind = step.getClass().getSimpleName();
            boolean sent = false;
            try {
                writer.look(step);
                if (!leads.getAsBoolean()) { // after the look, which may take a while
                    return new Result.Resigned();
                }
                sent = true;
                boolean written = writer.write(step);
                count(kind, written ? "written" : "unchanged");
                if (written) {
                    LOG.atInfo()
                            .addKeyValue("app", key)
                            .addKeyValue("target", step.target())
                            .addKeyValue("why", step.why())
                            .log("wrote");
                }
            } catch (StaleException e) {
                count(kind, "stale");
                return new Result.Stale(step, String.valueOf(e.getMessage()), left);
            } catch (ApiException e) {
                count(kind, e.conflict() ? "conflict" : "failed");
                if (step.dispensable() && e.refused()) {
                    refused.put(step.target(), String.valueOf(e.getMessage()));
                    left.add(step.target());
                    partly = partly == null ? new Result.Partly(step, e, refused, left) : partly;
                    continue;
                }
                return e.conflict()
                        ? new Result.Stale(step, String.valueOf(e.getMessage()), left)
                        : new Result.Failed(step, e, sent && e.unknown(), left);
            }
        }
        return partly == null ? new Result.Applied() : partly;
    }

    private void count(String step, String result) {
        metrics.counter("canary.steps", "step", step, "result", result).increment();
    }
}
