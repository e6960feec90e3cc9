// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Apps for tests, made by saying only what matters: `TestApps.of(root, v1, v2).withServices().app()`.
public final class TestApps {
    private final String namespace;
    private final String name;
    private final @Nullable ServiceFacts root;
    private List<Version> versions;
    private Map<String, ServiceFacts> services = Map.of();
    private List<RouteFacts> routes = List.of();
    private Set<String> taken = Set.of();
    private List<UserRoute> userRoutes = List.of();
    private List<UserRoute> hostRoutes = List.of();
    private Map<RouteKind, String> gatewayApi = Map.of(RouteKind.HTTP, "");
    private List<Elsewhere> elsewhere = List.of();
    private Map<String, String> claimed = Map.of();
    private @Nullable Release release;
    private int foreignReady;

    private TestApps(String namespace, String name, @Nullable ServiceFacts root, List<Version> versions) {
        this.namespace = namespace;
        this.name = name;
        this.root = root;
        this.versions = versions;
    }

    /// The app `order` with these versions, and HTTPRoutes served; without Services of versions, routes or a Release.
    public static TestApps of(ServiceFacts root, Version... versions) {
        return new TestApps("shop", "order", root, List.of(versions));
    }

    /// As `app`, to be changed.
    public static TestApps like(App app) {
        TestApps like = new TestApps(app.namespace(), app.name(), app.root(), app.versions());
        like.services = app.services();
        like.routes = app.routes();
        like.taken = app.taken();
        like.userRoutes = app.userRoutes();
        like.hostRoutes = app.hostRoutes();
        like.gatewayApi = app.gatewayApi();
        like.elsewhere = app.elsewhere();
        like.claimed = app.claimed();
        like.release = app.release();
        like.foreignReady = app.foreignReady();
        return like;
    }

    public TestApps versions(Stream<Version> changed) {
        versions = changed.toList();
        return this;
    }

    /// With the Service of each version, made by us.
    public TestApps withServices() {
        return services(versions.stream()
                .map(version -> TestServices.ofVersion(version.name()).facts())
                .toArray(ServiceFacts[]::new));
    }

    public TestApps services(ServiceFacts... ofVersions) {
        services = Stream.of(ofVersions).collect(Collectors.toMap(ServiceFacts::name, Function.identity()));
        return this;
    }

    public TestApps routes(List<RouteFacts> ours) {
        routes = ours;
        return this;
    }

    /// @param names of routes of others that have the name of one of ours
    public TestApps taken(Set<String> names) {
        taken = names;
        return this;
    }

    public TestApps userRoutes(List<UserRoute> theirs) {
        userRoutes = theirs;
        return this;
    }

    /// @param served the bundle of each kind that the API server serves
    public TestApps gatewayApi(Map<RouteKind, String> served) {
        gatewayApi = served;
        return this;
    }

    public TestApps release(@Nullable Release told) {
        release = told;
        return this;
    }

    public App app() {
        return new App(
                namespace,
                name,
                root,
                versions,
                services,
                routes,
                taken,
                userRoutes,
                hostRoutes,
                gatewayApi,
                elsewhere,
                claimed,
                release,
                foreignReady);
    }
}
