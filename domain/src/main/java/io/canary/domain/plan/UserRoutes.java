// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.UserRoute;
import io.canary.domain.app.Version;
import io.canary.domain.route.AppSplit;
import io.canary.domain.route.Backends;
import io.canary.domain.route.ManagedRoute;
import io.canary.domain.route.OwnRoute;
import io.canary.domain.route.Ports;
import io.canary.domain.route.Refused;
import io.canary.domain.route.RouteLimits;
import io.canary.domain.route.Split;
import io.canary.domain.share.Shares;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The users' own routes of one app: split in place while `canary.io/managed` asks for it, restored when it no longer
/// does (design section 7). They carry what our own route carries.
final class UserRoutes {
    private static final String ALONE = " carries the shares alone";

    /// In place of what was rejected, where only the Release still tells that something was.
    private static final String TOLD = "as the Release tells";

    private final App app;
    private final Map<String, Memory.OfVersion> memory;
    private final Watch watch;
    private final List<Release.Bypass> refused = new ArrayList<>();
    private final Map<String, String> rejected;
    private final List<Problem> unsplit = new ArrayList<>();
    private final Map<Asked, ManagedRoute.Outcome> outcomes = new HashMap<>();
    private final Map<Shares, Split> wishes = new HashMap<>();

    /// What was asked of a route.
    private record Asked(UserRoute route, Shares shares) {}

    /// @param before what was remembered before this planning
    /// @param memory of the versions, as this planning finds it
    UserRoutes(App app, Memory before, Map<String, Memory.OfVersion> memory, Watch watch) {
        this.app = app;
        this.memory = memory;
        this.watch = watch;
        this.rejected = new HashMap<>(before.rejected());
        Release release = app.release();
        if (release != null && before.versions().isEmpty()) { // after a restart
            release.bypass().stream()
                    .map(Release.Bypass::message)
                    .filter(message -> message.contains(ALONE))
                    .forEach(message -> rejected.put(message.substring(0, message.indexOf(ALONE)), TOLD));
        }
    }

    /// What is to be written so that each managed route carries `shares`, and each that is managed no more says what it
    /// said before. A route is split first when a controller accepts it.
    ///
    /// @param first whether routes may be split that are not yet
    List<RouteEdit> edits(Shares shares, boolean first) {
        List<RouteEdit> edits = new ArrayList<>();
        for (UserRoute route : app.userRoutes()) {
            RouteEdit edit = null;
            if (!route.managed()) {
                Step.EditRoute step = restored(app, route, "canary.io/managed is gone");
                edit = step == null ? null : new RouteEdit(step, step.rules(), route.manager(), false);
            } else if (route.splitFor(app.name()) || (first && route.accepted())) {
                edit = split(route, shares);
            }
            if (edit != null) {
                edits.add(edit);
            }
        }
        return edits;
    }

    /// Whether each managed route that a controller follows carries just `shares`: else pods that it still sends
    /// traffic to must stay.
    ///
    /// Where nobody shall have a share, as while no pod is ready, none does.
    ///
    /// @param leaving whether all is handed back: one that is restored sends traffic by endpoints then
    boolean carry(Shares shares, boolean leaving) {
        return app.userRoutes().stream()
                .filter(route -> route.managed())
                .filter(route -> route.splitFor(app.name()) || (route.accepted() && !leaving))
                .noneMatch(
                        route -> shares.isNone() ? !leaving : outcome(route, shares) instanceof ManagedRoute.Changed);
    }

    /// What each rule of each managed route that a controller follows carries, where it is split.
    ///
    /// @param inForce some shares: they say which Services stand for versions
    List<Shares> carried(Shares inForce) {
        return app.userRoutes().stream()
                .filter(route -> route.splitFor(app.name()) && route.accepted())
                .flatMap(route -> ManagedRoute.inForce(route, wish(inForce)).stream())
                .map(ManagedRoute.InForce::shares)
                .filter(shares -> !shares.isNone())
                .toList();
    }

    /// Users and lanes that do not fit into a route.
    List<Release.Bypass> refused() {
        return refused;
    }

    /// Managed routes that cannot be split at all: they go on past the split.
    List<Problem> unsplit() {
        return unsplit;
    }

