// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Settings;
import io.canary.domain.app.UserRoute;
import io.canary.domain.app.Version;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Move;
import io.canary.domain.policy.Moves;
import io.canary.domain.share.Asked;
import io.canary.domain.share.Shares;
import io.canary.domain.share.Total;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What of a change raises, promotes, enters, resumes, shrinks or hangs elsewhere: the table of policy.md section 2.
/// What lowers or ends anything is not among it, so that no policy and no right can refuse it.
final class Movements {
    private static final List<CanaryKey> ENTRIES = List.of(CanaryKey.HOSTS, CanaryKey.USERS, CanaryKey.LANE);

    private Movements() {}

    /// The moves of `change`.
    ///
    /// @param view the namespace as it was before the request
    static List<Move> of(Change change, NamespaceView view) {
        if (change.user().ours() || change.after() == null) {
            return List.of();
        }
        return switch (change.after()) {
            case Subject.Workload workload -> ofWorkload(change, workload, view);
            case Subject.Service service -> ofService(change, service, view);
            case Subject.Route route -> ofRoute(change, route, view);
        };
    }

    private static List<Move> ofWorkload(Change change, Subject.Workload workload, NamespaceView view) {
        DeploymentFacts now = workload.facts();
        DeploymentFacts old = change.before() instanceof Subject.Workload before ? before.facts() : null;
        int from = old == null ? 0 : old.askedBasisPoints();
        int to = now.askedBasisPoints();
        boolean renewed = old != null && !old.templateHash().equals(now.templateHash());
        boolean enters = enters(old, now);
        if (now.controller() != null || !(to > from || (to > 0 && renewed) || enters)) {
            return List.of();
        }
        NamespaceView after = change.appliedTo(view);
        String name = after.appOf(now);
        // One that is of no app yet is judged all the same, as the API server does, which knows no apps.
        App app = after.app(name == null ? now.name() : name);
        Moves moves = moves(app);
        String version = versionOf(app, now.name());
        // The hashes of reviews are not those of caches, by which the Release goes.
        Release.Standing known = new Moves(view.app(app.name()), 0, false).known(version);
        String override = override(change);
        List<Move> found = new ArrayList<>();
        if (to > from) {
            Move.Kind kind = from == 0 ? Move.Kind.START : Move.Kind.ADVANCE;
            found.add(moves.of(kind, now, version, from, to, renewed, override).with(known));
        } else if (to > 0 && renewed && !version.equals(Contradictions.stableOrRecorded(app))) {
            found.add(moves.of(Move.Kind.RENEW, now, version, to, to, true, override)
                    .with(known));
        }
        if (enters) {
            found.add(moves.of(from == 0 ? Move.Kind.ENTER : Move.Kind.WIDEN, now, version, to, to, false, override)
                    .with(known));
        }
        return found;
    }

    private static String versionOf(App app, String deployment) {
        return app.versions().stream()
                .filter(v -> v.deployment().name().equals(deployment))
                .map(Version::name)
                .findFirst()
                .orElse("");
    }

    private static Moves moves(App app) {
        Shares measured = app.versions().isEmpty() ? Shares.NONE : Forecast.measured(app);
        ServiceFacts root = app.root();
        int total = root == null
                ? Total.UNKNOWN
                : Total.of(app, Settings.of(root.annotations()), Contradictions.stableOrRecorded(app), measured);
        return new Moves(app, total, Forecast.mode(app).value() == Release.Mode.REPLICA);
    }

    /// Whether hosts, users or a lane are named that were not.
    private static boolean enters(@Nullable DeploymentFacts old, DeploymentFacts now) {
        return ENTRIES.stream().anyMatch(key -> {
            String value = now.get(key);
            String was = old == null ? null : old.get(key);
            return value != null && !value.equals(was) && !terms(was).containsAll(terms(value));
        });
    }

    private static Set<String> terms(@Nullable String list) {
        return list == null
                ? Set.of()
                : Arrays.stream(list.split(",", -1)).map(String::strip).collect(Collectors.toSet());
    }

