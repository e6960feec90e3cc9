// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How long an app waits after it failed several times in a row.
final class Backoff {
    static final Duration FIRST = Duration.ofMillis(50);
    static final Duration LONGEST = Duration.ofSeconds(30);
    static final Duration FIRST_STALE = Duration.ofMillis(5);

    /// A change during a wait is looked at, but not sooner than this after the failure: an endpoint may have gone.
    static final Duration EARLY = Duration.ofMillis(100);

    private static final int MOST_DOUBLINGS = 16;

    private Backoff() {}

    /// The delay after the `failures`th failure in a row, 1 being the first.
    static Duration afterFailure(int failures, @Nullable Duration notBefore) {
        Duration delay = doubled(FIRST, failures);
        return notBefore != null && notBefore.compareTo(delay) > 0 ? notBefore : delay;
    }

    /// What an answer asks to wait, but no longer than after failures: a proxy under repair may say an hour, and pods
    /// die meanwhile.
    static @Nullable Duration bounded(@Nullable Duration retryAfter) {
        return retryAfter != null && retryAfter.compareTo(LONGEST) > 0 ? LONGEST : retryAfter;
    }

    /// The delay after the `times`th stale run in a row.
    static Duration afterStale(int times) {
        return doubled(FIRST_STALE, times);
    }

    private static Duration doubled(Duration first, int times) {
        Duration delay = first.multipliedBy(1L << Math.min(times - 1, MOST_DOUBLINGS));
        return delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
    }
}
