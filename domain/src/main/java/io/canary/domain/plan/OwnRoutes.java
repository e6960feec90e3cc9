// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.UserRoute;
import io.canary.domain.app.Version;
import io.canary.domain.route.Carried;
import io.canary.domain.route.Ports;
import io.canary.domain.share.Shares;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Our own routes: one for each port of the root Service that routes can divide (design section 7). All carry the same.
final class OwnRoutes {
    private final Situation s;
    private final App app;
    private final Map<String, Memory.OfVersion> memory;
    private final Watch watch;
    private final UserRoutes userRoutes;
    private final Ports ports;
    private final Map<Wanted, List<Object>> made = new HashMap<>();

    private record Wanted(Ports.Own port, Shares shares, boolean leaving) {}

    OwnRoutes(Situation s, Map<String, Memory.OfVersion> memory, Watch watch, UserRoutes userRoutes) {
        this.s = s;
        this.app = s.app();
        this.memory = memory;
        this.watch = watch;
        this.userRoutes = userRoutes;
        this.ports = Ports.of(app);
    }

    /// Whether the app may go from traffic by endpoints to traffic by routes that carry `shares`: each version must
    /// have been known to serve for a while, and who else serves or what is stable must be clear.
    boolean mayEnter(Shares shares) {
        boolean entering = app.release() == null || app.release().mode() != Release.Mode.ROUTE;
        boolean strangers = app.foreignReady() > 0 && entering && !userRoutes.split();
        return !strangers && s.asked().record() != null && served(shares);
    }

    private boolean served(Shares shares) {
        return shares.versions().stream().allMatch(name -> {
            Version v = app.version(name).orElse(null);
            return v != null
                    && v.labelled()
                    && VersionServices.usable(app, v)
                    && UserRoutes.knownToServe(v, memory, watch);
        });
    }

    /// Whether managed routes may be split that are not yet: our own come first, where there are any.
    boolean others(Shares shares) {
        boolean ours = ports.own().stream().anyMatch(this::free);
        return app.carried() || (!ours && app.rivals().isEmpty() && mayEnter(shares));
    }

    /// What is to be written so that each route of ours carries `shares`.
    ///
    /// @param inForce what the app's routes carry now
    /// @param leaving whether all is handed back: then no route is made, and users have no rules
    List<RouteEdit> edits(Shares shares, Shares inForce, boolean leaving) {
        boolean someServe = app.versions().stream().anyMatch(v -> v.serviceReady() > 0);
        boolean barred = !app.carried() && !app.rivals().isEmpty();
        if (shares.isNone() || !someServe || s.asked().stable() == null || barred) {
            return List.of();
        }
        return wanted(shares).stream()
                .map(port -> edit(port, shares, inForce, leaving))
                .filter(Objects::nonNull)
                .<RouteEdit>map(Objects::requireNonNull)
                .toList();
    }

    /// The ports with a route of ours, also such as it shall lose but must not yet. In the order in which [Carried]
    /// looks for what is in force: what is measured is written first, so that the next leader sees how far this one
    /// came.
    private List<Ports.Own> wanted(Shares shares) {
        List<Ports.Own> wanted = new ArrayList<>(ports.own());
        superfluous().stream()
                .filter(route -> route.parentPort() != null && !goes(route, shares))
                .map(route -> new Ports.Own(Objects.requireNonNull(route.parentPort()), route.kind(), route.name()))
                .forEach(wanted::add);
        wanted.sort(Comparator.comparing((Ports.Own port) -> !accepted(port))
                .thenComparingInt(Ports.Own::port)
                .thenComparing(Ports.Own::kind)
                .thenComparing(Ports.Own::name));
        return wanted;
    }

    private @Nullable RouteEdit edit(Ports.Own port, Shares shares, Shares inForce, boolean leaving) {
        RouteFacts route = present(port);
        if (route == null && (leaving || !free(port) || !mayEnter(shares) || !opened(port, shares))) {
            return null;
        }
        boolean moves = route != null && !Objects.equals(route.parentPort(), port.port());
        if (moves && !opened(port, shares)) {
            return null;
        }
        if (s.mode().value() == Release.Mode.REPLICA && !served(shares)) {
            return null;
        }
        List<RouteFacts.Ref> refs = refs(shares, port.port());
        List<Object> rules = rules(port, route, shares, leaving);
        boolean same = route != null && route.rules().equals(rules) && Objects.equals(route.parentPort(), port.port());
        if (same || (route != null && raisesTheDead(route, shares))) {
            return null;
        }
        List<Object> foreign = route == null ? List.of() : route.foreignRules();
        return new RouteEdit(
                new Step.EnsureRoute(
                        app.name(),
                        port.kind(),
                        port.name(),
                        port.port(),
                        rules,
                        refs,
                        foreign,
                        why(route, shares, inForce, refs)),
                rules,
                route == null ? null : route.manager(),
                route != null && UserRoutes.takesFromTheDead(app, Carried.shares(app, route), shares));
    }

