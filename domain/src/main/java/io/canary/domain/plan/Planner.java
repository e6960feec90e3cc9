// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import java.time.Instant;
import java.util.List;

/// Decides what to write next: measure what is in force, then move towards what is asked (design section 5).
public final class Planner {
    private Planner() {}

    /// The plan for `app` at `now`, which must not go back within one process.
    public static Plan plan(App app, Memory memory, Instant now) {
        return new Plan(List.of(), memory, null);
    }
}
