// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Settings;
import io.canary.domain.app.UserRoute;
import io.canary.domain.app.Version;
import io.canary.domain.app.Weight;
import io.canary.domain.policy.Policies;
import io.canary.domain.route.Carried;
import io.canary.domain.route.Mode;
import io.canary.domain.share.Asked;
import io.canary.domain.share.Measurement;
import io.canary.domain.share.NextShares;
import io.canary.domain.share.Shares;
import io.canary.domain.share.Total;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One planning of one app: gathers the steps in the order of design section 5. Services, our marks, routes, more
/// pods, fewer pods, clean-up, report; routes first where weight is taken from the dead, or of what was aborted.
final class Planning {
    /// The shares on routes move at most once in this time, whatever becomes of the pods or of what is asked meanwhile
    /// (design 5.4, invariant I10).
    private static final Duration PACE = Duration.ofSeconds(1);

    /// A receiver without one more ready pod for so long is stuck (design 5.4).
    private static final Duration STUCK = Duration.ofSeconds(60);

    private final App app;
    private final Memory memory;
    private final Watch watch;
    private final List<Step> steps = new ArrayList<>();
    private final Map<String, Memory.OfVersion> versions = new HashMap<>();
    private final Map<String, Gate> gates = new TreeMap<>();
    private final Fights fights;
    private final UserRoutes userRoutes;
    private final HostRoutes hostRoutes;
    private final Governance governance;
    private @Nullable Instant openSince;
    private Memory.@Nullable Moved moved;
    private @Nullable Instant idleSince;
    private Memory.@Nullable Stuck stuck;
    private Map<String, Instant> orphans = Map.of();
    private Map<String, Memory.OfVersion> seen = Map.of();

    Planning(App app, Memory memory, Policies policies, Instant now, Instant wall) {
        this.app = app;
        this.memory = memory;
        this.watch = new Watch(now);
        this.governance = new Governance(policies, wall, watch);
        this.hostRoutes = new HostRoutes(app, governance.heldHosts(app));
        this.fights = new Fights(memory.writes(), watch);
        this.userRoutes = new UserRoutes(app, memory, versions, watch);
        this.moved = memory.moved();
        this.stuck = memory.stuck();
    }

    Plan plan() {
        if (app.versions().isEmpty()) {
            return new Plan(Retirement.everything(app), Memory.EMPTY, Map.of(), null);
        }
        ServiceFacts root = app.root();
        String unfit = root == null ? "Service " + app.name() + " is missing" : unfit(root);
        if (root == null || unfit != null) {
            return held(unfit == null ? "" : unfit);
        }
        Situation s = situation(root);
        NextShares next = next(s);
        Set<String> members = members(s, next.shares());
        List<Step> routes = new ArrayList<>();
        OwnRoutes own = new OwnRoutes(s, versions, watch, userRoutes);
        boolean urgent = ensureRoutes(s, next, own, routes);
        urgent |= editUserRoutes(s, next, own, routes);
        // What is refused to a version without a share keeps no traffic with one that lost its pods, or was aborted
        // (design 5.4): routes come first then, and what is made for it last.
        boolean first = urgent || s.aborted();
        List<Step> later = new ArrayList<>();
        Function<Version, List<Step>> place = v -> first && idle(s, next, v) ? later : steps;
        steps.addAll(first ? routes : List.of());
        ensureServices(s, members, place);
        mark(s, next.shares(), members, place);
        steps.addAll(first ? List.of() : routes);
        ensureHosts(s, next);
        boolean settled = memory.refusals().isEmpty()
                && steps.stream().noneMatch(Planning::writesRoute)
                && next.shares().equals(s.inForce())
                && (!s.mode().routed()
                        || (own.current()
                                && own.carry(next.shares(), leaves(s, next.shares()))
                                && UserRoutes.current(app)
                                && userRoutes.carry(next.shares(), s.handBack())));
        boolean carried =
                s.mode().value() != Release.Mode.REPLICA || (!s.inForce().isNone() && reached(s, s.inForce()));
        scale(s, next, settled && carried);
        steps.addAll(later);
        retire(s, members, settled);
        if (!handedBack(s, settled)) {
            return report(s, next);
        }
        return finish(memory.inForce(), memory.reported(), memory.unreported(), memory.told());
    }

