// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A snapshot of one app: all that a plan is made from.
///
/// @param root the root Service, or null while it is missing
/// @param versions its Deployments, newest first, also those that do not take part; none that is being deleted
/// @param services version Services by name: ours, and those of users with the name of one
/// @param routes routes of ours with the root Service as parent, at most one for each port and kind, by port
/// @param taken the routes of this namespace that are not ours and whose name begins like the app's, as
///     `HTTPRoute/order`
/// @param userRoutes routes of users to the root Service or to a version's, and those that we have split for it
/// @param hostRoutes routes of ours for canary domains
/// @param gatewayApi the kinds of routes that the API server serves, with the bundle that they are of (empty where
///     unknown)
/// @param elsewhere what else decides over its traffic
/// @param claimed hosts that its versions ask for and another route has, with whose: `HTTPRoute shop`, or `a route of
///     another namespace`, which is not named (admission.md T7)
/// @param release the last that was written, or null
/// @param foreignReady ready endpoints of the root Service that belong to no version
public record App(
        String namespace,
        String name,
        @Nullable ServiceFacts root,
        List<Version> versions,
        Map<String, ServiceFacts> services,
        List<RouteFacts> routes,
        Set<String> taken,
        List<UserRoute> userRoutes,
        List<UserRoute> hostRoutes,
        Map<RouteKind, String> gatewayApi,
        List<Elsewhere> elsewhere,
        Map<String, String> claimed,
        @Nullable Release release,
        int foreignReady) {
    public App {
        versions = versions.stream().sorted(Version.NEWEST_FIRST).toList();
        services = Map.copyOf(services);
        routes = routes.stream()
                .sorted(Comparator.comparing(
                                RouteFacts::parentPort, Comparator.nullsLast(Comparator.<Integer>naturalOrder()))
                        .thenComparing(RouteFacts::kind)
                        .thenComparing(RouteFacts::name))
                .toList();
        taken = Set.copyOf(taken);
        gatewayApi = Map.copyOf(gatewayApi);
        elsewhere = List.copyOf(elsewhere);
        claimed = Map.copyOf(claimed);
        userRoutes = List.copyOf(userRoutes);
        hostRoutes = List.copyOf(hostRoutes);
    }

    /// The version of this name; where two Deployments claim it, the older.
    public Optional<Version> version(String name) {
        return versions.stream().filter(v -> v.name().equals(name)).reduce((_, older) -> older);
    }

    /// Whether `version` is the one that its name stands for.
    public boolean named(Version version) {
        return version(version.name()).filter(version::equals).isPresent();
    }

    /// What the Release says of this very Deployment; empty of one that has taken the place of another.
    public Optional<Release.VersionStatus> recorded(Version version) {
        return release == null
                ? Optional.empty()
                : release.version(version.name()).filter(status -> status.uid().equals(version.uid()));
    }

    /// Whether a user's key stands on the root Service or on a Deployment of it (design section 3).
    public boolean hasUserKey() {
        return (root != null && CanaryKey.anyOfUsers(root.annotations()))
                || versions.stream().anyMatch(Version::hasUserKey);
    }

    /// Whether there is anything to do or undo here: a user's key, or something of ours.
    public boolean managed() {
        return hasUserKey()
                || release != null
                || !routes.isEmpty()
                || !hostRoutes.isEmpty()
                || services.values().stream().anyMatch(ServiceFacts::ours)
                || userRoutes.stream().anyMatch(route -> route.splitFor(name))
                || versions.stream().anyMatch(Version::takesPart);
    }

    /// Whether a route carries its weights: one of ours, or a managed one that is split.
    public boolean carried() {
        return !routes.isEmpty() || userRoutes.stream().anyMatch(route -> route.managed() && route.splitFor(name));
    }

    /// The routes of users that have the root Service as parent and may not be split: ours would lose against them
    /// (routing.md section 2).
    public List<UserRoute> rivals() {
        return userRoutes.stream()
                .filter(route -> !route.managed() && parent(route))
                .toList();
    }

    private boolean parent(UserRoute route) {
        ServiceFacts service = root;
        return service != null && service.routable().stream().anyMatch(port -> route.routes(name, port.port()));
    }

    /// The managed routes of users that have `port` of the root Service as parent: they divide its traffic in the mesh.
    public List<UserRoute> managedOn(int port) {
        return userRoutes.stream()
                .filter(route -> route.managed() && route.routes(name, port))
                .toList();
    }

    /// The VirtualService that wins over routes in the mesh, if any (routing.md section 1).
    public Optional<Elsewhere> overriding() {
        return elsewhere.stream()
                .filter(rule -> rule.effect() == Elsewhere.Effect.OVERRIDES)
                .findFirst();
    }

    /// Whether a route that is not ours has this name.
    public boolean isTaken(RouteKind kind, String route) {
        return taken.contains(kind.text() + "/" + route);
    }

    /// Our route of `kind` on `port`, or null.
    public @Nullable RouteFacts route(int port, RouteKind kind) {
        return routes.stream()
                .filter(route -> route.kind() == kind && Objects.equals(route.parentPort(), port))
                .findFirst()
                .orElse(null);
    }

    /// The name of the Service of version `version`.
    public String serviceOf(String version) {
        return Names.versionService(name, version);
    }
}
