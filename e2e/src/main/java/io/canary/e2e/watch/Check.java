// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.util.Optional;

/// One invariant during one replay; it may remember what it saw.
interface Check {
    /// Called after each sighting, with the world that has taken it in.
    void see(Step step, Findings findings);

    /// Called once behind the last sighting: what has lasted until `now`.
    default void end(World world, long now, Findings findings) {}

    /// One sighting in its place.
    ///
    /// @param before the version of the same object before it
    /// @param judged false for what already stood when the recording began
    record Step(World world, Sighting sighting, Optional<Seen> before, boolean judged, Limits limits) {
        /// The route, where this sighting is a write of its rules by us.
        Optional<Seen.Route> ourRouteWrite() {
            return ruleChange().filter(r -> judged && r.writtenBy(limits.manager()));
        }

        /// The route, where this sighting changed its rules, whoever did it.
        Optional<Seen.Route> ruleChange() {
            if (sighting.deleted() || !(sighting.object() instanceof Seen.Route route)) {
                return Optional.empty();
            }
            boolean same = before.orElse(null) instanceof Seen.Route old
                    && old.rules().equals(route.rules())
                    && old.writers().equals(route.writers());
            return same || (route.app() == null && !route.managed()) ? Optional.empty() : Optional.of(route);
        }
    }

    /// Where checks put what they find.
    interface Findings {
        void add(Violation.Rule rule, Sighting at, String what);
    }

    /// Basis points as a reader wants them.
    static String percent(int basisPoints) {
        return basisPoints % 100 == 0 ? basisPoints / 100 + " %" : "%.2f %%".formatted(basisPoints / 100.0);
    }
}