    /// Whether `v` has no share, and is to get none now.
    private static boolean idle(Situation s, NextShares next, Version v) {
        return !v.name().equals(s.asked().stable())
                && s.inForce().of(v.name()) == 0
                && next.shares().of(v.name()) == 0;
    }

    /// After the split routes, from which they take Gateways and rules.
    private void ensureHosts(Situation s, NextShares next) {
        boolean entered = app.carried() && !s.mode().undecided();
        if (!entered && app.hostRoutes().isEmpty()) {
            return;
        }
        for (Step step : hostRoutes.steps(next.shares(), s.handBack())) {
            String what = step instanceof Step.EnsureHosts made ? made.spec().toString() : "gone";
            fights.add(steps, step, what, false, null);
        }
    }

    /// What users, hosts and routes do not get.
    private List<Release.Bypass> unreached() {
        List<Release.Bypass> unreached = new ArrayList<>(userRoutes.refused());
        hostRoutes.waits().forEach(wait -> unreached.add(new Release.Bypass(Release.Bypass.Reason.HOSTS, wait, "")));
        return unreached;
    }

    private static boolean writesRoute(Step step) {
        return step instanceof Step.EnsureRoute || step instanceof Step.EditRoute;
    }

    /// Why no plan can be made with this root Service, or null (design 5.7).
    private @Nullable String unfit(ServiceFacts root) {
        if (root.type().equals("ExternalName")) {
            return "Service " + root.name() + " is of type ExternalName";
        }
        if (root.headless()) {
            return "Service " + root.name() + " is headless";
        }
        boolean none = app.versions().stream()
                .noneMatch(v -> root.selects(v.deployment().templateLabels()));
        return none ? "Service " + root.name() + " selects the pods of no version" : null;
    }

    private Situation situation(ServiceFacts root) {
        Settings settings = Settings.of(root.annotations());
        Mode mode = Mode.of(app, memory.openSince(), watch.now());
        openSince = mode.since();
        if (mode.until() != null) {
            watch.reached(mode.until());
        }
        boolean handBack = !app.hasUserKey();
        Shares inForce = measure(mode);
        List<Problem> conflicts = new ArrayList<>();
        for (UserRoute rival : app.rivals()) {
            conflicts.add(new Problem(
                    rival.title(),
                    "has Service " + app.name() + " as parent, and ours would lose against it",
                    "let Canary split it: annotate it with " + CanaryKey.MANAGED.text() + "=true"));
        }
        Asked asked = Asked.of(app, settings, inForce, handBack, handBack ? List.of() : conflicts);
        if (!handBack) {
            // Only the version whose Service is another's depends on it: its gate is shut.
            asked = asked.and(VersionServices.conflicts(
                    app,
                    root,
                    app.versions().stream()
                            .filter(v -> v.labelled() && (v.takesPart() || inForce.of(v.name()) > 0))
                            .toList()));
        }
        int total = Total.of(app, settings, asked.stable(), inForce);
        Situation s = new Situation(app, root, settings, mode, handBack, inForce, asked, total, Map.of());
        for (Version v : app.versions()) {
            Memory.OfVersion now = Gates.observe(s, v, Gates.recall(s, memory, v, watch.now()), watch.now());
            versions.put(v.uid(), now.with(governance.standing(s, v, now.standing())));
        }
        seen = Map.copyOf(versions);
        return s.with(governance.held(s, versions));
    }

