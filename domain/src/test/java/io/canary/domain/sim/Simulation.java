// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.sim;

import io.canary.domain.admission.Admission;
import io.canary.domain.admission.Change;
import io.canary.domain.admission.Decision;
import io.canary.domain.admission.FieldEdit;
import io.canary.domain.admission.Subject;
import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.Release;
import io.canary.domain.plan.Memory;
import io.canary.domain.plan.Plan;
import io.canary.domain.plan.Planner;
import io.canary.domain.plan.Step;
import io.canary.domain.policy.Policies;
import io.canary.domain.policy.TestPolicies;
import io.canary.domain.share.Asked;
import io.canary.domain.share.ReplicaSplit;
import io.canary.domain.share.Shares;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Runs the planner against a [SimWorld] through a history of actions by users, tools, pods and crashes, and checks
/// every write. The checks share no code with the planner but the split.
final class Simulation {
    /// What happens next; the numbers choose among what exists at that moment.
    record Action(Kind kind, int a, int b) {
        @Override
        public String toString() {
            return kind + "(" + a + "," + b + ")";
        }
    }

    enum Kind {
        WEIGHT,
        UNWEIGHT,
        STABLE,
        UNSTABLE,
        ABORT,
        RETRY,
        PAUSE,
        RESUME,
        TOTAL,
        SCALE,
        CREATE,
        DELETE,
        RECREATE,
        TEMPLATE,
        REAPPLY,
        BEHAVE,
        HEAL,
        AUTOSCALE,
        MESH,
        GATEWAY_API,
        EDIT_ROUTE,
        DELETE_ROUTE,
        DELETE_SERVICE,
        DELETE_RELEASE,
        ROOT,
        CRASH,
        FAIL,
        RESTART,
        DETACH,
        ADOPT,
        ROOM,
        FOREIGN,
        TAKEN,
        RIVAL,
        FIGHT,
        HOLD,
        LAG,
        POLICY,
        REPLACE,
        GATEWAY_ROUTE,
        MANAGED,
        EDIT_GATEWAY,
        REAPPLY_GATEWAY,
        GATEWAY,
        USERS,
        HOSTS,
        LANE,
        WAIT
    }

    /// What becomes of a write that fails: it is refused, it never arrives, or its answer never does.
    private enum Failure {
        REFUSED,
        NOT_SENT,
        NOT_ANSWERED
    }

    private static final List<Failure> FAILURES = List.of(Failure.values());
    private static final List<SimWorld.Behaviour> BEHAVIOURS = List.of(SimWorld.Behaviour.values());
    private static final List<Kind> KINDS = List.of(Kind.values());
    static final List<String> WEIGHTS = List.of("0", "1", "10", "25", "50", "90", "100", "0.5", "12.25");
    private static final int PLANS_AT_ONCE = 60;
    private static final Duration NEXT_TRY = Duration.ofMillis(500);
    private static final String WEIGHT = "canary.io/weight";
    private static final Change.Requester USER = new Change.Requester("alice", "1", List.of(), false);

    final SimWorld world = new SimWorld();
    private Memory memory = Memory.EMPTY;
    private @Nullable Instant wakeAt;
    private int crashIn = -1;
    private int failIn = -1;
    private Failure failure = Failure.REFUSED;
    private int troubleAfter = -1;
    private Trouble trouble = Trouble.CRASH;
    private int writes;
    final List<String> log = new ArrayList<>();
    private final SimRules rules = new SimRules(world);

    Simulation() {
        world.add(world.draft("v1", 10));
        pass(Duration.ofSeconds(5));
    }

