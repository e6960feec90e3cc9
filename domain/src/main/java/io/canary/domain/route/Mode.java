// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.App;
import io.canary.domain.app.Names;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether traffic follows our routes or the pods (design section 7).
///
/// @param why what decided it, for the Release
/// @param port the routed port of the root Service; null where no route can be made
/// @param since since when the question has been open (no controller accepts), or null while it is settled
/// @param until when it will be settled without an answer, or null
public record Mode(
        Release.Mode value,
        String why,
        @Nullable Integer port,
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
            return new Mode(Release.Mode.REPLICA, impossible, null, null, null);
        }
        Integer port = httpPort(app);
        RouteFacts route = app.route();
        String by = acceptedBy(app);
        if (by != null) {
            return new Mode(Release.Mode.ROUTE, by, port, null, null);
        }
        Release.Mode before =
                app.release() == null ? Release.Mode.UNDECIDED : app.release().mode();
        String silence = "no controller accepts a route of Service " + app.name();
        if (before == Release.Mode.REPLICA) {
            return new Mode(before, silence, port, null, null);
        }
        if (route == null) {
            // Without a route nobody can accept one: in route mode it is being put back, else it is being made.
            return new Mode(
                    before, before == Release.Mode.ROUTE ? "route is missing" : "no route yet", port, null, null);
        }
        Instant since = openSince == null ? now : openSince;
        Instant until = since.plus(PATIENCE);
        return now.isBefore(until)
                ? new Mode(before, "waiting for a controller to accept the route", port, since, until)
                : new Mode(Release.Mode.REPLICA, silence, port, since, null);
    }

    /// Who follows our route, or a managed one of the user's; null where nobody does.
    private static @Nullable String acceptedBy(App app) {
        RouteFacts route = app.route();
        if (route != null && route.accepted()) {
            return "accepted by " + controller(route.parents());
        }
        return app.userRoutes().stream()
                .filter(user -> user.managed() && user.accepted() && user.splitFor(app.name()))
                .map(user -> user.kind() + " " + user.name() + " accepted by " + controller(user.parents()))
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
        if (!app.gatewayApi()) {
            return "the cluster has no Gateway API";
        }
        List<ServiceFacts.Port> http =
                root.ports().stream().filter(ServiceFacts.Port::http).toList();
        if (http.isEmpty()) {
            return "Service " + app.name() + " has no HTTP port";
        }
        if (http.size() > 1) {
            return "Service " + app.name() + " has several HTTP ports, which are split by replicas";
        }
        if (app.route() == null && !app.rivals().isEmpty()) {
            return "HTTPRoute " + app.rivals().getFirst() + " routes Service " + app.name() + " already";
        }
        boolean entered = acceptedBy(app) != null && app.route() != null;
        return entered
                ? null
                : app.versions().stream()
                        .filter(v -> !v.labelled() && (v.ready() > 0 || (v.takesPart() && v.replicas() > 0)))
                        .min(Comparator.comparing(Version::name))
                        .map(v -> v.unlabelledBecause(app.name()))
                        .orElse(null);
    }

    private static @Nullable Integer httpPort(App app) {
        ServiceFacts root = app.root();
        return root == null
                ? null
                : root.ports().stream()
                        .filter(ServiceFacts.Port::http)
                        .map(ServiceFacts.Port::port)
                        .findFirst()
                        .orElse(null);
    }
}
