// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// A version without ready endpoints loses its weight, its user rules and its lane rules, while stable has endpoints.
///
/// Stable itself is exempt (others may take only a part of its share), and so are the routes of canary domains.
final class LingeringWeight implements Check {
    private record Lasting(long since, Sighting at) {}

    private final Limits limits;
    private final Map<String, Lasting> lasting = new HashMap<>();
    private final Set<String> told = new HashSet<>();

    LingeringWeight(Limits limits) {
        this.limits = limits;
    }

    @Override
    public void see(Step step, Findings findings) {
        World world = step.world();
        tellWhatLasts(world.now(), findings);
        Set<String> now = new HashSet<>();
        for (Seen.Route route : world.all(Seen.Route.class)) {
            if (!route.isHosts() && (route.app() != null || route.managed())) {
                for (String service : route.weighted()) {
                    world.version(route, service)
                            .filter(v -> mustGo(world, v))
                            .ifPresent(v -> now.add(route.key() + " -> " + service));
                }
            }
        }
        lasting.keySet().retainAll(now);
        told.retainAll(now);
        now.forEach(key -> lasting.putIfAbsent(key, new Lasting(world.now(), step.sighting())));
    }

    @Override
    public void end(World world, long now, Findings findings) {
        tellWhatLasts(now, findings);
    }

    private void tellWhatLasts(long now, Findings findings) {
        lasting.forEach((key, since) -> {
            if (now - since.since() > limits.withdrawal().toNanos() && told.add(key)) {
                findings.add(
                        Violation.Rule.WEIGHT_LINGERS,
                        since.at(),
                        "%s has no ready endpoint and still gets traffic after %s".formatted(key, limits.withdrawal()));
            }
        });
    }

    private static boolean mustGo(World world, Seen.Version version) {
        if (world.readiness(version.service()).any() || world.isRecorded(version)) {
            return false;
        }
        return world.recorded(version.app())
                .filter(s -> world.deployment(s).isPresent())
                .map(s -> world.readiness(s.service()).any())
                .orElseGet(() -> world.versions(version.app()).stream()
                        .anyMatch(v -> world.readiness(v.service()).any()));
    }
}
