// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A snapshot of one app: all that a plan is made from.
///
/// @param root the root Service, or null while it is missing
/// @param versions its Deployments, newest first, also those that do not take part; none that is being deleted
/// @param services version Services by name: ours, and those of users with the name of one
/// @param route the HTTPRoute of ours, or null
/// @param rivals names of routes that are not ours with the root Service's routed port as parent
/// @param routeNameTaken whether a route that is not ours is called like the app
/// @param userRoutes routes of users to the root Service or to a version's, and those that we have split for it
/// @param hostRoutes routes of ours for canary domains
/// @param gatewayApi whether the API server serves HTTPRoute
/// @param release the last that was written, or null
/// @param foreignReady ready endpoints of the root Service that belong to no version
public record App(
        String namespace,
        String name,
        @Nullable ServiceFacts root,
        List<Version> versions,
        Map<String, ServiceFacts> services,
        @Nullable RouteFacts route,
        List<String> rivals,
        boolean routeNameTaken,
        List<UserRoute> userRoutes,
        List<UserRoute> hostRoutes,
        boolean gatewayApi,
        @Nullable Release release,
        int foreignReady) {
    public App {
        versions = versions.stream().sorted(Version.NEWEST_FIRST).toList();
        services = Map.copyOf(services);
        rivals = List.copyOf(rivals);
        userRoutes = List.copyOf(userRoutes);
        hostRoutes = List.copyOf(hostRoutes);
    }

    /// The version of this name; where two Deployments claim it, the older.
    public Optional<Version> version(String name) {
        return versions.stream().filter(v -> v.name().equals(name)).reduce((_, older) -> older);
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
                || (route != null && route.ours())
                || !hostRoutes.isEmpty()
                || services.values().stream().anyMatch(ServiceFacts::ours)
                || userRoutes.stream().anyMatch(route -> route.splitFor(name))
                || versions.stream().anyMatch(Version::takesPart);
    }

    /// The name of our route, where it stands or will (design section 7).
    public String routeName() {
        return route != null ? route.name() : routeNameTaken ? name + "-canary" : name;
    }

    /// The name of the Service of version `version`.
    public String serviceOf(String version) {
        return Names.versionService(name, version);
    }
}