    private Shares measure(Mode mode) {
        return switch (mode.value()) {
            case ROUTE -> {
                // A managed route that is accepted before ours stands: traffic has followed endpoints so far.
                boolean entering = !app.carried()
                        && (app.release() == null || app.release().mode() != Release.Mode.ROUTE);
                yield (entering ? Measurement.ofEndpoints(app) : Carried.by(app)).shares();
            }
            case UNDECIDED ->
                app.carried()
                        ? Carried.by(app).shares()
                        : Measurement.ofEndpoints(app).shares();
            case REPLICA -> {
                Shares reached = memory.inForce() == null ? Shares.NONE : Measurement.existing(app, memory.inForce());
                if (!reached.isNone()) {
                    yield reached;
                }
                boolean recorded = app.release() != null && app.release().mode() == Release.Mode.REPLICA;
                yield (recorded ? Measurement.ofRelease(app) : Measurement.ofEndpoints(app)).shares();
            }
        };
    }

    // ---- shares

    private NextShares next(Situation s) {
        String stable = s.asked().stable();
        boolean byEndpoints = s.mode().undecided() && !app.carried();
        if (stable == null || s.inForce().isNone() || byEndpoints) {
            return new NextShares(s.inForce(), 0, Map.of(), false);
        }
        return s.mode().value() == Release.Mode.REPLICA ? nextByReplicas(s) : nextByRoutes(s, stable);
    }

    private NextShares nextByRoutes(Situation s, String stable) {
        Map<String, Integer> ready = new HashMap<>();
        Map<String, Integer> ceilings = new HashMap<>();
        Set<String> mayTake = new HashSet<>();
        // Until a route stands and a controller has accepted the first, nothing moves but by rule 5.
        boolean entering = s.mode().undecided() || !app.carried();
        Shares asked = entering ? s.inForce() : s.asked().shares();
        for (Version v : unique()) {
            Memory.OfVersion m = versions.getOrDefault(v.uid(), Memory.OfVersion.NEW);
            ready.put(v.name(), Gates.trusted(s, v, versions, watch));
            boolean rises = s.asked().shares().of(v.name()) > s.inForce().of(v.name());
            boolean promoted = s.asked().promotion() && v.name().equals(stable);
            if (rises || promoted) {
                Gate gate = s.asked().stableGone()
                        ? Gate.open(Weight.ALL)
                        : entering ? Gate.shut(s.mode().why()) : gate(s, v, m);
                gates.put(v.name(), gate);
                boolean open = gate.reason().isEmpty()
                        && gate.ceiling() >= s.asked().shares().of(v.name());
                ceilings.put(v.name(), promoted && open ? Weight.ALL : gate.ceiling());
            }
            boolean held = m.withdrawal() != null
                    && (m.withdrawal().heldFor() != null || m.withdrawal().had() > 0);
            if (!held && VersionServices.usable(app, v)) {
                mayTake.add(v.name());
            }
        }
        NextShares next = NextShares.of(new NextShares.Position(
                s.inForce(),
                asked,
                stable,
                entering ? stable : s.asked().record(),
                s.undo(),
                s.aborted(),
                s.total(),
                ready,
                ceilings,
                mayTake,
                overload(),
                doubles(s),
                s.newestFirst()));
        waitForPods(s, next);
        NextShares now = paced(s, next);
        remember(s, now);
        return now;
    }

    /// The gate of `v`, shut where policies hold it.
    private Gate gate(Situation s, Version v, Memory.OfVersion m) {
        String ruled = s.ruled().get(v.name());
        return ruled == null ? Gates.of(s, v, m, watch) : Gate.shut(ruled);
    }

