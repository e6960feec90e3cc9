// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.time.Instant;

/// One object as it arrived from a watch (or the first list), or its deletion.
///
/// @param revision the resource version: one counter of the whole etcd, so it orders writes of all kinds
/// @param nanos arrival, `System.nanoTime()`
/// @param wall arrival
record Sighting(long revision, long nanos, Instant wall, boolean deleted, Seen object) {
    /// This one, at the time of `later` where it arrived after it.
    Sighting notAfter(Sighting later) {
        return nanos <= later.nanos ? this : new Sighting(revision, later.nanos, later.wall, deleted, object);
    }

    String line(long startNanos) {
        return "%+9.3fs rv=%d %s %s"
                .formatted((nanos - startNanos) / 1e9, revision, object.key(), deleted ? "DELETED" : object.summary());
    }
}
