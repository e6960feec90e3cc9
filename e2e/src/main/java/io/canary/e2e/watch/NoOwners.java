// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

/// Nothing of ours has owner references: garbage collection knows no safe order.
final class NoOwners implements Check {
    @Override
    public void see(Step step, Findings findings) {
        boolean owned = switch (step.sighting().object()) {
            case Seen.Route r -> r.app() != null && r.hasOwners();
            case Seen.Service s -> s.app() != null && s.hasOwners();
            case Seen.Release r -> r.hasOwners();
            case Seen.Slice _, Seen.Deployment _, Seen.Pod _ -> false;
        };
        if (owned && step.before().filter(step.sighting().object()::equals).isEmpty()) {
            findings.add(Violation.Rule.OWNER_REFERENCES, step.sighting(), "has owner references");
        }
    }
}