    /// Notes withdrawals, returns and rises of autoscaled versions.
    private void remember(Situation s, NextShares next) {
        for (Version v : unique()) {
            Memory.OfVersion m = versions.getOrDefault(v.uid(), Memory.OfVersion.NEW);
            Integer had = next.withdrawn().get(v.name());
            Release.Withdrawal w = m.withdrawal();
            if (had != null) {
                w = Gates.withdraw(v, w, had, watch.now());
            } else if (w != null && w.had() > 0 && next.shares().of(v.name()) > 0) {
                w = new Release.Withdrawal(0, w.at(), w.before(), null);
            }
            boolean rose = v.autoscaler() != null
                    && next.shares().of(v.name()) > s.inForce().of(v.name());
            versions.put(
                    v.uid(),
                    new Memory.OfVersion(
                            m.servesSince(),
                            m.gateSince(),
                            m.surplus(),
                            m.waitsSince(),
                            m.waitsFor(),
                            m.forPods(),
                            rose ? watch.now() : m.roseAt(),
                            w,
                            m.standing()));
        }
    }

    /// How far a receiver may be loaded: 125 %, 200 % once it has been stuck for a minute, until all is moved
    /// (design 5.4).
    private int overload() {
        return stuck != null && watch.over(stuck.since(), STUCK) ? 200 : 125;
    }

    /// An autoscaler adds pods to a receiver as traffic comes, not before: its share doubles once a minute (section 4).
    private boolean doubles(Situation s) {
        if (stuck == null) {
            return false;
        }
        Version receiver = app.version(stuck.receiver()).orElse(null);
        if (receiver == null || receiver.autoscaler() == null) {
            return false;
        }
        Memory.OfVersion m = versions.getOrDefault(receiver.uid(), Memory.OfVersion.NEW);
        return s.ready(receiver) >= receiver.autoscaler().minReplicas()
                && (m.roseAt() == null || watch.over(m.roseAt(), Gates.AUTOSCALED));
    }

    /// Notes how long a retreat has waited for its receiver's pods.
    private void waitForPods(Situation s, NextShares next) {
        String receiver = s.asked().promotion() && !s.undo()
                ? s.asked().record()
                : s.asked().stable();
        if (next.held() == 0 || receiver == null) {
            stuck = null;
            return;
        }
        int ready = app.version(receiver).map(Version::serviceReady).orElse(0);
        if (stuck == null && memory.versions().isEmpty() && app.release() != null) {
            // After a restart the wait goes on from what the Release says, so that Degraded does not come and go.
            stuck = app.release()
                    .version(receiver)
                    .filter(v -> v.degraded() && v.waitsSince() != null)
                    .map(v -> new Memory.Stuck(
                            receiver, java.util.Objects.requireNonNull(v.waitsSince()), ready, watch.now()))
                    .orElse(null);
        }
        if (stuck == null || !stuck.receiver().equals(receiver)) {
            stuck = new Memory.Stuck(receiver, watch.now(), ready, null);
        } else if (ready > stuck.mostReady()) {
            Instant since = watch.over(stuck.since(), STUCK) ? stuck.since() : watch.now();
            stuck = new Memory.Stuck(receiver, since, ready, stuck.roomAt());
        }
        watch.over(stuck.since(), STUCK);
    }

    /// A withdrawal is never held back; nor is the repair of what others wrote, or of a move that came only half way:
    /// the shares in force, as they are then, are nobody's wish. Nor is the one write that ends an abort, or an
    /// undo.
    private NextShares paced(Situation s, NextShares next) {
        if (next.shares().equals(s.inForce()) || next.urgent()) {
            return next;
        }
        boolean ended = next.held() == 0 && (s.aborted() || endsUndo(s, next));
        Memory.Moved last = moved;
        if (last != null
                && !ended
                && (next.held() > 0 || s.inForce().equals(last.to()))
                && !watch.over(last.at(), PACE)) {
            return new NextShares(s.inForce(), next.held(), Map.of(), false);
        }
        moved = new Memory.Moved(watch.now(), next.shares());
        return next;
    }

    private static boolean endsUndo(Situation s, NextShares next) {
        String left = s.asked().record();
        return s.undo()
                && left != null
                && s.inForce().of(left) > 0
                && next.shares().of(left) == 0;
    }