    /// Made once in a planning, for writing and for the question whether it stands.
    private List<Object> rules(Ports.Own port, @Nullable RouteFacts route, Shares shares, boolean leaving) {
        return made.computeIfAbsent(
                new Wanted(port, shares, leaving), _ -> userRoutes.rules(shares, port, route, leaving));
    }

    /// Whether the Service of each version with a share has the port: it may have come to the root just now.
    private boolean opened(Ports.Own port, Shares shares) {
        return shares.versions().stream()
                .map(version -> app.services().get(app.serviceOf(version)))
                .allMatch(service ->
                        service != null && service.ports().stream().anyMatch(each -> each.port() == port.port()));
    }

    private static String why(@Nullable RouteFacts route, Shares shares, Shares inForce, List<RouteFacts.Ref> refs) {
        if (route == null) {
            return "carries what traffic does now: " + shares.text();
        }
        if (!shares.equals(inForce)) {
            return shares.text();
        }
        return route.refs().equals(refs)
                ? "canary users, beside " + shares.text()
                : "it was changed; back to " + shares.text();
    }

    private @Nullable RouteFacts present(Ports.Own port) {
        return app.routes().stream()
                .filter(route -> route.kind() == port.kind() && route.name().equals(port.name()))
                .findFirst()
                .orElse(null);
    }

    private boolean accepted(Ports.Own port) {
        RouteFacts route = present(port);
        return route != null && route.accepted();
    }

    /// Whether nobody else divides a port: a route of ours beside a user's would lose or win by its age.
    private boolean free(Ports.Own port) {
        return app.overriding().isEmpty()
                && app.rivals().stream().noneMatch(rival -> rival.routes(app.name(), port.port()));
    }

    /// Routes of ours for which there is no port any more, or whose port a managed route has taken over.
    private List<RouteFacts> superfluous() {
        return app.routes().stream()
                .filter(route -> ports.own().stream()
                        .noneMatch(port ->
                                port.kind() == route.kind() && port.name().equals(route.name())))
                .toList();
    }

    /// The routes of ours that can go: nothing follows them, or what took over carries `shares` by now.
    List<Step> gone(Shares shares) {
        return superfluous().stream()
                .filter(route -> goes(route, shares))
                .<Step>map(route -> new Step.Delete(
                        Step.Delete.Kind.of(route.kind()), route.name(), "another route divides its port, or none can"))
                .toList();
    }

    private boolean goes(RouteFacts route, Shares shares) {
        Integer port = route.parentPort();
        if (port == null || s.root().ports().stream().noneMatch(each -> each.port() == port)) {
            return true;
        }
        List<UserRoute> managed = app.managedOn(port);
        if (!managed.isEmpty()) {
            return managed.stream()
                            .anyMatch(user -> user.splitFor(app.name())
                                    && user.current()
                                    && (user.acceptedFor(app.name()) || !route.accepted()))
                    && userRoutes.carry(shares, false);
        }
        return ports.own().stream().filter(own -> own.port() == port).allMatch(own -> {
            RouteFacts successor = present(own);
            return successor != null && (successor.accepted() || !route.accepted());
        });
    }

    /// Whether each route of ours that a data plane follows, or may go on following though it rejects it, says just
    /// what it shall.
    boolean carry(Shares shares, boolean leaving) {
        return shares.isNone()
                || wanted(shares).stream().allMatch(port -> {
                    RouteFacts route = present(port);
                    return route == null
                            || !(route.accepted() || route.rejected())
                            || route.rules().equals(rules(port, route, shares, leaving));
                });
    }

    /// Whether every data plane that follows a route of ours has taken in what stands there. Where another is accepted,
    /// nobody follows one that is not.
    boolean current() {
        boolean accepted = app.routes().stream().anyMatch(RouteFacts::accepted)
                || app.userRoutes().stream().anyMatch(user -> user.managed() && user.accepted());
        return app.routes().stream()
                .allMatch(route -> (accepted && !route.accepted() && !route.rejected()) || route.current());
    }

    /// The safety net of rules 1 and 5, whatever was planned: whether these shares raise a version without endpoints,
    /// or with a Service that is another's, above what the route really carries.
    private boolean raisesTheDead(RouteFacts route, Shares shares) {
        Shares carried = Shares.ofWeights(route.weights(), List.of());
        return shares.versions().stream()
                .filter(v -> app.version(v)
                        .filter(version -> version.serviceReady() > 0 && VersionServices.usable(app, version))
                        .isEmpty())
                .anyMatch(v -> shares.of(v) > carried.of(app.serviceOf(v)));
    }

    private List<RouteFacts.Ref> refs(Shares shares, int port) {
        int unit = shares.wholePercents() ? 100 : 1;
        return shares.basisPoints().entrySet().stream()
                .map(e -> new RouteFacts.Ref(app.serviceOf(e.getKey()), port, e.getValue() / unit))
                .toList();
    }
}
