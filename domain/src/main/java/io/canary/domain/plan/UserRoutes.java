// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.Names;
import io.canary.domain.app.UserRoute;
import io.canary.domain.app.Version;
import io.canary.domain.json.JsonObject;
import io.canary.domain.route.AppSplit;
import io.canary.domain.route.Backends;
import io.canary.domain.route.ManagedRoute;
import io.canary.domain.route.Original;
import io.canary.domain.route.OwnRoute;
import io.canary.domain.route.Refused;
import io.canary.domain.route.RouteKind;
import io.canary.domain.route.RouteLimits;
import io.canary.domain.route.Split;
import io.canary.domain.share.Shares;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The users' own routes of one app: split in place while `canary.io/managed` asks for it, restored when it no longer
/// does (design section 7). They carry what our own route carries.
final class UserRoutes {
    private final App app;
    private final Map<String, Memory.OfVersion> memory;
    private final Watch watch;
    private final List<String> refused = new ArrayList<>();

    UserRoutes(App app, Map<String, Memory.OfVersion> memory, Watch watch) {
        this.app = app;
        this.memory = memory;
        this.watch = watch;
    }

    /// A step, and who wrote the route last.
    record Edit(Step.EditRoute step, @Nullable String manager) {}

    /// What is to be written so that each managed route carries `shares`, and each that is managed no more says what it
    /// said before.
    ///
    /// @param split whether routes may be split that are not yet: while traffic follows routes
    List<Edit> edits(Shares shares, boolean split) {
        List<Edit> edits = new ArrayList<>();
        for (UserRoute route : app.userRoutes()) {
            Step.EditRoute step = !route.managed()
                    ? restored(route, "canary.io/managed is gone")
                    : split || route.splitFor(app.name()) ? split(route, shares) : null;
            if (step != null) {
                edits.add(new Edit(step, route.manager()));
            }
        }
        return edits;
    }

    /// Why routes could not be split, as sentences.
    List<String> refused() {
        return refused;
    }

    private Step.@Nullable EditRoute split(UserRoute route, Shares shares) {
        Split wish = wish(shares);
        JsonObject spec = new JsonObject(route.spec());
        Original original = Original.of(new JsonObject(route.original()));
        RouteKind kind = AppSplit.kind(route);
        return switch (ManagedRoute.split(kind, spec, original, wish, RouteLimits.CURRENT)) {
            case ManagedRoute.Changed changed
            when mayCarry(kind, spec, original, wish) ->
                new Step.EditRoute(
                        route.kind(),
                        route.name(),
                        changed.rules(),
                        services(shares),
                        changed.original().json(),
                        route.splitFor(app.name()) ? shares.text() : "canary.io/managed: carries " + shares.text());
            case ManagedRoute.Changed _, ManagedRoute.Unchanged _, ManagedRoute.NothingToSplit _ -> null;
            case Refused no -> {
                refused.add(route.kind() + " " + route.name() + " cannot be split: " + no.message());
                yield null;
            }
        };
    }

    /// Rules 1 and 5 of design section 5, for this route's own position: a version that gets a share here serves, and
    /// has been known to for 3 s where it had none here.
    private boolean mayCarry(RouteKind kind, JsonObject spec, Original original, Split wish) {
        List<ManagedRoute.InForce> lines = ManagedRoute.measure(kind, spec, original, wish, RouteLimits.CURRENT)
                .rules();
        for (Split.Part part : wish.parts()) {
            Version version = app.version(part.version()).orElse(null);
            for (ManagedRoute.InForce line : lines) {
                int carried = line.shares().of(part.version());
                if (part.basisPoints() <= carried) {
                    continue;
                }
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
        List<Step> steps = new ArrayList<>();
        for (UserRoute route : app.userRoutes()) {
            Step.EditRoute step =
                    new UserRoutes(app, Map.of(), new Watch(java.time.Instant.EPOCH)).restored(route, why);
            if (step != null) {
                steps.add(step);
            }
        }
        return steps;
    }

    private Step.@Nullable EditRoute restored(UserRoute route, String why) {
        if (!route.splitFor(app.name())) {
            return null;
        }
        Original original = Original.of(new JsonObject(route.original()));
        ManagedRoute.Restored restored = ManagedRoute.restore(new JsonObject(route.spec()), original, backends());
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

    private Backends backends() {
        Set<String> services = new HashSet<>();
        Set<String> ours = new HashSet<>();
        app.versions().forEach(version -> services.add(app.serviceOf(version.name())));
        app.services().values().stream()
                .filter(service -> !service.name().equals(app.name()))
                .forEach(service -> {
                    services.add(service.name());
                    if (service.ours()) {
                        ours.add(service.name());
                    }
                });
        services.remove(app.name());
        return new Backends(app.namespace(), app.name(), services, ours);
    }

    /// Whether each controller of a managed route has taken in what it carries.
    static boolean current(App app) {
        return app.userRoutes().stream()
                .filter(route -> route.managed() || route.splitFor(app.name()))
                .allMatch(UserRoute::current);
    }

    /// The version Services that managed routes name: none of them may go.
    static Set<String> referred(App app) {
        return app.userRoutes().stream()
                .filter(route -> route.splitFor(app.name()))
                .flatMap(route -> route.backends().stream())
                .collect(Collectors.toSet());
    }

    /// What routes shall divide traffic by. A rule for users that stands stays while its version serves; a new one
    /// waits until that is known to others.
    private Split wish(Shares shares) {
        Set<String> referred = Retirement.referred(app);
        return AppSplit.of(
                app,
                shares,
                version -> version.labelled()
                        && VersionServices.usable(app, version)
                        && version.serviceReady() > 0
                        && (referred.contains(app.serviceOf(version.name())) || knownToServe(version, memory, watch)));
    }

    /// The rules of our own route before the one of the weights; what is wrong with them goes to [#refused].
    List<Object> entries(Shares shares, int port) {
        Split wish = wish(shares);
        return switch (OwnRoute.rules(RouteKind.HTTP, wish, port, RouteLimits.CURRENT)) {
            case OwnRoute.Rules(List<Object> rules) -> rules.subList(0, rules.size() - 1);
            case Refused no -> {
                refused.add("canary users of " + Names.shown(app.name()) + " get no rule: " + no.message());
                yield List.of();
            }
        };
    }
}
