// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import java.time.Instant;
import java.time.InstantSource;

/// A clock that never goes back: the wall clock at the start, then only what has passed since.
public final class MonotonicClock implements InstantSource {
    private final Instant start;
    private final long startNanos;

    public MonotonicClock() {
        this.start = Instant.now();
        this.startNanos = System.nanoTime();
    }

    @Override
    public Instant instant() {
        return start.plusNanos(System.nanoTime() - startNanos);
    }
}
