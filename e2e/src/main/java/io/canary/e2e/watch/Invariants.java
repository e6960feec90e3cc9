// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The invariants of `design.md` 5 and `admission.md` 7: pure functions from what was observed to what was violated.
///
/// The whole timeline is replayed each time, so a sighting that arrives late is judged in its place.
final class Invariants {
    private Invariants() {}

    /// Every violation in the order of its showing, as of `now` (nanoseconds of the sightings' clock).
    static List<Violation> check(Timeline timeline, Limits limits, long now) {
        List<Violation> found = new ArrayList<>();
        Check.Findings findings = (rule, at, what) -> found.add(
                new Violation(rule, at.wall(), at.revision(), at.object().key(), what));
        List<Check> checks = List.of(
                new EndpointsBeforeWeight(),
                new LingeringWeight(limits),
                new WithdrawnWeight(),
                new RuleWeights(),
                new TakingTurns(),
                new NobodyReady(),
                new ScaleDown(),
                new ServicesFirst(),
                new NoOwners());
        World world = new World();
        for (Sighting s : timeline.sightings()) {
            Optional<Seen> before = world.apply(s);
            Check.Step step = new Check.Step(world, s, before, s.revision() > timeline.startRevision(), limits);
            checks.forEach(c -> c.see(step, findings));
        }
        checks.forEach(c -> c.end(world, Math.max(now, world.now()), findings));
        return found;
    }

    /// What the audit log tells of the product: it deletes no Deployment and writes only what is its own (I3, I5).
    static List<Violation> check(Calls calls) {
        List<Violation> found = new ArrayList<>();
        for (Call c : calls.writes().succeeded().all()) {
            boolean deletes = c.verb().startsWith("delete");
            if (deletes && c.target().equals("deployments")) {
                found.add(told(Violation.Rule.DEPLOYMENT_DELETED, c));
            } else if (!mayWrite(c, deletes)) {
                found.add(told(Violation.Rule.FOREIGN_WRITE, c));
            }
        }
        return found;
    }

    private static boolean mayWrite(Call call, boolean deletes) {
        return switch (call.resource()) {
            case "services", "httproutes", "grpcroutes", "releases" ->
                !call.verb().equals("deletecollection");
            case "deployments" ->
                !deletes && (call.subresource().isEmpty() || call.subresource().equals("scale"));
            case "events", "leases", "secrets" -> true;
            case "mutatingwebhookconfigurations", "validatingwebhookconfigurations", "customresourcedefinitions" ->
                !deletes && !call.verb().equals("create");
            default -> false;
        };
    }

    private static Violation told(Violation.Rule rule, Call c) {
        String object = c.target() + "/" + c.name();
        return new Violation(rule, c.requestReceived(), 0, object, "%s by %s".formatted(c.verb(), c.userAgent()));
    }

    /// The different splits of one route, in order, in basis points by Service.
    static List<Map<String, Integer>> weightHistory(Timeline timeline, String route) {
        List<Map<String, Integer>> history = new ArrayList<>();
        World world = new World();
        for (Sighting s : timeline.sightings()) {
            world.apply(s);
            if (!s.deleted()
                    && s.object() instanceof Seen.Route seen
                    && seen.name().equals(route)) {
                Map<String, Integer> shares = new TreeMap<>(world.shares(seen));
                if (history.isEmpty() || !history.getLast().equals(shares)) {
                    history.add(shares);
                }
            }
        }
        return history;
    }

    /// The different values of `spec.replicas` of one Deployment, in order.
    static List<Integer> replicaHistory(Timeline timeline, String deployment) {
        List<Integer> history = new ArrayList<>();
        for (Sighting s : timeline.sightings()) {
            if (!s.deleted()
                    && s.object() instanceof Seen.Deployment d
                    && d.name().equals(deployment)
                    && (history.isEmpty() || history.getLast() != d.replicas())) {
                history.add(d.replicas());
            }
        }
        return history;
    }
}
