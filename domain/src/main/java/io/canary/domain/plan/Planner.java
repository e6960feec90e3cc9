// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.policy.Policies;
import java.time.Instant;

/// Decides what to write next: measure what is in force, then move towards what is asked (design section 5).
public final class Planner {
    private Planner() {}

    /// The plan for `app` where no policy is about it.
    public static Plan plan(App app, Memory memory, Instant now) {
        return plan(app, memory, Policies.none(app.namespace()), now, now);
    }

    /// The plan for `app` at `now`, which must not go back within one process. Where applying it fails,
    /// [Plan#memoryUntil] says what to remember.
    ///
    /// @param policies of its namespace
    /// @param wall the time on the wall, by which policies go
    public static Plan plan(App app, Memory memory, Policies policies, Instant now, Instant wall) {
        if (!app.managed()) {
            return new Plan(java.util.List.of(), Memory.EMPTY, java.util.Map.of(), null);
        }
        return new Planning(app, memory, policies, now, wall).plan();
    }
}
