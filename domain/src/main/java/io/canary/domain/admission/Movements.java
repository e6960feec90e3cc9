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
import io.canary.domain.app.VersionName;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Move;
import io.canary.domain.policy.Moves;
import io.canary.domain.share.Asked;
import io.canary.domain.share.Shares;
import io.canary.domain.share.Total;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What of a change raises, promotes, enters, resumes, shrinks or hangs elsewhere: the table of policy.md section 2.
/// What lowers or ends anything is not among it, so that no policy and no right can refuse it.
final class Movements {
    private Movements() {}

    /// The moves of `change`.
    ///
    /// @param view the namespace as it was before the request
    static List<Move> of(Change change, NamespaceView view) {
        if (change.user().ours() || change.after() == null) {
            return List.of();
        }
        List<Move> moves = switch (change.after()) {
            case Subject.Workload workload -> ofWorkload(change, workload, view);
            case Subject.Service service -> ofService(change, service, view);
            case Subject.Route route -> ofRoute(change, route, view);
        };
        Subject before = change.before();
        return before == null
                ? moves
                : moves.stream().map(move -> move.after(before.labels())).toList();
    }

    private static List<Move> ofWorkload(Change change, Subject.Workload workload, NamespaceView view) {
        DeploymentFacts now = workload.facts();
        DeploymentFacts old = change.before() instanceof Subject.Workload before ? before.facts() : null;
        // In another app all of it is new.
        int from = old == null || changesApp(change, now, view) ? 0 : old.askedBasisPoints();
        int to = restored(old, now).askedBasisPoints();
        boolean renewed = old != null && renewed(old, now);
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
        String override = unused(override(change), known);
        List<Move> found = new ArrayList<>();
        if (to > from) {
            Move.Kind kind = from == 0 ? Move.Kind.START : Move.Kind.ADVANCE;
            found.add(moves.of(kind, now, version, from, to, renewed, override).with(known));
        } else if (to > 0 && renewed && !stable(app, version)) {
            found.add(moves.of(Move.Kind.RENEW, now, version, to, to, true, override)
                    .with(known));
        }
        if (enters) {
            found.add(moves.of(from == 0 ? Move.Kind.ENTER : Move.Kind.WIDEN, now, version, to, to, false, override)
                    .with(known));
        }
        return found;
    }

    /// Whether a Deployment that asks for something is to be of another app than it is.
    static boolean changesApp(Change change, DeploymentFacts now, NamespaceView view) {
        if (!(change.before() instanceof Subject.Workload before) || !change.differs(CanaryKey.SERVICE)) {
            return false;
        }
        String was = view.appOf(before.facts());
        return was != null && !was.equals(change.appliedTo(view).appOf(now));
    }

    /// With what the mutating hook puts back: a file that is applied again lacks it.
    private static DeploymentFacts restored(@Nullable DeploymentFacts old, DeploymentFacts now) {
        String spent = old == null ? null : old.get(CanaryKey.SPENT);
        if (spent == null || now.get(CanaryKey.SPENT) != null) {
            return now;
        }
        Map<String, String> annotations = new HashMap<>(now.annotations());
        annotations.put(CanaryKey.SPENT.text(), spent);
        return now.with(annotations);
    }

    /// Whether the pod template is another, but for the label `version`, which the mutating hook puts there.
    private static boolean renewed(DeploymentFacts old, DeploymentFacts now) {
        return !old.templateHash().equals(now.templateHash()) || !unnamed(old).equals(unnamed(now));
    }

    private static Map<String, String> unnamed(DeploymentFacts facts) {
        Map<String, String> labels = new HashMap<>(facts.templateLabels());
        labels.remove(VersionName.LABEL);
        return labels;
    }

    /// Whether `version` is stable or becomes it: its own weight counts for nothing.
    private static boolean stable(App app, String version) {
        Release release = app.release();
        return version.equals(Contradictions.stableOrRecorded(app))
                || (release != null && version.equals(release.stable()));
    }

    private static String versionOf(App app, String deployment) {
        return app.versions().stream()
                .filter(v -> v.deployment().name().equals(deployment))
                .map(Version::name)
                .findFirst()
                .orElse("");
    }

    private static Moves moves(App app) {
        return new Moves(app, total(app), Forecast.mode(app).value() == Release.Mode.REPLICA);
    }

    /// The pods that the versions of `app` share.
    private static int total(App app) {
        ServiceFacts root = app.root();
        if (root == null) {
            return Total.UNKNOWN;
        }
        Shares measured = app.versions().isEmpty() ? Shares.NONE : Forecast.measured(app);
        return Total.of(app, Settings.of(root.annotations()), Contradictions.stableOrRecorded(app), measured);
    }

    /// Whether hosts, users or a lane are named that were not.
    private static boolean enters(@Nullable DeploymentFacts old, DeploymentFacts now) {
        return CanaryKey.ENTRIES.stream().anyMatch(key -> {
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

    /// Each reason counts once, as in the reconciler.
    private static @Nullable String unused(@Nullable String override, Release.Standing known) {
        Release.Waiver waiver = known.waiver();
        return override != null && waiver != null && waiver.used(override) ? null : override;
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
        // What still stands holds: an abort that takes the place of a pause resumes nothing.
        boolean resumes = Stream.of(CanaryKey.ABORT, CanaryKey.PAUSED).anyMatch(change::differs)
                && Stream.of(CanaryKey.ABORT, CanaryKey.PAUSED).noneMatch(key -> key.isIn(root.annotations()));
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
        boolean named = old != null && Settings.of(old.annotations()).replicas() != null;
        int total = named || !before.versions().isEmpty() ? total(before) : Total.UNKNOWN;
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
