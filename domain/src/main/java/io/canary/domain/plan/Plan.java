// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import java.time.Instant;
import java.util.List;
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
}
