// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Replicas go down last: weight down, routes current, delay over, and never below what the weight needs.
///
/// Judged are lowerings by our field manager in route mode (a route of the app is Accepted). Exempt: while stable has
/// no endpoint the others make room for it, a tenth of their pods at a time (5.4).
final class ScaleDown implements Check {
    /// A weight that went down, the pods that it had needed (those beyond were of no use before), and the delay that
    /// stood: it may go with the root Service's annotations just before the pods, as at detach.
    private record Lowering(long at, int needed, Duration delay) {}

    private final Map<String, List<Lowering>> lowered = new HashMap<>();
    private final Map<String, Map<String, Integer>> previous = new HashMap<>();

    @Override
    public void see(Step step, Findings findings) {
        World world = step.world();
        if (step.sighting().object() instanceof Seen.Route route
                && !step.sighting().deleted()) {
            Map<String, Integer> shares = world.shares(route);
            Map<String, Integer> before = previous.getOrDefault(route.key(), Map.of());
            OptionalInt total = route.app() == null ? OptionalInt.empty() : world.total(route.app());
            before.forEach((service, share) -> {
                if (shares.getOrDefault(service, 0) < share) {
                    int needed =
                            total.isPresent() ? SplitBound.least(before, service, total.getAsInt()) : Integer.MAX_VALUE;
                    Duration delay = route.app() == null
                            ? step.limits().scaleDownDelay()
                            : world.scaleDownDelay(route.app(), step.limits().scaleDownDelay());
                    lowered.computeIfAbsent(service, _ -> new ArrayList<>())
                            .add(new Lowering(world.now(), needed, delay));
                }
            });
            previous.put(route.key(), shares);
        }
        boolean ours = step.judged() && !step.sighting().deleted();
        if (ours
                && step.sighting().object() instanceof Seen.Deployment now
                && step.before().orElse(null) instanceof Seen.Deployment old
                && now.replicas() < old.replicas()
                && (now.replicasWriter() == null
                        || now.replicasWriter().equals(step.limits().manager()))) {
            Optional<String> app = world.app(now)
                    .filter(a -> inRouteMode(world, a) && !makesRoom(world, a, old.replicas(), now.replicas()));
            app.ifPresent(a -> judge(step, new Seen.Version(a, now.version(a)), now.replicas(), findings));
        }
    }

    private void judge(Step step, Seen.Version version, int replicas, Findings findings) {
        World world = step.world();
        String app = version.app();
        OptionalInt total = world.total(app);
        for (Seen.Route route : world.routes(app)) {
            Map<String, Integer> shares = world.shares(route);
            int share = shares.getOrDefault(version.service(), 0);
            int need = total.isPresent()
                    ? SplitBound.least(shares, version.service(), total.getAsInt())
                    : Math.min(share, 1);
            if (replicas < need) {
                findings.add(
                        Violation.Rule.SCALED_BELOW_WEIGHT,
                        step.sighting(),
                        "%s to %d replicas, but %s gives it %s, which needs %d of %s"
                                .formatted(
                                        version.service(), replicas, route.key(), Check.percent(share), need, total));
            }
            boolean stale =
                    route.parents().stream().anyMatch(p -> p.accepted() && p.observedGeneration() < route.generation());
            if (stale) {
                findings.add(
                        Violation.Rule.SCALED_BEFORE_STATUS,
                        step.sighting(),
                        "%s to %d replicas before the status of %s is current"
                                .formatted(version.service(), replicas, route.key()));
            }
        }
        Duration delay = world.scaleDownDelay(app, step.limits().scaleDownDelay());
        lowered.getOrDefault(version.service(), List.of()).stream()
                .filter(lowering -> lowering.needed() > replicas
                        && world.now() - lowering.at() < least(lowering.delay(), delay, step.limits()))
                .findFirst()
                .ifPresent(lowering -> findings.add(
                        Violation.Rule.SCALED_BEFORE_DELAY,
                        step.sighting(),
                        "%s to %d replicas %d ms after its weight went down, which needed %d; the delay is %s"
                                .formatted(
                                        version.service(),
                                        replicas,
                                        (world.now() - lowering.at()) / 1_000_000,
                                        lowering.needed(),
                                        delay)));
    }

    /// The shorter of both delays, less what watches may be late, in nanoseconds.
    private static long least(Duration then, Duration now, Limits limits) {
        Duration delay = then.compareTo(now) < 0 ? then : now;
        return delay.minus(limits.grace().multipliedBy(2)).toNanos();
    }

    private static boolean inRouteMode(World world, String app) {
        return world.routes(app).stream().anyMatch(Seen.Route::accepted);
    }

    private static boolean makesRoom(World world, String app, int before, int after) {
        boolean tenth = before - after <= Math.max(1, (before + 9) / 10);
        return tenth
                && Stream.of(world.stable(app), world.recorded(app))
                        .flatMap(Optional::stream)
                        .anyMatch(s -> !world.readiness(s.service()).any());
    }
}
