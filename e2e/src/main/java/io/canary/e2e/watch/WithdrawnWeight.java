// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A withdrawn weight returns after 30 s of readiness, and after two withdrawals in 10 min only after an edit.
///
/// A lowering to 0 counts as a withdrawal when the version has no ready endpoint, is not stable, and its Deployment
/// still asks for weight with no abort on the root Service. Withdrawals belong to the Deployment's UID. One whose
/// version was told to ask for nothing has nothing to return: what it gets afterwards is an advance.
final class WithdrawnWeight implements Check {
    /// The product may learn of a loss by another EndpointSlice, shortly before the version Service's own is written.
    private static final Duration SLICES_APART = Duration.ofSeconds(2);

    /// @param wish weight annotation and pod template at the withdrawal: another one is an edit
    /// @param returns whether there is something to return to
    private record Withdrawal(long at, String uid, String wish, boolean returns) {
        Withdrawal settled() {
            return new Withdrawal(at, uid, wish, false);
        }
    }

    private final Map<String, List<Withdrawal>> withdrawals = new HashMap<>();
    private final Map<Seen.Version, Long> maybe = new HashMap<>();
    private final Map<String, Map<String, Integer>> previous = new HashMap<>();
    /// The UID of the Deployment that last had a share, by Service: one made anew has lost nothing.
    private final Map<String, String> holders = new HashMap<>();

    @Override
    public void see(Step step, Findings findings) {
        maybe.values().removeIf(at -> step.world().now() - at > SLICES_APART.toNanos());
        Set.copyOf(maybe.keySet()).forEach(v -> lowered(step, v));
        if (step.sighting().object() instanceof Seen.Deployment d && !asks(d)) {
            withdrawals.values().forEach(list -> list.replaceAll(w -> w.uid().equals(d.uid()) ? w.settled() : w));
        }
        if (step.sighting().deleted() || !(step.sighting().object() instanceof Seen.Route route)) {
            return;
        }
        Map<String, Integer> shares = step.world().shares(route);
        Map<String, Integer> old = previous.getOrDefault(route.key(), Map.of());
        step.ourRouteWrite().ifPresent(r -> {
            for (String service : shares.keySet()) {
                int before = old.getOrDefault(service, 0);
                int now = shares.get(service);
                step.world().version(r, service).ifPresent(v -> {
                    if (before == 0 && now > 0) {
                        returned(step, v, findings);
                    }
                });
            }
            old.forEach((service, before) -> {
                if (before > 0 && shares.getOrDefault(service, 0) == 0) {
                    step.world().version(r, service).ifPresent(v -> lowered(step, v));
                }
            });
        });
        previous.put(route.key(), shares);
        shares.forEach((service, share) -> {
            if (share > 0) {
                step.world()
                        .version(route, service)
                        .flatMap(step.world()::deployment)
                        .ifPresent(d -> holders.put(service, d.uid()));
            }
        });
    }

    private void lowered(Step step, Seen.Version version) {
        World world = step.world();
        Optional<Seen.Deployment> deployment = world.deployment(version)
                .filter(WithdrawnWeight::asks)
                .filter(d -> d.uid().equals(holders.get(version.service())));
        boolean aborted = world.service(version.app())
                .filter(s -> s.keys().containsKey("canary.io/abort"))
                .isPresent();
        if (world.isRecorded(version) || aborted || deployment.isEmpty()) {
            return;
        }
        if (world.readiness(version.service()).any()) {
            maybe.putIfAbsent(version, world.now());
            return;
        }
        maybe.remove(version);
        List<Withdrawal> list = withdrawals.computeIfAbsent(version.service(), _ -> new ArrayList<>());
        Withdrawal withdrawal = new Withdrawal(world.now(), deployment.get().uid(), wish(deployment.get()), true);
        boolean otherRoute = !list.isEmpty()
                && world.readiness(version.service()).since() < list.getLast().at();
        if (!otherRoute) { // one loss of endpoints is one withdrawal, on however many routes
            list.add(withdrawal);
        }
    }

    private void returned(Step step, Seen.Version version, Findings findings) {
        World world = step.world();
        Optional<Seen.Deployment> deployment = world.deployment(version);
        List<Withdrawal> its = withdrawals.getOrDefault(version.service(), List.of()).stream()
                .filter(w -> deployment.filter(d -> d.uid().equals(w.uid())).isPresent())
                .toList();
        if (its.isEmpty()) {
            return;
        }
        Limits limits = step.limits();
        Duration ready = Duration.ofNanos(
                world.now() - world.readiness(version.service()).since());
        Withdrawal last = its.getLast();
        if (last.returns() && ready.compareTo(limits.hold().minus(limits.grace())) < 0) {
            findings.add(
                    Violation.Rule.RETURNED_TOO_EARLY,
                    step.sighting(),
                    "%s got weight again after %d ms of readiness".formatted(version.service(), ready.toMillis()));
        }
        boolean flapped = its.size() > 1
                && last.at() - its.get(its.size() - 2).at()
                        <= limits.flapWindow().toNanos();
        if (flapped && deployment.filter(d -> wish(d).equals(last.wish())).isPresent()) {
            findings.add(
                    Violation.Rule.RETURNED_AFTER_FLAPPING,
                    step.sighting(),
                    "%s got weight again after %d withdrawals, without an edit"
                            .formatted(version.service(), its.size()));
        }
    }

    private static boolean asks(Seen.Deployment deployment) {
        return !deployment.keys().getOrDefault("canary.io/weight", "0").matches("0*(\\.0*)?");
    }

    private static String wish(Seen.Deployment deployment) {
        return deployment.keys().get("canary.io/weight") + "/" + deployment.template();
    }
}