    /// Replica mode: what is asked is in force once the ready pods have reached its split.
    private NextShares nextByReplicas(Situation s) {
        stuck = null;
        Shares goal = s.goal();
        Map<String, Integer> parts = s.parts(s.asked().shares());
        for (Version v : unique()) {
            int need = parts.getOrDefault(v.name(), 0);
            int asked = s.asked().shares().of(v.name());
            if (asked > goal.of(v.name())) {
                gates.put(
                        v.name(),
                        Gate.shut(
                                s.paused()
                                        ? Gates.PAUSED
                                        : s.held() ? foreign() : s.ruled().getOrDefault(v.name(), "")));
            } else if (asked > s.inForce().of(v.name())) {
                boolean waits = v.ready() < Gates.enough(v, need);
                gates.put(v.name(), waits ? Gate.waiting(v.ready() + " of " + need + " pods ready") : Gate.shut(""));
            }
        }
        boolean reached = s.total() != Total.UNKNOWN && reached(s, goal);
        return new NextShares(reached ? goal : s.inForce(), 0, Map.of(), false);
    }

    private String foreign() {
        return app.foreignReady() + " ready endpoints of Service " + app.name() + " belong to no version";
    }

    /// Whether the ready pods of each version have reached the split of `shares`.
    private boolean reached(Situation s, Shares shares) {
        Map<String, Integer> parts = s.parts(shares);
        return unique().stream().allMatch(v -> {
            int need = parts.getOrDefault(v.name(), 0);
            return need == 0 || v.ready() >= Gates.enough(v, need);
        });
    }

    // ---- steps

    /// The versions that have a Service: those that take part, are stable, or have a share.
    private Set<String> members(Situation s, Shares next) {
        Set<String> members = new TreeSet<>();
        for (Version v : unique()) {
            if (v.takesPart()
                    || v.name().equals(s.asked().stable())
                    || s.inForce().of(v.name()) > 0
                    || next.of(v.name()) > 0) {
                members.add(v.name());
            }
        }
        return members;
    }

    /// @param place where the step of a version goes
    private void ensureServices(Situation s, Set<String> members, Function<Version, List<Step>> place) {
        Set<String> referred = Retirement.referred(app);
        for (Version v : unique()) {
            boolean keeper = v.name().equals(s.asked().stable()) && app.carried();
            boolean wanted = !s.handBack() || keeper || referred.contains(app.serviceOf(v.name()));
            if (v.labelled() && members.contains(v.name()) && wanted) {
                Step.EnsureService step = VersionServices.ensure(app, s.root(), v);
                if (step != null) {
                    fights.add(place.apply(v), step, step.selector() + "" + step.ports(), false, null);
                }
            }
        }
    }

    /// @param place where the step of a version goes
    private void mark(Situation s, Shares next, Set<String> members, Function<Version, List<Step>> place) {
        if (s.asked().stable() == null) {
            return;
        }
        boolean rests = rests(s, next);
        for (Version v : unique()) {
            Map<String, String> set = new TreeMap<>();
            Set<String> remove = new TreeSet<>();
            boolean shares = v.name().equals(s.asked().stable())
                    || s.asked().shares().of(v.name()) > 0
                    || s.inForce().of(v.name()) > 0;
            boolean ended = !shares && v.replicas() == 0 && !v.hasUserKey();
            String mark = v.get(CanaryKey.APP);
            if (s.handBack()) {
                // The marks go when all else is handed back, see handedBack.
                if (mark == null && s.inForce().of(v.name()) > 0 && !rests) {
                    set.put(CanaryKey.APP.text(), app.name());
                }
            } else if (ended && mark != null) {
                remove.addAll(Retirement.marks(v));
            } else if (!ended
                    && members.contains(v.name())
                    && (shares || v.hasUserKey())
                    && !app.name().equals(mark)) {
                set.put(CanaryKey.APP.text(), app.name());
            }
            String total = v.get(CanaryKey.TOTAL);
            boolean ours = s.scales(v) && members.contains(v.name());
            if (rests && total != null) {
                remove.add(CanaryKey.TOTAL.text());
            } else if (!rests
                    && ours
                    && !ended
                    && total == null
                    && s.total() != Total.UNKNOWN
                    && !s.mode().undecided()) {
                set.put(CanaryKey.TOTAL.text(), Integer.toString(s.total()));
            }
            String weight = v.get(CanaryKey.WEIGHT);
            String spent = v.get(CanaryKey.SPENT);
            boolean ceases = s.asked().promotion() && v.name().equals(s.asked().record()) && !s.handBack();
            if (ceases && weight != null && !weight.equals(spent)) {
                set.put(CanaryKey.SPENT.text(), weight);
            } else if (spent != null && !spent.equals(weight)) {
                remove.add(CanaryKey.SPENT.text());
            }
            if (!set.isEmpty() || !remove.isEmpty()) {
                place.apply(v)
                        .add(new Step.Mark(
                                v.deployment().name(),
                                v.uid(),
                                set,
                                remove,
                                "version " + v.name() + " of " + app.name()));
            }
        }
    }