    /// With users and lanes; where these do not fit, by the shares alone: a weight never waits for them. Made once in a
    /// planning: all that look at a route see the same.
    private ManagedRoute.Outcome outcome(UserRoute route, Shares shares) {
        return outcomes.computeIfAbsent(new Asked(route, shares), _ -> {
            Split wish = wish(shares);
            if (wish.mirror() != null && route.atGateway()) {
                refused.add(new Release.Bypass(
                        Release.Bypass.Reason.ROUTE,
                        route.title() + " makes no copies: they are made in the mesh only",
                        ""));
            }
            if (rejects(route.title(), wish, route.rejected() && hasExtras(route, wish))) {
                return ManagedRoute.split(route, wish.bare(), limits(route));
            }
            ManagedRoute.Outcome whole = ManagedRoute.split(route, wish, limits(route));
            if (!(whole instanceof Refused no)) {
                return whole;
            }
            refuse(route.title() + " carries no canary users and lanes: " + no.message());
            ManagedRoute.Outcome bare = ManagedRoute.split(route, wish.bare(), limits(route));
            if (bare instanceof Refused again) {
                unsplit.add(new Problem(
                        route.title(),
                        "cannot be split, and goes on as it is: " + again.message(),
                        "make it smaller, or remove canary.io/managed"));
            }
            return bare;
        });
    }

    /// Whether more than the shares stands in a route.
    private boolean hasExtras(UserRoute route, Split wish) {
        return ManagedRoute.inForce(route, wish).stream()
                .map(ManagedRoute.InForce::shares)
                .filter(shares -> !shares.isNone())
                .findFirst()
                .map(shares -> AppSplit.of(app, shares, _ -> false).bare())
                .filter(bare -> !(ManagedRoute.split(route, bare, limits(route)) instanceof ManagedRoute.Unchanged))
                .isPresent();
    }

    /// Whether the route `title` is to be written by the shares alone, because a controller rejected it with the rest.
    ///
    /// @param now whether it does so now
    private boolean rejects(String title, Split wish, boolean now) {
        String extras = wish.extras();
        if (extras.isEmpty()) {
            rejected.remove(title);
            return false;
        }
        if (now || TOLD.equals(rejected.get(title))) {
            rejected.put(title, extras);
        }
        boolean same = extras.equals(rejected.get(title));
        if (same) {
            refused.add(new Release.Bypass(
                    Release.Bypass.Reason.ROUTE,
                    title + ALONE + ": its controller rejected it with canary users, lanes, stickiness"
                            + " or a mirror",
                    "ask for what the controller supports"));
        } else {
            rejected.remove(title);
        }
        return same;
    }

    /// What is remembered of rejections.
    Map<String, String> rejected() {
        return rejected;
    }

    private RouteLimits limits(UserRoute route) {
        return RouteLimits.of(app, route.kind());
    }

    private void refuse(String message) {
        refused.add(new Release.Bypass(Release.Bypass.Reason.USERS, message, "name fewer users, or a group of them"));
    }

    private @Nullable RouteEdit split(UserRoute route, Shares shares) {
        if (!(outcome(route, shares) instanceof ManagedRoute.Changed changed)) {
            return null;
        }
        List<ManagedRoute.InForce> lines = ManagedRoute.inForce(route, wish(shares));
        if (!mayCarry(lines, shares)) {
            return null;
        }
        Step.EditRoute step = new Step.EditRoute(
                route.kind(),
                route.name(),
                changed.rules(),
                services(shares),
                changed.original().json(),
                route.splitFor(app.name()) ? shares.text() : "canary.io/managed: carries " + shares.text());
        return new RouteEdit(step, step.rules(), route.manager(), takesFromTheDead(lines, shares));
    }

