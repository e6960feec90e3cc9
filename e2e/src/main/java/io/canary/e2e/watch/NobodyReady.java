// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// While no version of an app has endpoints its routes stay as they are, and no first route is written.
///
/// Exempt: a version without a Deployment leaves the routes all the same.
final class NobodyReady implements Check {
    private final Map<String, Map<String, Integer>> previous = new HashMap<>();

    @Override
    public void see(Step step, Findings findings) {
        if (step.sighting().deleted() || !(step.sighting().object() instanceof Seen.Route route)) {
            return;
        }
        World world = step.world();
        Map<String, Integer> shares = world.shares(route);
        Map<String, Integer> old = previous.getOrDefault(route.key(), Map.of());
        step.ourRouteWrite().ifPresent(r -> {
            for (String app : world.apps(r)) {
                Set<Seen.Version> versions = world.versions(app);
                boolean moved = versions.stream()
                        .map(Seen.Version::service)
                        .anyMatch(s -> !shares.getOrDefault(s, 0).equals(old.getOrDefault(s, 0)));
                boolean nobody = versions.stream()
                        .allMatch(v -> world.unready(v.service(), step.limits().grace()));
                boolean deleted = old.entrySet().stream()
                        .filter(e -> e.getValue() > 0)
                        .anyMatch(e -> world.version(r, e.getKey())
                                .flatMap(world::deployment)
                                .isEmpty());
                if (moved && nobody && !deleted) {
                    findings.add(
                            Violation.Rule.MOVED_WHILE_NOBODY_READY,
                            step.sighting(),
                            "%s went from %s to %s while no version has endpoints".formatted(app, old, shares));
                }
            }
        });
        previous.put(route.key(), shares);
    }
}