    private static @Nullable String override(Change change) {
        return change.differs(CanaryKey.OVERRIDE)
                ? CanaryKey.OVERRIDE
                        .in(change.subject().annotations())
                        .filter(Move::isReason)
                        .orElse(null)
                : null;
    }

    private static List<Move> ofService(Change change, Subject.Service service, NamespaceView view) {
        ServiceFacts root = service.facts();
        boolean resumes = Stream.of(CanaryKey.ABORT, CanaryKey.PAUSED)
                .anyMatch(key -> change.differs(key) && !key.isIn(root.annotations()));
        boolean names = change.differs(CanaryKey.STABLE) && CanaryKey.STABLE.isIn(root.annotations());
        boolean counts = change.differs(CanaryKey.REPLICAS) && CanaryKey.REPLICAS.isIn(root.annotations());
        if (!root.rootLike() || !(resumes || names || counts)) {
            return List.of();
        }
        App before = view.app(root.name());
        App app = change.appliedTo(view).app(root.name());
        Moves moves = moves(app);
        String override = override(change);
        List<Move> found = new ArrayList<>();
        if (names) {
            promoted(app, Objects.requireNonNull(root.get(CanaryKey.STABLE)))
                    .ifPresent(version -> found.add(moves.of(Move.Kind.PROMOTE, root, version, override)
                            .with(new Moves(before, 0, false).known(version))));
        }
        if (resumes) {
            found.add(moves.of(Move.Kind.RESUME, moves.judged(root, "", override)));
        }
        if (counts && shrinks(root, before)) {
            found.add(moves.of(Move.Kind.SHRINK, moves.judged(root, "", override)));
        }
        return found;
    }

    /// The version that naming `stable` promotes: none where nothing is of record, where it is already, or where it was
    /// before, which is an undo.
    private static Optional<String> promoted(App app, String stable) {
        Release release = app.release();
        String record = release == null ? null : release.stable();
        return record == null || record.equals(stable) || Asked.undoes(app, stable)
                ? Optional.empty()
                : Optional.of(stable);
    }

    private static boolean shrinks(ServiceFacts root, App before) {
        Integer wanted = Settings.of(root.annotations()).replicas();
        ServiceFacts old = before.root();
        int total = old == null || before.versions().isEmpty()
                ? Total.UNKNOWN
                : Total.of(
                        before,
                        Settings.of(old.annotations()),
                        Contradictions.stableOrRecorded(before),
                        Forecast.measured(before));
        return wanted != null && total != Total.UNKNOWN && wanted < total;
    }

    private static List<Move> ofRoute(Change change, Subject.Route route, NamespaceView view) {
        List<String> gateways = Moves.gateways(change.namespace(), route.spec());
        boolean managed = UserRoute.asksFor(route.annotations());
        boolean already = change.before() instanceof Subject.Route old
                && UserRoute.asksFor(old.annotations())
                && Moves.gateways(change.namespace(), old.spec()).containsAll(gateways);
        if (!managed || already) {
            return List.of();
        }
        App app = view.app(appOf(route, view));
        return List.of(new Moves(app, Total.UNKNOWN, false)
                .of(
                        Move.Kind.ROUTE,
                        new Move.Judged(
                                route.kind(),
                                route.name(),
                                route.labels(),
                                List.of(),
                                List.of(),
                                gateways,
                                override(change))));
    }

    /// The first root Service that a rule names; a route of none is its own.
    private static String appOf(Subject.Route route, NamespaceView view) {
        return new JsonObject(route.spec())
                .objects("rules").stream()
                        .flatMap(rule -> rule.objects("backendRefs").stream())
                        .map(ref -> ref.text("name"))
                        .filter(name ->
                                view.services().stream().anyMatch(s -> s.name().equals(name) && s.rootLike()))
                        .findFirst()
                        .orElse(route.name());
    }
}