    /// Rules 1 and 5 of design section 5, for this route's own position: a version that gets a share here serves, and
    /// has been known to for 3 s where it had none. A rule that somebody has just added carries what the others do.
    private boolean mayCarry(List<ManagedRoute.InForce> lines, Shares shares) {
        boolean first = lines.stream().allMatch(line -> line.shares().isNone());
        for (ManagedRoute.InForce line : lines) {
            if (line.shares().isNone() && !first) {
                continue;
            }
            for (String name : shares.versions()) {
                int carried = line.shares().of(name);
                if (shares.of(name) <= carried) {
                    continue;
                }
                Version version = app.version(name).orElse(null);
                if (version == null || version.serviceReady() == 0 || !VersionServices.usable(app, version)) {
                    return false;
                }
                if (carried == 0 && !knownToServe(version, memory, watch)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean takesFromTheDead(List<ManagedRoute.InForce> lines, Shares shares) {
        return lines.stream().anyMatch(line -> takesFromTheDead(app, line.shares(), shares));
    }

    /// Whether a version without endpoints has less of `shares` than of what is carried: then no fight holds that back.
    static boolean takesFromTheDead(App app, Shares carried, Shares shares) {
        return carried.versions().stream()
                .anyMatch(name -> carried.of(name) > shares.of(name)
                        && app.version(name).map(Version::serviceReady).orElse(0) == 0);
    }

    static boolean knownToServe(Version version, Map<String, Memory.OfVersion> memory, Watch watch) {
        return version.serviceReady() > 0
                && watch.over(
                        memory.getOrDefault(version.uid(), Memory.OfVersion.NEW).servesSince(), Gates.FIRST_WEIGHT);
    }

    private Set<String> services(Shares shares) {
        Set<String> services = new TreeSet<>(Set.of(app.name()));
        shares.versions().forEach(version -> services.add(app.serviceOf(version)));
        return services;
    }

    /// Restores each route that is split for this app.
    static List<Step> restore(App app, String why) {
        return app.userRoutes().stream()
                .map(route -> restored(app, route, why))
                .filter(Objects::nonNull)
                .<Step>map(Objects::requireNonNull)
                .toList();
    }

    private static Step.@Nullable EditRoute restored(App app, UserRoute route, String why) {
        if (!route.splitFor(app.name())) {
            return null;
        }
        ManagedRoute.Restored restored = ManagedRoute.restore(route, backends(app));
        return restored.changed()
                ? new Step.EditRoute(
                        route.kind(),
                        route.name(),
                        restored.rules(),
                        Set.of(),
                        restored.original().json(),
                        why)
                : null;
    }

    private static Backends backends(App app) {
        Set<String> services = new HashSet<>();
        Set<String> ours = new HashSet<>();
        app.versions().forEach(version -> services.add(app.serviceOf(version.name())));
        for (ServiceFacts service : app.services().values()) {
            services.add(service.name());
            if (service.ours()) {
                ours.add(service.name());
            }
        }
        services.remove(app.name());
        ours.remove(app.name());
        return new Backends(app.namespace(), app.name(), services, ours);
    }

    /// Whether each controller of a managed route has taken in what it carries.
    static boolean current(App app) {
        return app.userRoutes().stream()
                .filter(route -> route.managed() || route.splitFor(app.name()))
                .allMatch(UserRoute::current);
    }

    /// The Services that routes of users name, managed or not: no version's of them may go.
    static Set<String> referred(App app) {
        return app.userRoutes().stream()
                .flatMap(route -> route.backends().stream())
                .collect(Collectors.toSet());
    }

    /// What routes shall divide traffic by. A rule for users that stands stays while its version serves; a new one
    /// waits until that is known to others.
    private Split wish(Shares shares) {
        return wishes.computeIfAbsent(shares, this::makeWish);
    }

    private Split makeWish(Shares shares) {
        Set<String> referred = Retirement.referred(app);
        Split wish = AppSplit.of(
                app,
                shares,
                version -> version.labelled()
                        && VersionServices.usable(app, version)
                        && version.serviceReady() > 0
                        && (referred.contains(app.serviceOf(version.name())) || knownToServe(version, memory, watch)));
        Split.Mirror mirror = wish.mirror();
        if (mirror == null
                || mirror.percent() == 100
                || RouteLimits.of(app, RouteKind.HTTP).mirrorPercent()) {
            return wish;
        }
        refused.add(new Release.Bypass(
                Release.Bypass.Reason.ROUTE,
                mirror.service() + " gets no copies: the installed Gateway API would copy all requests, not "
                        + mirror.percent() + " percent",
                "install the CRDs of bundle 1.3 or newer"));
        return wish.withoutMirror();
    }

    /// Whether a user's route is split for this app: then traffic follows it, whatever became of ours.
    boolean split() {
        return app.userRoutes().stream().anyMatch(route -> route.splitFor(app.name()));
    }

    /// The rules of our own route on `port`; what is wrong with those for users and lanes goes to [#refused].
    ///
    /// @param present the route as it stands, or null
    /// @param bare whether it shall have none of these
    List<Object> rules(Shares shares, Ports.Own port, @Nullable RouteFacts present, boolean bare) {
        Split wish = wish(shares);
        boolean now = present != null
                && present.rejected()
                && (!present.entries().isEmpty() || present.rule().containsKey("filters"));
        boolean rejects = rejects(port.kind().text() + " " + port.name(), wish, now);
        if (!bare && !rejects) {
            switch (OwnRoute.rules(port.kind(), wish, port.port(), RouteLimits.of(app, port.kind()))) {
                case OwnRoute.Rules(List<Object> rules) -> {
                    return rules;
                }
                case Refused no ->
                    refuse("canary users of " + Names.shown(app.name()) + " get no rule: " + no.message());
            }
        }
        return bare(wish, port);
    }

    private static List<Object> bare(Split wish, Ports.Own port) {
        return switch (OwnRoute.rules(port.kind(), wish.bare(), port.port(), RouteLimits.CURRENT)) {
            case OwnRoute.Rules(List<Object> rules) -> rules;
            case Refused no -> throw new IllegalStateException(no.message());
        };
    }
}
