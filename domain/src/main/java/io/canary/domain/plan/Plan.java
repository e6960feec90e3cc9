// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What to write now, what to remember, and when to look again although nothing happened.
///
/// @param steps in order; empty at rest
/// @param memory for the next plan of the same app in the same process
/// @param wakeAt when a delay or a deadline next ends, or null
public record Plan(
        List<Step> steps, Memory memory, @Nullable Instant wakeAt) {
    public Plan {
        steps = List.copyOf(steps);
    }

    /// What to remember where applying this plan ended at `failed`: all of `before`, and, where the route was written,
    /// what that moved. Else a withdrawal would be forgotten, and its weight back too soon.
    public Memory memoryUntil(Step failed, Memory before) {
        Set<String> routes = steps.subList(0, Math.max(0, steps.indexOf(failed))).stream()
                .filter(step -> step instanceof Step.EnsureRoute || step instanceof Step.EditRoute)
                .map(Step::target)
                .collect(Collectors.toSet());
        return routes.isEmpty() ? before : before.withRoutes(memory, routes);
    }
}