    static List<Action> random(long seed, int length) {
        Random random = new Random(seed);
        List<Action> actions = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            int roll = random.nextInt(100);
            Kind kind = roll < 15
                    ? Kind.WEIGHT
                    : roll < 22 ? Kind.CREATE : roll < 40 ? Kind.WAIT : KINDS.get(random.nextInt(KINDS.size()));
            actions.add(new Action(kind, random.nextInt(1000), random.nextInt(1000)));
        }
        return actions;
    }

    /// What is wrong with this history, if anything.
    static Optional<String> failure(List<Action> actions) {
        Simulation simulation = new Simulation();
        return simulation.failure(() -> simulation.play(actions));
    }

    private Optional<String> failure(Runnable play) {
        try {
            play.run();
            return Optional.empty();
        } catch (SimRules.Broken
                | IllegalArgumentException
                | NullPointerException
                | IllegalStateException
                | ArithmeticException
                | IndexOutOfBoundsException e) {
            return Optional.of(e
                    + (e instanceof SimRules.Broken
                            ? ""
                            : " at " + List.of(e.getStackTrace()).subList(0, 3)));
        }
    }

    /// What is left of a history when all is quiet, with a crash after one of its writes.
    ///
    /// @param writes how many there were
    /// @param outcome shares, counts, Services and marks: a crash changes nothing of it in a calm history
    record Run(Optional<String> failure, int writes, String outcome) {}

    /// What happens right after a write was done.
    enum Trouble {
        CRASH,
        CRASH_AND_RELEASE_DELETED,
        NO_ANSWER
    }

    /// Runs a history without trouble.
    static Run run(List<Action> actions) {
        return run(actions, -1, Trouble.CRASH);
    }

    /// Runs a history with `trouble` after write number `write`.
    static Run run(List<Action> actions, int write, Trouble trouble) {
        Simulation simulation = new Simulation();
        simulation.troubleAfter = write;
        simulation.trouble = trouble;
        Optional<String> failure = simulation.failure(() -> simulation.play(actions));
        return new Run(
                failure.map(f -> f + "\n" + String.join("\n", simulation.log)),
                simulation.writes,
                simulation.outcome());
    }

    private void play(List<Action> actions) {
        for (Action action : actions) {
            log.add(">>> " + action);
            act(action);
            pass(Duration.ofMillis(300));
        }
        log.add(">>> quiet");
        quiet();
    }

    private String outcome() {
        Map<String, String> deployments = new TreeMap<>();
        world.deployments.forEach((name, d) -> deployments.put(name, d.replicas + " " + d.annotations));
        String release = world.release == null
                ? "none"
                : world.release.stable() + " " + world.release.phase() + " " + world.release.mode() + " total "
                        + world.release.total();
        return "route " + world.route + ", Services " + world.services.keySet() + ", Deployments " + deployments
                + ", Release " + release;
    }

    /// The shortest history that still fails, by leaving out ever smaller pieces.
    static List<Action> shortest(List<Action> failing) {
        List<Action> best = failing;
        for (int size = Math.max(1, best.size() / 2); size >= 1; size = size == 1 ? 0 : size / 2) {
            boolean shorter = true;
            while (shorter) {
                shorter = false;
                for (int from = 0; from < best.size(); from += size) {
                    List<Action> without = new ArrayList<>(best);
                    without.subList(from, Math.min(best.size(), from + size)).clear();
                    if (without.size() < best.size() && failure(without).isPresent()) {
                        best = without;
                        shorter = true;
                        break;
                    }
                }
            }
        }
        return best;
    }

    /// The log of a history, for the report of a failure.
    static String story(List<Action> actions) {
        Simulation simulation = new Simulation();
        simulation.failure(() -> simulation.play(actions)).ifPresent(failure -> simulation.log.add("!!! " + failure));
        List<String> log = simulation.log;
        return String.join("\n", log.size() > 160 ? log.subList(0, 160) : log);
    }

    // ---- what happens

    private void act(Action action) {
        List<SimWorld.Sim> sims = new ArrayList<>(world.deployments.values());
        SimWorld.@Nullable Sim sim = sims.isEmpty() ? null : sims.get(action.a % sims.size());
        switch (action.kind) {
            case WEIGHT -> with(sim, s -> annotate(s, WEIGHT, WEIGHTS.get(action.b % WEIGHTS.size())));
            case UNWEIGHT -> with(sim, s -> annotate(s, WEIGHT, null));
            case STABLE -> with(sim, s -> annotateRoot("canary.io/stable", s.version()));
            case UNSTABLE -> annotateRoot("canary.io/stable", null);
            case ABORT -> annotateRoot("canary.io/abort", "bad");
            case RETRY -> annotateRoot("canary.io/abort", null);
            case PAUSE -> annotateRoot("canary.io/paused", "wait");
            case RESUME -> annotateRoot("canary.io/paused", null);
            case TOTAL ->
                annotateRoot("canary.io/replicas", action.a % 2 == 0 ? Integer.toString(1 + action.b % 20) : null);
            case SCALE ->
                with(sim, s -> {
                    s.replicas = action.b % 15;
                    world.movePods();
                });
            case CREATE -> create("v" + (1 + action.a % 4), WEIGHTS.get(action.b % WEIGHTS.size()));
            case DELETE -> with(sim, s -> delete(s, action.b % 3 == 0));
            case RECREATE ->
                with(sim, s -> {
                    world.deployments.remove(s.name);
                    String weight = s.annotations.get(WEIGHT);
                    create(s.version(), weight == null ? "" : weight);
                });
            case TEMPLATE ->
                with(sim, s -> {
                    s.template++;
                    s.pods.clear();
                    world.movePods();
                });
            case REAPPLY -> with(sim, s -> reapply(s, action.b % 2 == 0 ? "10" : s.annotations.get(WEIGHT)));
            case REPLACE -> with(sim, s -> replaceUnhooked(s));
            case GATEWAY_ROUTE -> {
                world.gateway.original = Map.of();
                world.gateway.managed = world.gateway.spec == null && action.a % 2 == 0;
                boolean makes = world.gateway.spec == null && world.gatewayApi;
                world.gateway.write(makes ? SimGateway.SPEC : null, world.now);
            }
            case MANAGED -> world.gateway.managed = world.gateway.spec != null && action.a % 3 > 0;
            case EDIT_GATEWAY -> world.gateway.edit(world.now);
            case REAPPLY_GATEWAY -> {
                if (world.gateway.spec != null) {
                    world.gateway.write(SimGateway.SPEC, world.now);
                }
            }
            case GATEWAY -> {
                world.gateway.controller = !world.gateway.controller;
                world.gateway.picky = action.b % 3 == 0;
                world.gateway.reports(world.now);
            }
            case USERS ->
                with(sim, s -> annotate(s, "canary.io/users", action.b % 3 == 0 ? null : "header:x-user-id=alice"));
            case HOSTS ->
                with(sim, s -> annotate(s, "canary.io/hosts", action.b % 3 == 0 ? null : "canary.shop.example"));
            case LANE -> with(sim, s -> annotate(s, "canary.io/lane", action.b % 3 == 0 ? null : "blue"));
            case ROOM -> world.room(action.a % 15);
            case FOREIGN -> world.foreign = action.a % 2;
            case TAKEN -> take(SimWorld.APP + "-v" + (1 + action.a % 4));
            case RIVAL -> world.rival = !world.rival;
            case FIGHT -> world.fights = action.a % 6;
            case LAG -> world.reportLag = action.a % 2 == 0 ? Duration.ofSeconds(40) : SimWorld.REPORT_LAG;
            case HOLD -> with(sim, s -> s.paused = !s.paused);
            case BEHAVE -> with(sim, s -> s.behaviour = BEHAVIOURS.get(action.b % BEHAVIOURS.size()));
            case HEAL -> with(sim, s -> s.behaviour = SimWorld.Behaviour.READY);
            case AUTOSCALE -> with(sim, s -> s.autoscaled = !s.autoscaled);
            case MESH -> {
                world.mesh = !world.mesh;
                world.meshReports();
            }
            case GATEWAY_API -> {
                world.gatewayApi = !world.gatewayApi;
                if (!world.gatewayApi) { // with its kinds their objects go
                    world.route = null;
                    world.hostRoutes.clear();
                    world.gateway.original = Map.of();
                    world.gateway.write(null, world.now);
                }
            }
            case EDIT_ROUTE -> {
                if (world.route != null && sim != null) {
                    Map<String, Integer> edited = new TreeMap<>();
                    for (SimWorld.Sim s : sims) {
                        edited.put(s.name, action.b % 3 == 0 ? 0 : s == sim ? 70 : 30);
                    }
                    world.route = edited;
                    world.generation++;
                    world.meshReports();
                }
            }
            case DELETE_ROUTE -> world.route = null;
            case DELETE_SERVICE -> {
                if (!world.services.isEmpty()) {
                    world.services.remove(
                            new ArrayList<>(world.services.keySet()).get(action.a % world.services.size()));
                }
            }
            case DELETE_RELEASE -> world.release = null;
            case ROOT -> world.rootStands = !world.rootStands;
            case CRASH -> crashIn = action.a % 4;
            case FAIL -> {
                failIn = action.a % 4;
                failure = FAILURES.get(action.b % FAILURES.size());
            }
            case RESTART -> restart();
            case DETACH -> {
                new ArrayList<>(world.rootAnnotations.keySet()).forEach(key -> annotateRoot(key, null));
                sims.forEach(s -> new ArrayList<>(s.annotations.keySet()).forEach(key -> annotate(s, key, null)));
            }
            case ADOPT ->
                with(sim, s -> {
                    if (s.labelled && !CanaryKey.APP.isIn(s.annotations)) {
                        s.labelled = false;
                    } else if (!s.labelled) {
                        s.labelled = true;
                        s.template++;
                        s.pods.clear();
                        world.movePods();
                    }
                });
            case POLICY -> policy(action.a % 3);
            case WAIT -> pass(Duration.ofSeconds(new int[] {1, 4, 12, 35, 70, 700}[action.a % 6]));
        }
    }

    // ---- what users and tools write, through the hooks

    /// The cluster's owner sets a limit, freezes everything, or lifts both.
    private void policy(int which) {
        world.maxWeight = which == 1 ? 2_500 : null;
        world.frozen = which == 2;
        world.policies = which == 0
                ? Policies.none("shop")
                : TestPolicies.of(TestPolicies.prod(
                        which == 1
                                ? "maxWeight: 25"
                                : "windows: [{name: w, kind: Deny, from: '2000-01-01T00:00:00Z', to:"
                                        + " '2100-01-01T00:00:00Z'}]"));
    }

    private void create(String version, String weight) {
        if (world.deployments.containsKey(SimWorld.APP + "-" + version)) {
            return;
        }
        SimWorld.Sim sim = world.draft(version, 10);
        if (!weight.isEmpty()) {
            sim.labelled = false;
            sim.annotations.put(WEIGHT, weight);
            admit(null, sim);
            SimRules.rule(sim.labelled, "a version is created without its label");
        }
        world.add(sim);
    }

    /// Sets or removes a key that users set; other keys stay.
    private void annotate(SimWorld.Sim sim, String key, @Nullable String value) {
        if (ofUser(key)) {
            DeploymentFacts before = world.facts(sim);
            put(sim.annotations, key, value);
            admit(before, sim);
        }
    }

    private void annotateRoot(String key, @Nullable String value) {
        if (!ofUser(key)) {
            return;
        }
        Subject before = new Subject.Service(world.root());
        put(world.rootAnnotations, key, value);
        Subject after = new Subject.Service(world.root());
        Change change = new Change(Change.Operation.UPDATE, false, "", USER, "shop", before, after);
        edits(Admission.mutate(change, world.view())).forEach(edit -> {
            switch (edit) {
                case FieldEdit.SetAnnotation e -> world.rootAnnotations.put(e.key(), e.value());
                case FieldEdit.RemoveAnnotation e -> world.rootAnnotations.remove(e.key());
                default -> throw new SimRules.Broken("unexpected edit " + edit);
            }
        });
    }

    /// A GitOps tool applies its file again: 10 replicas, this weight, and none of our keys.
    private void reapply(SimWorld.Sim sim, @Nullable String weight) {
        DeploymentFacts before = world.facts(sim);
        int replicas = sim.replicas;
        boolean takesPart = before.takesPart() || weight != null;
        sim.annotations.keySet().removeIf(key -> !ofUser(key));
        put(sim.annotations, WEIGHT, weight);
        sim.replicas = 10;
        admit(before, sim);
        SimRules.rule(!takesPart || sim.replicas == replicas, "a file that is applied again changes the count");
        world.movePods();
    }

    /// The same with `kubectl replace` and the weight unchanged, while the hooks are dead: nothing is put back.
    private void replaceUnhooked(SimWorld.Sim sim) {
        if (!world.rootStands) {
            return; // then nothing at all ties it to its app
        }
        sim.annotations.keySet().removeIf(key -> !ofUser(key));
        sim.replicas = 10;
        world.movePods();
    }

    private void delete(SimWorld.Sim sim, boolean unhooked) {
        Subject subject = new Subject.Workload(world.facts(sim), Set.of(), false, List.of());
        Change change = new Change(Change.Operation.DELETE, false, "", USER, "shop", subject, null);
        if (unhooked || Admission.validate(change, world.view()) instanceof Decision.Allow) {
            world.deployments.remove(sim.name);
        }
    }

    private void take(String service) {
        if (world.taken != null) {
            world.taken = null;
        } else if (!world.services.containsKey(service)) {
            world.taken = service;
        }
    }

    /// Does to `wanted` what the mutating hook says; the validating hook has nothing against the result.
    private void admit(@Nullable DeploymentFacts before, SimWorld.Sim wanted) {
        Change change = change(before, wanted);
        edits(Admission.mutate(change, world.view())).forEach(edit -> {
            switch (edit) {
                case FieldEdit.SetReplicas e -> wanted.replicas = e.count();
                case FieldEdit.SetAnnotation e -> wanted.annotations.put(e.key(), e.value());
                case FieldEdit.RemoveAnnotation e -> wanted.annotations.remove(e.key());
                case FieldEdit.SetTemplateLabel _ -> wanted.labelled = true;
                case FieldEdit.SetLabel _, FieldEdit.SetSelectorLabel _ -> {}
                case FieldEdit.RemoveLabel _, FieldEdit.SetRules _ ->
                    throw new SimRules.Broken("unexpected edit " + edit);
            }
        });
        Change admitted = change(before, wanted);
        List<FieldEdit> again = edits(Admission.mutate(admitted, world.view()));
        SimRules.rule(again.isEmpty(), "the patch of a patched object is " + again);
        Decision decision = Admission.validate(admitted, world.view());
        SimRules.rule(decision instanceof Decision.Allow, "refused: " + decision);
    }

    private Change change(@Nullable DeploymentFacts before, SimWorld.Sim wanted) {
        return new Change(
                before == null ? Change.Operation.CREATE : Change.Operation.UPDATE,
                false,
                "",
                USER,
                "shop",
                before == null ? null : new Subject.Workload(before, Set.of(), false, List.of()),
                new Subject.Workload(world.facts(wanted), Set.of(), false, List.of()));
    }

    private static List<FieldEdit> edits(Decision decision) {
        return switch (decision) {
            case Decision.Allow _ -> List.of();
            case Decision.Mutate mutate -> mutate.edits();
            case Decision.Deny deny -> throw new SimRules.Broken("refused: " + deny.message());
        };
    }

    private static boolean ofUser(String key) {
        return CanaryKey.of(key).filter(k -> k.owner() == CanaryKey.Owner.USER).isPresent();
    }

    private static void put(Map<String, String> annotations, String key, @Nullable String value) {
        if (value == null) {
            annotations.remove(key);
        } else {
            annotations.put(key, value);
        }
    }

    private static void with(SimWorld.@Nullable Sim sim, java.util.function.Consumer<SimWorld.Sim> action) {
        if (sim != null) {
            action.accept(sim);
        }
    }

    // ---- time

    /// Lets `duration` pass, planning whenever something changes or the plan asked to be woken.
    private void pass(Duration duration) {
        Instant until = world.now.plus(duration);
        reconcile();
        while (true) {
            Instant next = earlier(world.nextChange(), wakeAt);
            if (next == null || next.isAfter(until)) {
                break;
            }
            world.now = next.isAfter(world.now) ? next : world.now.plusMillis(1);
            world.tick();
            reconcile();
        }
        world.now = until;
        world.tick();
        reconcile();
    }

    private static @Nullable Instant earlier(@Nullable Instant a, @Nullable Instant b) {
        return a == null ? b : b == null || a.isBefore(b) ? a : b;
    }

    private void restart() {
        memory = Memory.EMPTY;
        rules.restarted();
    }

    private void reconcile() {
        for (int i = 0; i < PLANS_AT_ONCE; i++) {
            rules.look();
            Plan plan = Planner.plan(world.app(), memory, world.policies, world.now, world.now);
            wakeAt = plan.wakeAt();
            if (plan.steps().isEmpty()) {
                memory = plan.memory();
                rules.served();
                return;
            }
            Map<String, String> refused = new TreeMap<>();
            Set<String> left = new TreeSet<>();
            boolean crashed = false;
            for (Step step : plan.steps()) {
                if (!left.isEmpty() && step.takesAway()) {
                    left.add(step.target());
                    continue;
                }
                if (crashIn == 0) {
                    log.add("    " + world.now + " CRASH before " + step.target());
                    crashIn = -1;
                    crashed = true;
                    break;
                }
                if (failIn-- == 0) {
                    log.add("    " + world.now + " FAIL (" + failure + ") of " + text(step));
                    if (failure == Failure.REFUSED && step.dispensable()) {
                        refused.put(step.target(), "no");
                        left.add(step.target());
                        continue;
                    }
                    if (failure == Failure.NOT_ANSWERED) {
                        rules.judge(step);
                        world.apply(step);
                        rules.look();
                    }
                    notWritten(plan, step, failure != Failure.REFUSED, left);
                    return;
                }
                rules.judge(step);
                log.add("    " + world.now + " " + text(step));
                world.apply(step);
                rules.look();
                writes++;
                crashIn = crashIn > 0 ? crashIn - 1 : crashIn;
                if (writes == troubleAfter) {
                    log.add("    " + world.now + " " + trouble + " after " + step.target());
                    if (trouble == Trouble.NO_ANSWER) {
                        notWritten(plan, step, true, left);
                        return;
                    }
                    world.release = trouble == Trouble.CRASH_AND_RELEASE_DELETED ? null : world.release;
                    crashed = true;
                    break;
                }
            }
            if (crashed) {
                restart();
                continue;
            }
            memory = left.isEmpty() ? plan.memory() : plan.memory().without(refused, left);
            if (!left.isEmpty()) {
                wakeAt = world.now.plus(NEXT_TRY);
                return;
            }
        }
        throw new SimRules.Broken(
                "the planner writes for ever at one moment: " + log.subList(log.size() - 3, log.size()));
    }

    /// As the reconciler does: a Release that cannot be written holds up nothing.
    private void notWritten(Plan plan, Step step, boolean perhaps, Set<String> left) {
        memory = step instanceof Step.Report ? plan.memory() : plan.memoryUntil(step, perhaps, left, memory);
        wakeAt = world.now.plus(NEXT_TRY);
    }

    private static String text(Step step) {
        return switch (step) {
            case Step.EnsureRoute s ->
                s.target() + " "
                        + s.refs().stream()
                                .map(r -> r.service() + "=" + r.weight())
                                .toList() + " " + s.why();
            case Step.Scale s -> s.target() + " " + s.from() + "->" + s.to() + " " + s.why();
            case Step.Mark s -> s.target() + " +" + s.set() + " -" + s.remove();
            case Step.Report s ->
                "report " + s.release().phase() + " stable=" + s.release().stable() + " total="
                        + s.release().total() + " " + s.release().mode() + " rest="
                        + s.release().atRest() + " "
                        + s.release().versions().stream()
                                .map(v -> v.name() + " asked " + v.asked() + " inForce " + v.inForce() + " ready "
                                        + v.ready() + "/" + v.replicas()
                                        + (v.waitsFor().isEmpty() ? "" : " (" + v.waitsFor() + ")"))
                                .toList();
            default -> step.target() + " " + step.why();
        };
    }

    // ---- the end

    /// The world heals and falls quiet: the app must converge, then rest, also after a restart.
    private void quiet() {
        world.rootStands = true;
        world.foreign = 0;
        world.rival = false;
        world.taken = null;
        world.fights = 0;
        policy(0);
        world.reportLag = SimWorld.REPORT_LAG;
        world.deployments.values().forEach(d -> {
            d.behaviour = SimWorld.Behaviour.READY;
            d.paused = false;
        });
        world.room(Integer.MAX_VALUE);
        world.meshReports();
        world.gateway.reports(world.now);
        crashIn = -1;
        failIn = -1;
        pass(Duration.ofMinutes(30));
        App app = world.app();
        int before = writes;
        pass(Duration.ofMinutes(15));
        SimRules.rule(writes == before, "writes at rest: " + log.subList(log.size() - (writes - before), log.size()));
        restart();
        pass(Duration.ofMinutes(15));
        SimRules.rule(
                writes == before,
                "writes after a restart at rest: " + log.subList(log.size() - (writes - before), log.size()));
        SimRules.rule(
                world.gateway.managed || world.gateway.untouched(),
                "the Gateway's route is managed no more, but not restored: " + world.gateway.spec);
        if (!app.hasUserKey()) {
            SimRules.rule(
                    world.gateway.untouched(),
                    "handed back, but the Gateway's route is not restored: " + world.gateway.spec);
            SimRules.rule(
                    world.clean(), "handed back, but left: " + world.services.keySet() + world.route + world.release);
            return;
        }
        if (world.deployments.isEmpty()) {
            SimRules.rule(
                    world.services.isEmpty() && world.route == null && world.release == null,
                    "no Deployment, but ours stay");
            return;
        }
        Release release = world.release;
        SimRules.rule(release != null, "managed, but no Release");
        if (release == null || release.phase() == Release.Phase.CONFLICT) {
            return;
        }
        if (release.total() == 0 || app.versions().stream().allMatch(v -> v.ready() == 0)) {
            return; // scaled to nothing by its user, before we came
        }
        SimRules.rule(release.mode() != Release.Mode.UNDECIDED, "undecided for ever");
        boolean held = release.versions().stream()
                .anyMatch(v -> v.withdrawal() != null && v.withdrawal().heldFor() != null);
        boolean paused = world.rootAnnotations.containsKey("canary.io/paused");
        boolean unlabelled = world.deployments.values().stream().anyMatch(d -> !d.labelled);
        boolean promotionWaits = world.rootAnnotations.containsKey("canary.io/abort");
        if (held || paused || (unlabelled && release.mode() == Release.Mode.ROUTE)) {
            return;
        }
        SimRules.rule(release.inForceIsAsked(), "asked is not in force: " + release.phase() + " " + release.message());
        Asked asked = Asked.of(
                app, io.canary.domain.app.Settings.of(world.rootAnnotations), inForce(release), false, List.of());
        SimRules.rule(promotionWaits || asked.promotion() == false, "promotion not finished");
        SimRules.rule(
                asked.shares().equals(inForce(release)),
                "the Release says " + inForce(release) + ", asked is " + asked.shares());
        Map<String, Integer> parts = ReplicaSplit.of(
                release.total(),
                asked.shares().basisPoints(),
                app.versions().stream().map(v -> v.name()).toList());
        for (Release.VersionStatus v : release.versions()) {
            SimWorld.Sim sim = world.deployments.get(v.deployment());
            boolean ours = sim != null
                    && !sim.autoscaled
                    && (sim.annotations.keySet().stream().anyMatch(k -> ofUser(k) || k.equals("canary.io/total"))
                            || v.name().equals(asked.stable()));
            if (ours && sim != null) {
                int part = Math.max(
                        parts.getOrDefault(v.name(), 0),
                        release.mode() == Release.Mode.ROUTE
                                        && (sim.annotations.containsKey("canary.io/users")
                                                || sim.annotations.containsKey("canary.io/hosts")
                                                || sim.annotations.containsKey("canary.io/lane"))
                                ? 1
                                : 0);
                SimRules.rule(
                        sim.replicas == part, v.deployment() + " has " + sim.replicas + " pods, its part is " + part);
            }
        }
        if (release.mode() == Release.Mode.ROUTE && world.gateway.followed()) {
            Map<String, Integer> byService = new TreeMap<>();
            asked.shares().basisPoints().forEach((n, share) -> byService.put(SimWorld.APP + "-" + n, share));
            List<Map<String, Integer>> carried = world.gateway.shares();
            SimRules.rule(
                    carried.size() == 2 && carried.stream().allMatch(byService::equals),
                    "the Gateway's route has " + carried + ", asked is " + byService);
        }
        if (release.mode() == Release.Mode.ROUTE && world.route != null) {
            Map<String, Integer> byVersion = new TreeMap<>();
            SimRules.scaled(world.route).forEach((n, w) -> byVersion.put(n.substring(SimWorld.APP.length() + 1), w));
            SimRules.rule(
                    byVersion.equals(asked.shares().basisPoints()),
                    "the route has " + byVersion + ", asked is " + asked.shares());
        }
    }

    private static Shares inForce(Release release) {
        Map<String, Integer> map = new TreeMap<>();
        release.versions().forEach(v -> map.put(v.name(), v.inForce()));
        return Shares.ofWeights(map, List.of());
    }
}
