// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import java.time.Instant;

/// Decides what to write next: measure what is in force, then move towards what is asked (design section 5).
public final class Planner {
    private Planner() {}

    /// The plan for `app` at `now`, which must not go back within one process. Where applying it fails, the old
    /// memory stays in use.
    public static Plan plan(App app, Memory memory, Instant now) {
        if (!app.managed()) {
            return new Plan(java.util.List.of(), Memory.EMPTY, null);
        }
        return new Planning(app, memory, now).plan();
    }
}