    /// Whether the app is at rest: in force equals asked, only stable has a share, no scale-down is pending.
    private boolean rests(Situation s, Shares next) {
        String stable = s.asked().stable();
        if (stable == null
                || s.mode().undecided()
                || !s.inForce().equals(s.asked().shares())
                || !next.equals(s.inForce())
                || s.inForce().of(stable) != Weight.ALL) {
            return false;
        }
        return unique().stream()
                .filter(s::scales)
                .allMatch(v -> v.name().equals(stable)
                        ? v.autoscaler() != null || v.replicas() == s.total()
                        : v.replicas() == s.beside(v));
    }

    /// Returns whether weight is taken from a version without endpoints.
    private boolean ensureRoutes(Situation s, NextShares next, OwnRoutes own, List<Step> routes) {
        Shares shares = toWrite(s, next);
        boolean urgent = add(own.edits(shares, s.inForce(), leaves(s, shares)), next, routes);
        routes.addAll(own.gone(shares));
        return urgent;
    }

    private boolean add(List<RouteEdit> edits, NextShares next, List<Step> routes) {
        boolean urgent = next.urgent();
        for (RouteEdit edit : edits) {
            boolean now = next.urgent() || edit.urgent();
            fights.add(routes, edit.step(), edit.rules().toString(), now, edit.manager());
            urgent |= now;
        }
        return urgent;
    }

    /// In replica mode no controller follows our routes; they stand all the same, at what the endpoints give (design
    /// section 7).
    private Shares toWrite(Situation s, NextShares next) {
        return s.mode().value() == Release.Mode.REPLICA
                ? Measurement.ofEndpoints(app).shares()
                : next.shares();
    }

    private static boolean leaves(Situation s, Shares shares) {
        return s.handBack() && shares.equals(s.asked().shares());
    }

    /// Managed routes carry what ours does; one that is managed no more says again what it said. None is split any
    /// more at hand-back: by then it would only be restored.
    ///
    /// Returns whether weight is taken from a version without endpoints.
    private boolean editUserRoutes(Situation s, NextShares next, OwnRoutes own, List<Step> routes) {
        Shares shares = toWrite(s, next);
        if (shares.isNone() || s.asked().stable() == null) {
            return false;
        }
        return add(userRoutes.edits(shares, !s.handBack() && own.others(shares)), next, routes);
    }

