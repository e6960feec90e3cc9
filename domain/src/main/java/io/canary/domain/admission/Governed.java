// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.domain.policy.Asker;
import io.canary.domain.policy.Judge;
import io.canary.domain.policy.Move;
import io.canary.domain.policy.Policies;
import io.canary.domain.policy.Right;
import io.canary.domain.policy.Ruling;
import io.canary.domain.policy.Verb;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;

/// What a change moves, and what must be known of the requester before it can be judged: the questions of
/// SubjectAccessReviews, which somebody else asks.
///
/// @param needed what Canary would do on account of the change, and the requester must be allowed to do (design
///     section 6)
/// @param policies of its namespace
public record Governed(
        Change change, NamespaceView view, List<Move> moves, List<Right> needed, Policies policies, Instant now) {
    private static final List<CanaryKey> JOINING = List.of(
            CanaryKey.WEIGHT,
            CanaryKey.HOSTS,
            CanaryKey.USERS,
            CanaryKey.LANE,
            CanaryKey.MIRROR,
            CanaryKey.STICKY,
            CanaryKey.SERVICE,
            CanaryKey.VERSION);

    public Governed {
        moves = List.copyOf(moves);
        needed = List.copyOf(needed);
    }

    /// What `change` moves.
    ///
    /// @param view the namespace as it was before the request
    public static Governed of(Change change, NamespaceView view, Policies policies, Instant now) {
        List<Move> moves = Movements.of(change, view);
        // An image fix of a version that has its share makes nothing that does not stand already.
        boolean advances =
                moves.stream().anyMatch(move -> move.kind() != Move.Kind.SHRINK && move.kind() != Move.Kind.RENEW)
                        || (!change.user().ours() && joins(change, view));
        return new Governed(change, view, moves, advances ? needed(change, view) : List.of(), policies, now);
    }

    /// Whether a Deployment enters an app by its first key, changes to another, or gets copies of requests; or a
    /// Service gets its first key that asks for something.
    private static boolean joins(Change change, NamespaceView view) {
        if (change.after() instanceof Subject.Service service) {
            return (CanaryKey.STABLE.isIn(service.annotations()) || CanaryKey.REPLICAS.isIn(service.annotations()))
                    && (change.before() == null
                            || !CanaryKey.anyOfUsers(change.before().annotations()))
                    && service.facts().rootLike()
                    && !view.app(service.name()).hasUserKey();
        }
        if (!(change.after() instanceof Subject.Workload now) || now.facts().controller() != null) {
            return false;
        }
        boolean first = CanaryKey.anyOfUsers(now.annotations())
                && (change.before() == null
                        || !CanaryKey.anyOfUsers(change.before().annotations()))
                && JOINING.stream().anyMatch(key -> key.isIn(now.annotations()));
        return first
                || Movements.changesApp(change, now.facts(), view)
                || (change.differs(CanaryKey.MIRROR) && CanaryKey.MIRROR.isIn(now.annotations()));
    }

    /// What must be asked about the requester.
    public Set<Right> questions() {
        SequencedSet<Right> questions = new LinkedHashSet<>(needed);
        for (Move move : moves) {
            policies.about(move.judged()).forEach(policy -> {
                if (policy.enforced()) {
                    move.kind().verb().ifPresent(verb -> questions.add(on(verb, move)));
                }
            });
        }
        override().ifPresent(questions::add);
        return questions;
    }

    private static Right on(Verb verb, Move move) {
        return verb.on(move.app().namespace(), move.app().name());
    }

    /// The right to write `canary.io/override`, where the change brings one. It is asked about also where
    /// nothing moves: a reason that stands on an object is believed later.
    private Optional<Right> override() {
        boolean brings = !change.user().ours()
                && change.after() != null
                && change.differs(CanaryKey.OVERRIDE)
                && CanaryKey.OVERRIDE.isIn(change.after().annotations());
        return brings ? Optional.of(Verb.OVERRIDE.on(change.namespace(), app())) : Optional.empty();
    }

    /// The app that the change is about; where it is of none yet, the object's own name.
    private String app() {
        if (!moves.isEmpty()) {
            return moves.getFirst().app().name();
        }
        String app = change.subject() instanceof Subject.Workload workload
                ? change.appliedTo(view).appOf(workload.facts())
                : null;
        return app == null ? change.subject().name() : app;
    }

    private static List<Right> needed(Change change, NamespaceView view) {
        List<Right> needed = new ArrayList<>();
        String namespace = change.namespace();
        if (change.after() instanceof Subject.Route route) {
            // They write the route themselves; ours beside it are for the hosts of versions.
            all(needed, RouteKind.GROUP, RouteKind.of(route.kind()).plural(), namespace);
            return needed;
        }
        all(needed, "", "services", namespace);
        NamespaceView after = change.appliedTo(view);
        String app = switch (change.subject()) {
            case Subject.Workload workload -> after.appOf(workload.facts());
            case Subject.Service service -> service.name();
            case Subject.Route _ -> null;
        };
        if (app != null) {
            routed(after.app(app), view).forEach(kind -> all(needed, RouteKind.GROUP, kind.plural(), namespace));
            for (Version version : after.app(app).versions()) {
                if (version.takesPart() || version.ready() > 0) {
                    needed.add(new Right(
                            "apps",
                            "deployments",
                            "scale",
                            "patch",
                            namespace,
                            version.deployment().name()));
                }
            }
        }
        return needed;
    }

    /// The kinds of routes that carry its weights, as far as the cluster knows them.
    private static Set<RouteKind> routed(App app, NamespaceView view) {
        Set<RouteKind> kinds = EnumSet.noneOf(RouteKind.class);
        ServiceFacts root = app.root();
        if (root != null) {
            root.routable().stream().map(ServiceFacts.Port::routed).forEach(kinds::add);
        }
        kinds.retainAll(view.gatewayApi().keySet());
        return kinds;
    }

    private static void all(List<Right> needed, String group, String resource, String namespace) {
        for (String verb : List.of("create", "patch", "delete")) {
            needed.add(new Right(group, resource, "", verb, namespace, ""));
        }
    }

    /// The judgement, once the questions are answered.
    ///
    /// @param answers a question that is missing could not be asked
    public Ruled answered(Map<Right, Boolean> answers) {
        String app = moves.isEmpty() ? "" : moves.getFirst().app().name();
        List<Right> missing = needed.stream()
                .filter(right -> !answers.getOrDefault(right, true))
                .toList();
        List<Right> unknown = questions().stream()
                .filter(right -> !answers.containsKey(right))
                .toList();
        if (!unknown.isEmpty()) {
            return missing.isEmpty() ? Ruled.unknown(change, app, unknown) : Ruled.missing(change, app, missing);
        }
        Asker asker = new Asker(change.user().name(), answers);
        Ruling ruling = Ruling.NONE;
        for (Move move : moves) {
            ruling = ruling.and(Judge.judge(move, policies, asker, now));
        }
        Right override = override().filter(right -> !asker.may(right)).orElse(null);
        String reason = moves.stream()
                .map(move -> move.judged().override())
                .filter(text -> text != null)
                .findFirst()
                .orElse("");
        return new Ruled(change, app, ruling, List.of(), missing, override, reason);
    }
}
