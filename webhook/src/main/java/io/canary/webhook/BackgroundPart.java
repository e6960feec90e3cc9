// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

/// What works beside the HTTP server for as long as the process lives: caches and, on the leader, writes.
public interface BackgroundPart {
    /// Whether all caches hold what the cluster holds, so that admission may answer and plans may be made.
    boolean ready();

    /// Writes no more and lets another process take over; caches stay for the requests that still come.
    void resign();

    /// Ends for good.
    void close();
}