    private void scale(Situation s, NextShares next, boolean settled) {
        if (s.mode().undecided() || s.asked().stable() == null || s.total() == Total.UNKNOWN) {
            return;
        }
        boolean leaving = s.handBack() && s.inForce().equals(s.asked().shares());
        boolean routeStands = s.mode().value() == Release.Mode.REPLICA || app.carried() || leaving;
        boolean entered = s.mode().value() == Release.Mode.REPLICA || s.mode().routed();
        if (!entered) {
            return;
        }
        List<Step> fewer = new ArrayList<>();
        Replicas.Routes routes = new Replicas.Routes(settled, s.mode().routed() ? carried(s) : List.of());
        for (Replicas.Target target : Replicas.targets(s, next, stuck, routes, versions, watch)) {
            Version v = target.version();
            versions.put(
                    v.uid(),
                    versions.getOrDefault(v.uid(), Memory.OfVersion.NEW).with(target.surplus()));
            // Without the route that keeps traffic off it, no version is started; one that has traffic gets its pods.
            boolean allowed =
                    routeStands || (target.to() > v.replicas() && s.inForce().of(v.name()) > 0);
            if (allowed && target.to() != v.replicas()) {
                Step.Scale step =
                        new Step.Scale(v.deployment().name(), v.uid(), v.replicas(), target.to(), target.why());
                fights.add(
                        target.to() > v.replicas() ? steps : fewer,
                        step,
                        Integer.toString(target.to()),
                        false,
                        v.deployment().scaledBy());
                if (target.madeRoom() && stuck != null) {
                    stuck = new Memory.Stuck(stuck.receiver(), stuck.since(), stuck.mostReady(), watch.now());
                }
            }
        }
        steps.addAll(fewer);
    }

    private List<Shares> carried(Situation s) {
        // Where nothing is known to be in force, as without a Release while no pod is ready, a route may be split yet.
        String stable = s.asked().stable();
        Shares some = s.inForce().isNone() && stable != null ? Shares.all(stable) : s.inForce();
        List<Shares> carried = new ArrayList<>(userRoutes.carried(some));
        app.routes().forEach(route -> carried.add(Carried.shares(app, route)));
        return carried;
    }

    private void retire(Situation s, Set<String> members, boolean settled) {
        orphans = Retirement.orphans(app, s.handBack() ? Set.of() : members, memory.orphans(), watch.now());
        if (!s.handBack()) {
            steps.addAll(Retirement.services(s.settings(), orphans, settled, watch));
        }
    }

    /// Hand-back, last part (design 5.7): when nothing is left to move, our route goes after 10 s, and after 10 s more
    /// our Services, our marks and the Release. Returns whether this has begun: nothing is reported any more then.
    private boolean handedBack(Situation s, boolean settled) {
        if (!s.handBack() || !settled) {
            return false;
        }
        boolean nobody = app.versions().stream().allMatch(v -> v.ready() == 0);
        List<Version> others = unique().stream()
                .filter(s::scales)
                .filter(v -> !v.name().equals(s.asked().stable()) && (v.ready() > 0 || v.replicas() > 0))
                .toList();
        boolean rests = nobody || Asked.guesses(app) || rests(s, s.inForce());
        boolean stranded =
                stranded(s) && others.stream().allMatch(v -> s.inForce().of(v.name()) > 0);
        boolean idle = s.asked().stable() == null || stranded || (others.isEmpty() && rests);
        boolean neverEntered = s.mode().undecided() && !app.carried();
        if (!idle && !neverEntered) {
            return false;
        }
        List<Step> restoring = UserRoutes.restore(app, "handed back: no key is left");
        if (!restoring.isEmpty()) {
            steps.addAll(restoring);
            return false;
        }
        idleSince = memory.idleSince() == null ? watch.now() : memory.idleSince();
        boolean over = app.routes().isEmpty()
                ? orphans.values().stream().allMatch(since -> watch.over(since, Retirement.GRACE))
                : watch.over(idleSince, Retirement.GRACE);
        if (!over) {
            return false;
        }
        steps.removeIf(step -> step instanceof Step.Mark || step instanceof Step.EnsureService);
        steps.addAll(app.routes().isEmpty() ? Retirement.everything(app) : Retirement.routes(app));
        return true;
    }

