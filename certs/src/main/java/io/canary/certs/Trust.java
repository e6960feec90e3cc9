// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/// Which authorities this process knows to be trusted by every API server: they have stood in each `caBundle`
/// for a while, and calls came through meanwhile. Kept in memory alone: who starts anew watches anew.
///
/// @param since when each was first seen, or last seen while calls failed; by a clock that does not go back
public record Trust(Map<X509Certificate, Instant> since) {
    /// API servers watch webhook configurations; none is this far behind.
    public static final Duration WAIT = Duration.ofSeconds(60);

    /// Nothing is known yet.
    public static final Trust NONE = new Trust(Map.of());

    public Trust {
        since = Map.copyOf(since);
    }

    /// What is known after another look.
    ///
    /// @param published what stands in every `caBundle` now
    /// @param reached whether calls of the API server reach us
    public Trust after(Instant now, Collection<X509Certificate> published, boolean reached) {
        Map<X509Certificate, Instant> next = new HashMap<>();
        for (X509Certificate one : published) {
            Instant first = since.get(one);
            next.put(one, first == null || (!reached && !at(now).test(one)) ? now : first);
        }
        return new Trust(next);
    }

    /// Those that are trusted at `now`.
    public Predicate<X509Certificate> at(Instant now) {
        return one -> {
            Instant first = since.get(one);
            return first != null && !now.isBefore(first.plus(WAIT));
        };
    }

    /// Whether some have been published but not for long enough.
    public boolean waits(Instant now) {
        return since.keySet().stream().anyMatch(one -> !at(now).test(one));
    }
}
