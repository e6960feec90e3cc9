// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.sim;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Release;
import io.canary.domain.app.Settings;
import io.canary.domain.json.JsonObject;
import io.canary.domain.plan.Step;
import io.canary.domain.share.ReplicaSplit;
import io.canary.domain.share.Shares;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The rules of design section 5 as one sees them from outside: watches a [SimWorld] and judges every write before it
/// is done. Keeps its own times; shares no code with the planner but the split.
final class SimRules {
    /// A broken rule.
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken(String message) {
            super(message);
        }
    }

    private static final int ALL = 10_000;
    private static final Duration FIRST_WEIGHT = Duration.ofSeconds(3);
    private static final Duration RETURN = Duration.ofSeconds(30);
    private static final Duration FLAPPING = Duration.ofMinutes(10);
    private static final Duration MINUTE = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final Duration PACE = Duration.ofSeconds(1);

    /// What was taken from a version without endpoints, and what it asked for then.
    private record Withdrawal(Instant at, String fingerprint) {}

    /// A share that was lowered, and the pods it had needed.
    private record Lowering(Instant at, int needed) {}

    private final SimWorld world;
    private final Map<String, Instant> servesSince = new HashMap<>();
    private final Map<String, Integer> mostReady = new HashMap<>();
    private final Map<String, Instant> grewAt = new HashMap<>();
    private final Map<String, List<Lowering>> lowerings = new HashMap<>();
    private final Map<String, Instant> roseAt = new HashMap<>();
    private final Map<String, Instant> namedAt = new HashMap<>();
    private final Map<String, Instant> carriedAt = new HashMap<>();
    private final Map<String, List<Withdrawal>> withdrawals = new HashMap<>();
    private Instant leaderSince;
    private @Nullable Instant movedAt;
    private Map<String, Integer> movedTo = Map.of();

    SimRules(SimWorld world) {
        this.world = world;
        this.leaderSince = world.now;
    }

    static void rule(boolean holds, String otherwise) {
        if (!holds) {
            throw new Broken(otherwise);
        }
    }

    // ---- what is seen

    /// To be called whenever something may have changed.
    void look() {
        for (SimWorld.Sim sim : world.deployments.values()) {
            int ready = world.serviceReady(sim);
            if (ready > 0) {
                servesSince.putIfAbsent(sim.uid, world.now);
            } else {
                servesSince.remove(sim.uid);
            }
            if (ready > mostReady.getOrDefault(sim.name, 0)) {
                mostReady.put(sim.name, ready);
                grewAt.put(sim.name, world.now);
            }
        }
        shares().forEach((service, share) -> {
            namedAt.put(service, world.now);
            SimWorld.Sim sim = world.deployments.get(service);
            if (share > 0 && sim != null && world.serviceReady(sim) > 0) {
                carriedAt.put(sim.uid, world.now);
            }
        });
        if (world.release != null && world.release.phase() == Release.Phase.CONFLICT) {
            withdrawals.clear(); // then a version may ask for nothing, and has nothing to return to
        }
    }

    /// The process that plans was replaced: its delays begin again. Of withdrawals it knows what the
    /// Release tells. One after which the Release still tells a share is known too, but counts for no
    /// flapping.
    void restarted() {
        leaderSince = world.now;
        movedAt = null;
        for (SimWorld.Sim sim : world.deployments.values()) {
            List<Withdrawal> taken = withdrawals.getOrDefault(sim.uid, List.of());
            List<Withdrawal> told = new ArrayList<>(taken.stream()
                    .filter(w -> tells(sim, v -> since(v.withdrawal(), w)))
                    .toList());
            if (told.isEmpty() && !taken.isEmpty() && tells(sim, v -> v.inForce() > 0 && asks(sim))) {
                told.add(new Withdrawal(
                        world.now.minus(FLAPPING), taken.getLast().fingerprint()));
            }
            withdrawals.put(sim.uid, told);
        }
        roseAt.clear();
    }

    // ---- what is written

    void judge(Step step) {
        switch (step) {
            case Step.EnsureRoute s -> route(s);
            case Step.EnsureHosts s ->
                SimGateway.backends(s.spec())
                        .forEach(service -> rule(
                                world.services.containsKey(service),
                                "hosts lead to " + service + ", which is missing"));
            case Step.EditRoute s -> gateway(s);
            case Step.Scale s -> scale(s);
            case Step.Delete s -> delete(s);
            case Step.EnsureService s -> rule(!s.name().equals(world.taken), "a user's Service is overwritten");
            case Step.Mark _, Step.UnmarkRoot _, Step.Report _, Step.Tell _ -> {}
        }
    }

    private void route(Step.EnsureRoute step) {
        Map<String, Integer> before = shares();
        Map<String, Integer> after = new TreeMap<>();
        step.refs().forEach(ref -> after.put(ref.service(), ref.weight()));
        int sum = after.values().stream().mapToInt(Integer::intValue).sum();
        rule(sum == 100 || sum == ALL, "weights sum to " + sum);
        rule(someServe() || world.taken != null, "the route changes while nobody serves");
        Map<String, Integer> to = scaled(after);
        usersAreServed(new JsonObject(
                        Map.of("rules", step.rules().subList(0, step.rules().size() - 1)))
                .objects("rules"));
        boolean fresh = world.route == null;
        boolean emptied = !fresh && before.isEmpty();
        to.forEach((service, share) -> {
            int had = before.getOrDefault(service, 0);
            rule(
                    world.services.containsKey(service) || had >= share,
                    "the route names " + service + ", which is missing");
            SimWorld.Sim sim = world.deployments.get(service);
            boolean serves = sim != null && world.serviceReady(sim) > 0;
            rule(
                    serves || (!fresh && !emptied && share <= had + 1),
                    service + " rises from " + had + " to " + share + " without a ready endpoint");
            if (sim != null && share > 0 && had == 0 && !emptied && (fresh || inForce(sim) == 0)) {
                rule(
                        over(servesSince.get(sim.uid), FIRST_WEIGHT),
                        service + " gets its first weight less than 3 s after its first endpoint");
            }
        });
        if (fresh) {
            entry(to);
        } else if (routed() && !emptied) {
            pace(before, to);
            move(before, to);
        }
        note(before, to);
    }

    /// What holds of every route: who gets a share, or users, serves, and has been known to where it had none.
    private void gateway(Step.EditRoute step) {
        List<JsonObject> rules = new JsonObject(Map.of("rules", step.rules())).objects("rules");
        Map<String, Integer> before = new TreeMap<>();
        world.gateway
                .shares()
                .forEach(rule -> rule.forEach((service, share) -> before.merge(service, share, Math::min)));
        SimGateway.shares(rules)
                .forEach(rule -> rule.forEach((service, share) -> {
                    int had = before.getOrDefault(service, 0);
                    SimWorld.Sim sim = world.deployments.get(service);
                    boolean serves = sim != null && world.serviceReady(sim) > 0;
                    rule(
                            serves || share <= had + 1,
                            "the Gateway's route gives " + service + " " + share + " of " + had);
                    rule(
                            had > 0 || share == 0 || (sim != null && over(servesSince.get(sim.uid), FIRST_WEIGHT)),
                            "the Gateway's route gives " + service + " its first share too early");
                }));
        usersAreServed(rules);
        if (world.gateway.followed()) {
            noteGateway(world.gateway.shares(), SimGateway.shares(rules));
        }
    }

    /// Of rules with different shares, that which gave a version the most says what it had needed.
    private void noteGateway(List<Map<String, Integer>> before, List<Map<String, Integer>> to) {
        for (SimWorld.Sim sim : world.deployments.values()) {
            int gets = to.stream()
                    .mapToInt(rule -> rule.getOrDefault(sim.name, 0))
                    .max()
                    .orElse(0);
            before.stream()
                    .filter(rule -> rule.getOrDefault(sim.name, 0) > gets)
                    .mapToInt(rule -> ReplicaSplit.of(total(), byVersion(rule), newestFirst())
                            .getOrDefault(sim.version(), 0))
                    .max()
                    .ifPresent(needed -> lowerings
                            .computeIfAbsent(sim.uid, _ -> new ArrayList<>())
                            .add(new Lowering(world.now, needed)));
        }
    }

    private void usersAreServed(List<JsonObject> rules) {
        SimGateway.forUsers(rules).forEach(service -> {
            SimWorld.Sim sim = world.deployments.get(service);
            rule(
                    sim != null && world.serviceReady(sim) > 0,
                    "users are sent to " + service + " without a ready endpoint");
        });
    }

    /// Invariant I10: once a second, but for what is taken from a version without endpoints, and the one write of an
    /// abort or undo; what others wrote is put right at once.
    private void pace(Map<String, Integer> before, Map<String, Integer> to) {
        boolean urgent = before.entrySet().stream().anyMatch(e -> {
            SimWorld.Sim sim = world.deployments.get(e.getKey());
            boolean serves = sim != null && world.serviceReady(sim) > 0;
            return !serves && to.getOrDefault(e.getKey(), 0) < e.getValue();
        });
        boolean ended = (aborted() && to.size() == 1) || undone(before, to);
        if (!before.equals(to) && !urgent) {
            boolean asMoved = movedAt != null && before.equals(movedTo);
            rule(!asMoved || ended || over(movedAt, PACE), "the route moves twice within a second: " + before + to);
            movedAt = world.now;
            movedTo = to;
        }
    }

    /// The first route carries what was measured: what a managed route carries, else by endpoints.
    private void entry(Map<String, Integer> to) {
        Release release = world.release;
        boolean split =
                !world.gateway.original.isEmpty() && world.gateway.shares().contains(to);
        if (split || (release != null && release.mode() == Release.Mode.ROUTE)) {
            return;
        }
        Map<String, Integer> ready = new TreeMap<>();
        world.deployments.values().forEach(d -> ready.put(d.name, world.ready(d)));
        scaled(ready).forEach((service, share) -> {
            int given = to.getOrDefault(service, 0);
            rule(Math.abs(given - share) <= 100, "the first route gives " + service + " " + given + ", not " + share);
        });
    }

    /// A change of shares where a controller follows the route: who rises has a right to, and the pods for it.
    private void move(Map<String, Integer> before, Map<String, Integer> to) {
        SimWorld.Sim record = record();
        boolean deleted = before.keySet().stream().anyMatch(s -> !world.deployments.containsKey(s));
        if (record == null || total() == 0) {
            return;
        }
        Instant known = servesSince.getOrDefault(record.uid, leaderSince);
        boolean recordServes = world.serviceReady(record) > 0
                && (before.containsKey(record.name)
                        || over(known.isAfter(leaderSince) ? known : leaderSince, FIRST_WEIGHT));
        for (Map.Entry<String, Integer> e : to.entrySet()) {
            SimWorld.Sim sim = world.deployments.get(e.getKey());
            int had = before.getOrDefault(e.getKey(), 0);
            if (sim == null || e.getValue() <= had + 1) {
                continue;
            }
            if (receives(sim, record)) {
                retreat(sim, before, e.getValue());
            } else if (recordServes) {
                advance(sim, had, to);
            } else if (!deleted) {
                standIn(sim, had, to);
            }
        }
    }

    /// Rule 4: a receiver gets no more than its pods carry by a quarter, by twice where it has been stuck.
    private void retreat(SimWorld.Sim sim, Map<String, Integer> before, int share) {
        int had = before.getOrDefault(sim.name, 0);
        int dead = 0;
        int living = 0;
        for (Map.Entry<String, Integer> e : before.entrySet()) {
            SimWorld.Sim giver = world.deployments.get(e.getKey());
            boolean serves = giver != null && world.serviceReady(giver) > 0;
            dead += serves ? 0 : e.getValue();
            living += serves && giver != sim ? e.getValue() : 0;
        }
        boolean stuck = over(grewAt.get(sim.name), MINUTE) || degraded(sim);
        // A pod more than there is, for the rounding of its part of the pods.
        long limit = (stuck ? 200L : 125L) * ALL / 100 * (world.serviceReady(sim) + 1) / total();
        limit = Math.max(limit, had + dead + 1L);
        limit = sim.autoscaled ? Math.max(limit, 2L * had + dead) : limit;
        rule(
                share <= limit || living == 0,
                sim.name + " takes back " + share + " with " + world.serviceReady(sim) + " of " + total() + " pods");
    }

    /// Rule 3: the ready endpoints that the new share needs; nothing while paused or aborted.
    private void advance(SimWorld.Sim sim, int had, Map<String, Integer> to) {
        int share = to.getOrDefault(sim.name, 0);
        String what = sim.name + " rises from " + had + " to " + share;
        List<Withdrawal> taken = withdrawals.getOrDefault(sim.uid, List.of());
        boolean returns =
                had == 0 && !taken.isEmpty() && taken.getLast().fingerprint().equals(fingerprint(sim));
        rule(!aborted(), what + " while aborted");
        rule(!paused() || returns || recorded(sim), what + " while paused");
        rule(!world.frozen || returns || recorded(sim), what + " during a freeze");
        Integer max = world.maxWeight;
        boolean promoted = sim.version().equals(world.rootAnnotations.get("canary.io/stable"));
        rule(max == null || share <= max || returns || promoted || recorded(sim), what + " above maxWeight");
        rule(!sim.paused, what + " while its Deployment is paused");
        if (returns) {
            rule(over(servesSince.get(sim.uid), RETURN), what + " less than 30 s after it serves again");
            rule(!held(sim, taken), what + " although its endpoints went twice in 10 minutes");
        }
        int ready = world.serviceReady(sim);
        int need = ReplicaSplit.of(total(), byVersion(to), newestFirst()).getOrDefault(sim.version(), 0);
        // Where others wait, what is given now and what is asked may round to one pod more or less.
        boolean enough = ready >= Math.max(1, ReplicaSplit.enough(need)) || (to.size() > 1 && ready + 1 >= need);
        if (sim.autoscaled && !enough) {
            rule(ready >= SimWorld.AUTOSCALED_LEAST, what + " below its autoscaler's minReplicas");
            long carried = (long) ALL * ready / total();
            rule(share <= Math.max(2L * had, Math.max(100, carried)), what + ": more than twice as much");
            rule(
                    had == 0 || over(roseAt.getOrDefault(sim.uid, leaderSince), MINUTE),
                    what + " less than a minute after it rose: its autoscaler has " + ready + " of " + need);
        } else {
            rule(enough, what + " with " + ready + " of " + need + " pods");
        }
    }

    /// Rule 5: what others take of a stable without endpoints.
    private void standIn(SimWorld.Sim sim, int had, Map<String, Integer> to) {
        int share = to.getOrDefault(sim.name, 0);
        String what = sim.name + " takes over " + had + " to " + share;
        int ready = world.serviceReady(sim);
        int need = ReplicaSplit.of(total(), byVersion(to), newestFirst()).getOrDefault(sim.version(), 0);
        boolean enough = ready >= Math.max(1, ReplicaSplit.enough(need));
        // Its autoscaler adds pods only as traffic comes (design section 4).
        boolean doubles = sim.autoscaled
                && ready >= SimWorld.AUTOSCALED_LEAST
                && share <= 2 * had
                && over(roseAt.getOrDefault(sim.uid, leaderSince), MINUTE);
        rule(
                enough || doubles || share <= Math.max(100, 2L * ALL * ready / total()),
                what + " with " + ready + " pods");
        rule(!aborted(), what + " while aborted");
        rule(!held(sim, withdrawals.getOrDefault(sim.uid, List.of())), what + " although it is held at 0");
    }

    private void note(Map<String, Integer> before, Map<String, Integer> to) {
        Map<String, Integer> needed = ReplicaSplit.of(total(), byVersion(before), newestFirst());
        for (SimWorld.Sim sim : world.deployments.values()) {
            int had = before.getOrDefault(sim.name, 0);
            int gets = to.getOrDefault(sim.name, 0);
            if (gets < had) {
                lowerings
                        .computeIfAbsent(sim.uid, _ -> new ArrayList<>())
                        .add(new Lowering(world.now, needed.getOrDefault(sim.version(), 0)));
            } else if (gets > had && !before.isEmpty()) {
                roseAt.put(sim.uid, world.now);
            }
            if (had > 0 && gets == 0 && world.serviceReady(sim) == 0 && asks(sim)) {
                withdraw(sim);
            }
        }
    }

    /// Where somebody gave it weight although it had no endpoints, that is taken again, and no second loss.
    private void withdraw(SimWorld.Sim sim) {
        List<Withdrawal> taken = withdrawals.computeIfAbsent(sim.uid, _ -> new ArrayList<>());
        Instant carried = carriedAt.getOrDefault(sim.uid, Instant.MIN);
        if (!taken.isEmpty() && !carried.isAfter(taken.getLast().at())) {
            taken.removeLast();
        }
        taken.add(new Withdrawal(world.now, fingerprint(sim)));
    }

    private void scale(Step.Scale step) {
        SimWorld.Sim sim = world.deployments.get(step.deployment());
        if (sim == null || !sim.uid.equals(step.uid())) {
            return;
        }
        boolean makesRoom = step.why().startsWith("makes room");
        rule(
                !sim.autoscaled || step.from() == 0 || step.to() == 0,
                "the autoscaler of " + sim.name + " is overruled: " + step.from() + " to " + step.to());
        boolean fewer = step.to() < step.from();
        if (fewer && routed() && !makesRoom) {
            fewerByRoutes(sim, step.to());
        } else if (fewer && world.release != null && world.release.mode() == Release.Mode.REPLICA) {
            fewerByPods(sim, step.to());
        }
    }

    /// Rule 6: pods go after the route is current and the delay is over, and not below what traffic needs.
    private void fewerByRoutes(SimWorld.Sim sim, int to) {
        Map<String, Integer> shares = shares();
        int share = shares.getOrDefault(sim.name, 0);
        boolean off = off();
        rule(to > 0 || share == 0 || off, sim.name + " loses its last pod while the route sends it " + share);
        rule(
                !world.mesh || !world.accepted || world.observed == world.generation,
                "pods of " + sim.name + " go before the route is current");
        rule(world.gateway.current(), "pods of " + sim.name + " go before the Gateway's route is current");
        boolean sent = world.gateway.followed()
                && world.gateway.shares().stream().anyMatch(rule -> rule.getOrDefault(sim.name, 0) > 0);
        rule(to > 0 || !sent || off(), sim.name + " loses its last pod while the Gateway's route sends it traffic");
        rule(!paused(), "pods of " + sim.name + " go while paused");
        Duration delay = Settings.of(world.rootAnnotations).scaleDownDelay();
        boolean due = lowerings.getOrDefault(sim.uid, List.of()).stream()
                .allMatch(l -> l.needed() <= to || over(l.at(), delay));
        rule(
                due && over(leaderSince, delay),
                "pods of " + sim.name + " go less than " + delay + " after its weight left");
        int need = ReplicaSplit.of(total(), byVersion(shares), newestFirst()).getOrDefault(sim.version(), 0);
        rule(to >= need || off, sim.name + " goes to " + to + " pods, its traffic needs " + need);
    }

    /// Scaled to 0 by its user.
    private boolean off() {
        return world.release != null && world.release.total() == 0;
    }

    /// Replica mode: pods are traffic, so ready ones go only as far as others have taken their place.
    private void fewerByPods(SimWorld.Sim sim, int to) {
        if (world.deployments.values().stream().anyMatch(d -> d.autoscaled)) {
            return; // an autoscaler adds pods as traffic comes
        }
        int others = 0;
        for (SimWorld.Sim other : world.deployments.values()) {
            others += other == sim ? 0 : world.ready(other);
        }
        int ready = world.ready(sim);
        int left = others + Math.min(ready, to);
        rule(
                to >= ready || left >= ReplicaSplit.enough(total()),
                "only " + left + " of " + total() + " pods are ready when " + sim.name + " goes from " + ready + " to "
                        + to);
    }

    private void delete(Step.Delete step) {
        boolean gone = world.deployments.values().stream()
                .noneMatch(d -> world.rootStands || d.annotations.containsKey("canary.io/app"));
        switch (step.kind()) {
            case SERVICE -> {
                int weight = shares().getOrDefault(step.name(), 0);
                rule(weight == 0, "Service " + step.name() + " goes while the route sends it " + weight);
                rule(
                        world.hostRoutes.values().stream()
                                .noneMatch(spec -> SimGateway.backends(spec).contains(step.name())),
                        "Service " + step.name() + " goes while hosts lead to it");
                rule(
                        world.gateway.shares().stream().allMatch(rule -> rule.getOrDefault(step.name(), 0) == 0)
                                || world.gateway.spec == null
                                || world.gateway.original.isEmpty(),
                        "Service " + step.name() + " goes while the Gateway's route names it");
                rule(
                        gone || over(namedAt.getOrDefault(step.name(), Instant.MIN), GRACE),
                        "Service " + step.name() + " goes less than 10 s after the route named it");
                rule(world.rootStands || gone, "Service " + step.name() + " goes while the root Service is missing");
            }
            case HTTP_ROUTE, GRPC_ROUTE, RELEASE ->
                rule(
                        gone || (handBack() && world.rootStands) || world.hostRoutes.containsKey(step.name()),
                        step.target() + " goes in use");
        }
    }

    // ---- what is

    /// Nobody without endpoints keeps a share while stable serves: to be called when a plan has nothing to write.
    void served() {
        if (!routed()
                || !world.rootStands
                || world.release == null
                || world.release.mode() != Release.Mode.ROUTE
                || handBack()) {
            return;
        }
        SimWorld.Sim record = record();
        Map<String, Integer> shares = shares();
        if (record == null || world.serviceReady(record) == 0 || shares.getOrDefault(record.name, 0) == 0) {
            return;
        }
        world.gateway
                .shares()
                .forEach(rule -> rule.forEach((name, share) -> {
                    SimWorld.Sim sim = world.deployments.get(name);
                    boolean unserved = world.gateway.followed()
                            && !world.gateway.original.isEmpty()
                            && share > 0
                            && !name.equals(world.taken)
                            && (sim == null || world.serviceReady(sim) == 0);
                    rule(!unserved, "the Gateway's route keeps " + name + " at " + share + " without a ready endpoint");
                }));
        shares.forEach((name, share) -> {
            SimWorld.Sim sim = world.deployments.get(name);
            boolean unserved = share > 0 && !name.equals(world.taken) && (sim == null || world.serviceReady(sim) == 0);
            rule(!unserved, name + " keeps " + share + " without a ready endpoint while stable serves");
        });
    }

    private boolean routed() {
        boolean followed = (world.mesh && world.accepted) || world.gateway.followed();
        return world.gatewayApi && followed && world.route != null;
    }

    private Map<String, Integer> shares() {
        return world.route == null ? Map.of() : scaled(world.route);
    }

    private boolean someServe() {
        return world.deployments.values().stream().anyMatch(d -> world.serviceReady(d) > 0);
    }

    /// The stable of record, or null.
    private SimWorld.@Nullable Sim record() {
        String stable = world.release == null ? null : world.release.stable();
        return stable == null ? null : world.deployments.get(SimWorld.APP + "-" + stable);
    }

    /// Whether moving share to `sim` is a retreat.
    private boolean receives(SimWorld.Sim sim, SimWorld.Sim record) {
        return sim == record || undoes(sim);
    }

    private boolean undoes(SimWorld.@Nullable Sim sim) {
        List<String> line = world.release == null ? List.of() : world.release.line();
        return sim != null
                && !line.isEmpty()
                && line.getLast().equals(sim.version())
                && sim.version().equals(world.rootAnnotations.get("canary.io/stable"));
    }

    /// Whether the stable of record loses all to the one before it.
    private boolean undone(Map<String, Integer> before, Map<String, Integer> to) {
        SimWorld.Sim record = record();
        return record != null
                && before.getOrDefault(record.name, 0) > 0
                && to.getOrDefault(record.name, 0) == 0
                && to.keySet().stream().anyMatch(name -> undoes(world.deployments.get(name)));
    }

    private boolean aborted() {
        return world.rootAnnotations.containsKey("canary.io/abort") && !handBack();
    }

    private boolean handBack() {
        return world.rootAnnotations.keySet().stream().noneMatch(SimRules::ofUser)
                && world.deployments.values().stream()
                        .noneMatch(d -> d.annotations.keySet().stream().anyMatch(SimRules::ofUser));
    }

    private static boolean ofUser(String key) {
        return CanaryKey.of(key)
                .filter(k -> k.owner() != CanaryKey.Owner.CANARY)
                .isPresent();
    }

    private boolean paused() {
        return world.rootAnnotations.containsKey("canary.io/paused") && !handBack();
    }

    private boolean asks(SimWorld.Sim sim) {
        String weight = sim.annotations.get("canary.io/weight");
        return weight != null
                && !weight.equals("0")
                && !weight.equals(sim.annotations.get("canary.io/spent"))
                && !world.rootAnnotations.containsKey("canary.io/abort")
                && world.release != null
                && world.release.mode() == Release.Mode.ROUTE
                && world.release.phase() != Release.Phase.CONFLICT;
    }

    private boolean held(SimWorld.Sim sim, List<Withdrawal> taken) {
        if (taken.size() < 2) {
            return false;
        }
        Withdrawal last = taken.getLast();
        Withdrawal before = taken.get(taken.size() - 2);
        return last.fingerprint().equals(fingerprint(sim))
                && Duration.between(before.at(), last.at()).compareTo(FLAPPING) < 0;
    }

    private static String fingerprint(SimWorld.Sim sim) {
        return sim.annotations.get("canary.io/weight") + "/" + sim.template;
    }

    private boolean degraded(SimWorld.Sim sim) {
        return world.release != null
                && world.release
                        .version(sim.version())
                        .filter(Release.VersionStatus::degraded)
                        .isPresent();
    }

    /// What the Release says is in force; 0 where it says nothing.
    private int inForce(SimWorld.Sim sim) {
        return world.release == null
                ? 0
                : world.release
                        .version(sim.version())
                        .map(Release.VersionStatus::inForce)
                        .orElse(0);
    }

    /// Whether the Release knows of a withdrawal that an earlier process made.
    private boolean recorded(SimWorld.Sim sim) {
        return tells(sim, v -> v.withdrawal() != null);
    }

    private static boolean since(Release.@Nullable Withdrawal told, Withdrawal taken) {
        return told != null && !taken.at().isAfter(told.at());
    }

    /// Whether the Release tells this of just this Deployment, not of one that was deleted.
    private boolean tells(SimWorld.Sim sim, Predicate<Release.VersionStatus> what) {
        return world.release != null
                && world.release
                        .version(sim.version())
                        .filter(v -> v.uid().equals(sim.uid))
                        .filter(what)
                        .isPresent();
    }

    /// The total: the key, else our mark on a version, else the Release's.
    private int total() {
        String fixed = world.rootAnnotations.get("canary.io/replicas");
        if (fixed != null) {
            return Integer.parseInt(fixed);
        }
        return world.deployments.values().stream()
                .map(d -> d.annotations.get("canary.io/total"))
                .filter(java.util.Objects::nonNull)
                .map(Integer::valueOf)
                .findFirst()
                .orElse(world.release == null ? 0 : world.release.total());
    }

    private List<String> newestFirst() {
        return world.app().versions().stream().map(v -> v.name()).toList();
    }

    private boolean over(@Nullable Instant since, Duration delay) {
        return since != null && (since.equals(Instant.MIN) || !world.now.isBefore(since.plus(delay)));
    }

    private static Map<String, Integer> byVersion(Map<String, Integer> shares) {
        Map<String, Integer> byVersion = new TreeMap<>();
        shares.forEach((service, share) -> byVersion.put(service.substring(SimWorld.APP.length() + 1), share));
        return byVersion;
    }

    /// Weights as basis points.
    static Map<String, Integer> scaled(Map<String, Integer> weights) {
        return Shares.ofWeights(weights, List.of()).basisPoints();
    }
}