    /// Whether nobody serves what routes carry, and who should has no label for a Service: only without routes does
    /// traffic find its pods.
    private boolean stranded(Situation s) {
        boolean unlabelled = app.version(Objects.requireNonNullElse(s.asked().stable(), ""))
                .filter(v -> !v.labelled())
                .isPresent();
        return unlabelled
                && s.inForce().versions().stream()
                        .allMatch(name ->
                                app.version(name).map(Version::serviceReady).orElse(0) == 0);
    }

    // ---- report

    private Plan held(String why) {
        Release last = app.release();
        Release release = Reports.held(app, last, why);
        // Who serves is known meanwhile, and what was taken or asked for still holds; other times begin again.
        for (Version v : app.versions()) {
            if (!memory.versions().containsKey(v.uid()) && Gates.tellsShare(app, v)) {
                continue; // whether it still has that share is measured later
            }
            Memory.OfVersion m = Gates.recall(app, memory, v);
            versions.put(
                    v.uid(),
                    new Memory.OfVersion(
                            v.serviceReady() > 0 ? Gates.first(m.servesSince(), watch.now()) : null,
                            null,
                            null,
                            m.waitsSince(),
                            m.waitsFor(),
                            m.forPods(),
                            m.roseAt(),
                            m.withdrawal(),
                            m.standing()));
        }
        seen = Map.copyOf(versions);
        List<Step> tells = new ArrayList<>();
        Set<String> told = new HashSet<>(memory.told());
        if (last == null) {
            for (Version v : app.versions()) {
                if (v.hasUserKey() && told.add(v.name() + why)) {
                    steps.add(new Step.Tell("Deployment", v.deployment().name(), true, "Waiting", why));
                }
            }
        }
        Instant reported = memory.reported();
        if (release != null && !release.equals(last)) {
            steps.add(new Step.Report(app.name(), release, why));
            tells.add(new Step.Tell("Service", app.name(), true, "Conflict", why));
        }
        if (told.add(why)) {
            steps.addAll(tells);
        }
        return finish(memory.inForce(), reported, memory.unreported(), told);
    }

    private Plan report(Situation s, NextShares next) {
        Shares inForce = s.mode().value() == Release.Mode.REPLICA ? next.shares() : null;
        List<Problem> problems = new ArrayList<>(fights.problems());
        problems.addAll(userRoutes.unsplit());
        memory.refusals()
                .forEach((target, why) -> problems.add(new Problem(
                        target, "cannot be written: " + Names.shown(why), "kubectl canary check " + app.name())));
        Reports.Report report = new Reports(
                        s, next.shares(), gates, versions, stuck, problems, unreached(), governance, watch)
                .build(rests(s, next.shares()), memory.told(), memory.unreported());
        versions.putAll(report.versions());
        Instant reported = memory.reported();
        if (report.release().equals(app.release())) {
            return finish(inForce, reported, null, report.told());
        }
        if (reported != null && !watch.over(reported, Duration.ofSeconds(1))) {
            return finish(inForce, reported, report.unreported(), memory.told());
        }
        steps.add(new Step.Report(app.name(), report.release(), report.why()));
        steps.addAll(report.tells());
        return finish(inForce, watch.now(), null, report.told());
    }

    private Plan finish(
            @Nullable Shares inForce,
            @Nullable Instant reported,
            Memory.@Nullable Unreported unreported,
            Set<String> told) {
        Set<String> uids = new HashSet<>();
        app.versions().forEach(v -> uids.add(v.uid()));
        versions.keySet().retainAll(uids);
        Memory after = new Memory(
                versions,
                fights.writes(),
                openSince,
                inForce,
                stuck,
                steps.stream().anyMatch(Planning::writesRoute) ? moved : memory.moved(),
                reported,
                unreported,
                idleSince,
                orphans,
                userRoutes.rejected(),
                Map.of(),
                told);
        return new Plan(steps, after, seen, watch.wakeAt());
    }

    /// The versions, one of each name: where two Deployments claim one, the older.
    private List<Version> unique() {
        return app.versions().stream().filter(v -> app.named(v)).toList();
    }
}
