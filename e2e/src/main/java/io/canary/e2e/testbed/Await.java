// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for a condition, up to a deadline.
public final class Await {
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Await() {}

    /// Returns as soon as the condition holds; throws after `limit`, saying what was waited for.
    public static void until(String what, Duration limit, BooleanSupplier condition) {
        until(what, limit, condition, () -> "");
    }

    /// As above; `found` tells what was there instead, for the message.
    public static void until(String what, Duration limit, BooleanSupplier condition, Supplier<String> found) {
        var deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited " + limit.toSeconds() + " s in vain: " + what + suffix(found.get()));
            }
            pause();
        }
    }

    private static String suffix(String found) {
        return found.isEmpty() ? "" : "; found: " + found;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting", e);
        }
    }
}
