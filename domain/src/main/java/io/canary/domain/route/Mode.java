// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.App;
import io.canary.domain.app.Elsewhere;
import io.canary.domain.app.Names;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.UserRoute;
import io.canary.domain.app.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Whether traffic follows our routes or the pods (design section 7).
///
/// @param why what decided it, for the Release
/// @param since since when the question has been open (no controller accepts), or null while it is settled
/// @param until when it will be settled without an answer, or null
public record Mode(
        Release.Mode value,
        String why,
        @Nullable Instant since,
        @Nullable Instant until) {
    /// How long a controller has to accept the first route, and how long it may be without one later.
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    public boolean routed() {
        return value == Release.Mode.ROUTE;
    }

    public boolean undecided() {
        return value == Release.Mode.UNDECIDED;
    }

    /// The mode of `app`.
    ///
    /// @param openSince what [#since] was at the last look, or null
    public static Mode of(App app, @Nullable Instant openSince, Instant now) {
        String impossible = impossible(app);
        if (impossible != null) {
            return new Mode(Release.Mode.REPLICA, impossible, null, null);
        }
        String by = acceptedBy(app);
        if (by != null) {
            return new Mode(Release.Mode.ROUTE, by, null, null);
        }
        Release.Mode before =
                app.release() == null ? Release.Mode.UNDECIDED : app.release().mode();
        String silence = "no controller accepts a route of Service " + app.name();
        if (before == Release.Mode.REPLICA) {
            return new Mode(before, silence, null, null);
        }
        boolean makes = app.overriding().isEmpty() && !Ports.of(app).own().isEmpty();
        if (!app.carried() && makes) {
            // Without a route nobody can accept one: in route mode it is being put back, else it is being made.
            return new Mode(before, before == Release.Mode.ROUTE ? "route is missing" : "no route yet", null, null);
        }
        Instant since = openSince == null ? now : openSince;
        Instant until = since.plus(PATIENCE);
        return now.isBefore(until)
                ? new Mode(before, "waiting for a controller to accept the route", since, until)
                : new Mode(Release.Mode.REPLICA, silence, since, null);
    }

    /// Who follows a route of ours, or a managed one of the user's; null where nobody does.
    private static @Nullable String acceptedBy(App app) {
        boolean overridden = app.overriding().isPresent();
        return Stream.concat(
                        app.routes().stream()
                                .filter(route -> !overridden && route.accepted())
                                .map(route -> "accepted by " + controller(route.parents())),
                        app.userRoutes().stream()
                                .filter(user -> user.managed() && user.accepted() && user.splitFor(app.name()))
                                .filter(user -> !overridden || user.atGateway())
                                .map(user -> user.title() + " accepted by " + controller(user.parents())))
                .findFirst()
                .orElse(null);
    }

    private static String controller(List<RouteFacts.Parent> parents) {
        return parents.stream()
                .filter(RouteFacts.Parent::accepted)
                .map(parent -> Names.shown(parent.controller()))
                .findFirst()
                .orElse("");
    }

    /// Why no route of ours can carry this app's traffic, or null where one can.
    private static @Nullable String impossible(App app) {
        ServiceFacts root = app.root();
        if (root == null) {
            return "no root Service";
        }
        if (app.gatewayApi().isEmpty()) {
            return "the cluster has no Gateway API";
        }
        Ports ports = Ports.of(app);
        boolean managed = app.userRoutes().stream().anyMatch(UserRoute::managed);
        if (ports.own().isEmpty() && !managed) {
            return root.routable().isEmpty()
                    ? "Service " + app.name() + " has no HTTP or gRPC port"
                    : ports.others().getFirst();
        }
        if (!app.carried() && !app.rivals().isEmpty()) {
            return app.rivals().getFirst().title() + " routes Service " + app.name() + " already";
        }
        boolean entered = acceptedBy(app) != null && app.carried();
        Optional<Elsewhere> overriding = app.overriding();
        boolean gateway = app.userRoutes().stream().anyMatch(route -> route.managed() && route.atGateway());
        if (overriding.isPresent() && !gateway) {
            return overriding.get().text() + " decides over Service " + app.name() + " in the mesh";
        }
        return entered
                ? null
                : app.versions().stream()
                        .filter(v -> !v.labelled() && (v.ready() > 0 || (v.takesPart() && v.replicas() > 0)))
                        .min(Comparator.comparing(Version::name))
                        .map(v -> v.unlabelledBecause(app.name()))
                        .orElse(null);
    }
}
