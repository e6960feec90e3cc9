// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.stream.LongStream;

/// Times that were measured, in nanoseconds, shortest first.
final class Samples {
    private static final double NANOS_IN_MILLI = 1e6;

    private final long[] sorted;

    private Samples(long[] sorted) {
        this.sorted = sorted;
    }

    static Samples of(Collection<Long> nanos) {
        return of(nanos.stream().mapToLong(Long::longValue));
    }

    static Samples of(LongStream nanos) {
        long[] all = nanos.toArray();
        Arrays.sort(all);
        return new Samples(all);
    }

    int count() {
        return sorted.length;
    }

    /// The smallest time that `share` (0 to 1) of all do not exceed (nearest rank), in milliseconds; NaN without any.
    double millis(double share) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int rank = (int) Math.ceil(share * sorted.length);
        return sorted[Math.clamp(rank - 1L, 0, sorted.length - 1)] / NANOS_IN_MILLI;
    }

    double median() {
        return millis(0.5);
    }

    double p99() {
        return millis(0.99);
    }

    double most() {
        return millis(1);
    }
}
