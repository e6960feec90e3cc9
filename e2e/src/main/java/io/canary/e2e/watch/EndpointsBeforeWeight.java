// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// No write of ours raises a version without a ready endpoint, and a version Service waits for its first weight.
final class EndpointsBeforeWeight implements Check {
    private static final int WHOLE_PERCENT = 100;

    private final Set<String> weighted = new HashSet<>();
    private final Map<String, Map<String, Integer>> previous = new HashMap<>();

    @Override
    public void see(Step step, Findings findings) {
        if (step.sighting().object() instanceof Seen.Service gone
                && step.sighting().deleted()) {
            weighted.remove(gone.name());
        }
        if (step.sighting().deleted() || !(step.sighting().object() instanceof Seen.Route route)) {
            return;
        }
        Map<String, Integer> shares = step.world().shares(route);
        step.ourRouteWrite()
                .ifPresent(r -> shares.forEach((service, share) -> judge(step, r, service, share, findings)));
        shares.forEach((service, share) -> {
            if (share > 0) {
                weighted.add(service);
            }
        });
        previous.put(route.key(), shares);
    }

    private void judge(Step step, Seen.Route route, String service, int share, Findings findings) {
        World world = step.world();
        Seen.Version version = world.version(route, service).orElseThrow();
        int before = shareBefore(step, route, version, service);
        if (share <= before) {
            return;
        }
        if (world.unready(service, step.limits().grace())) {
            findings.add(
                    Violation.Rule.RAISED_WITHOUT_ENDPOINTS,
                    step.sighting(),
                    "%s raised from %s to %s without a ready endpoint"
                            .formatted(service, Check.percent(before), Check.percent(share)));
            return;
        }
        World.Readiness ready = world.readiness(service);
        Duration since = Duration.ofNanos(world.now() - ready.since());
        boolean first = !weighted.contains(service);
        boolean takesOver = (world.isRecorded(version)
                        || world.stable(version.app()).filter(version::equals).isPresent())
                && step.before().isPresent();
        Duration wanted = step.limits().firstWeight().minus(step.limits().grace());
        if (first && ready.any() && !takesOver && since.compareTo(wanted) < 0) {
            findings.add(
                    Violation.Rule.FIRST_WEIGHT_TOO_EARLY,
                    step.sighting(),
                    "%s got its first weight %d ms after its first ready endpoint"
                            .formatted(service, since.toMillis()));
        }
    }

    /// Of a standing route its last weight; of a new one what traffic followed before, rounded up a whole percent.
    private int shareBefore(Step step, Seen.Route route, Seen.Version version, String service) {
        World world = step.world();
        Map<String, Integer> old = previous.getOrDefault(route.key(), Map.of());
        if (step.before().isPresent()) {
            int was = old.getOrDefault(service, 0);
            return was > 0 ? was + rounding(step, route) : 0;
        }
        int recorded = world.release(version.app())
                .map(r -> r.inForce().getOrDefault(version.name(), 0))
                .orElse(0);
        int measured = Math.max(world.endpointShare(version), Math.max(recorded, old.getOrDefault(service, 0)));
        return measured > 0 ? measured + WHOLE_PERCENT : 0;
    }

    private static int rounding(Step step, Seen.Route route) {
        boolean sameScale = step.before().orElse(null) instanceof Seen.Route old
                && old.rules().stream()
                        .map(Seen.Rule::sum)
                        .toList()
                        .equals(route.rules().stream().map(Seen.Rule::sum).toList());
        return sameScale ? 0 : WHOLE_PERCENT / 2;
    }
}
