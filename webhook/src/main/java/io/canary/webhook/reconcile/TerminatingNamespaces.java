// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Namespaces in which nothing can be created any more; one is tried again after a minute, for a new one of the
/// same name may stand by then.
final class TerminatingNamespaces {
    static final Duration PAUSE = Duration.ofMinutes(1);

    private final InstantSource clock;
    private final Map<String, Instant> until = new ConcurrentHashMap<>();

    TerminatingNamespaces(InstantSource clock) {
        this.clock = clock;
    }

    void add(String namespace) {
        Instant now = clock.instant();
        until.values().removeIf(end -> end.isBefore(now));
        until.put(namespace, now.plus(PAUSE));
    }

    boolean has(String namespace) {
        Instant end = until.get(namespace);
        return end != null && clock.instant().isBefore(end);
    }
}
