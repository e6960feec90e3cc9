// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What to write now, what to remember, and when to look again although nothing happened.
///
/// @param steps in order; empty at rest
/// @param memory for the next plan of the same app in the same process
/// @param seen what of it, by Deployment uid, does not suppose that anything is written
/// @param wakeAt when a delay or a deadline next ends, or null
public record Plan(
        List<Step> steps,
        Memory memory,
        Map<String, Memory.OfVersion> seen,
        @Nullable Instant wakeAt) {
    public Plan {
        steps = List.copyOf(steps);
        seen = Map.copyOf(seen);
    }

    /// What to remember where applying this plan ended at `failed`: all of `before`, what was seen since, and, where a
    /// route was written, what that moved. Else a withdrawal would be forgotten, and its weight back too soon.
    ///
    /// @param perhaps whether `failed` may have been written all the same: it got no answer, or one that leaves it
    ///     open. It counts as a move then, but not as a write that somebody may have undone.
    /// @param left targets before it that were refused
    public Memory memoryUntil(Step failed, boolean perhaps, Set<String> left, Memory before) {
        Set<String> routes = steps.subList(0, Math.max(0, steps.indexOf(failed))).stream()
                .filter(Plan::route)
                .map(Step::target)
                .filter(target -> !left.contains(target))
                .collect(Collectors.toSet());
        if (!routes.isEmpty()) {
            return before.withRoutes(memory, routes);
        }
        return perhaps && route(failed) ? before.perhaps(memory) : before.seen(seen, memory);
    }

    private static boolean route(Step step) {
        return step instanceof Step.EnsureRoute || step instanceof Step.EditRoute;
    }
}
