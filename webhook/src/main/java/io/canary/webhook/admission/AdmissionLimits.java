// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import java.time.Duration;

/// What one client, and all of them together, may cost the admission server.
///
/// @param bodyBytes of one request; a review with old and new object is about 7 MiB at most
/// @param bufferedBytes of all requests together; past it 503
/// @param decidingBytes of the bodies that are parsed at one time; the others wait
/// @param requests at one time; past it 503
/// @param connections at one time; past it the one that has asked nothing for the longest time is closed, or the new
///     one where all are asking
/// @param headTime from the start of a connection to the end of its first request head
/// @param bodyTime from the end of the head to the end of the body
/// @param keepAlive from a response to the next request head. Longer than the 90 s after which an API server closes
///     an idle connection itself: whoever closes first never loses a request
/// @param linger how long the rest of a refused body may stall before its connection is closed
public record AdmissionLimits(
        int bodyBytes,
        int bufferedBytes,
        int decidingBytes,
        int requests,
        int connections,
        Duration headTime,
        Duration bodyTime,
        Duration keepAlive,
        Duration linger) {
    private static final int MIB = 1024 * 1024;

    public static final AdmissionLimits DEFAULT = new AdmissionLimits(
            7 * MIB,
            24 * MIB,
            8 * MIB,
            1_000,
            2_000,
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofSeconds(120),
            Duration.ofSeconds(1));

    public AdmissionLimits {
        if (bodyBytes > decidingBytes || decidingBytes > bufferedBytes) {
            throw new IllegalArgumentException("one body fits what is parsed at a time, and that what is buffered");
        }
    }
}
