// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The clock of one planning: tells whether a delay is over, and keeps the earliest end of those that are not.
final class Watch {
    private final Instant now;
    private @Nullable Instant wakeAt;

    Watch(Instant now) {
        this.now = now;
    }

    Instant now() {
        return now;
    }

    /// Whether `delay` since `since` is over; else the plan is made again at its end.
    boolean over(@Nullable Instant since, Duration delay) {
        return since != null && reached(since.plus(delay));
    }

    /// Whether `at` has come; else the plan is made again then.
    boolean reached(Instant at) {
        if (!now.isBefore(at)) {
            return true;
        }
        if (wakeAt == null || at.isBefore(wakeAt)) {
            wakeAt = at;
        }
        return false;
    }

    @Nullable
    Instant wakeAt() {
        return wakeAt;
    }
}
