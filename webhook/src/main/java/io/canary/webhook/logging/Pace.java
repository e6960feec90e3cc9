// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.logging;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Lets one line through in a while, so that a flood of the same fills no log.
public final class Pace {
    private final Duration quiet;
    private final LongSupplier nanos;
    private @Nullable Long told;

    /// @param quiet how long no line follows another
    /// @param nanos a clock that does not go back
    public Pace(Duration quiet, LongSupplier nanos) {
        this.quiet = quiet;
        this.nanos = nanos;
    }

    /// Whether the last line is some time ago; if so, this is one.
    public synchronized boolean worthALine() {
        long now = nanos.getAsLong();
        Long last = told;
        if (last != null && now - last < quiet.toNanos()) {
            return false;
        }
        told = now;
        return true;
    }
}
