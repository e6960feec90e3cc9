// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A route at a Gateway, or of a user's: one of ours for canary domains, or one of a user's that sends traffic to
/// Services of its namespace: split in place where `canary.io/managed` asks for it (design section 7), told as a bypass
/// where it does not.
///
/// @param managed whether it carries `canary.io/managed: "true"`
/// @param spec its `spec`; empty unless it is managed or was split
/// @param original the parsed text of `canary.io/original`, which names the apps that it is split for; else empty
/// @param backends the Services of its namespace that a ref names with a weight above 0
/// @param atGateway whether a parent is no Service
/// @param services the Services of its namespace that are its parents
/// @param written when we last wrote it by its managed fields (whole seconds), or null
/// @param manager the field manager that last wrote `spec` otherwise than us, or null
/// @param parents what controllers report
public record UserRoute(
        RouteKind kind,
        String name,
        boolean managed,
        long generation,
        Map<String, Object> spec,
        Map<String, Object> original,
        Set<String> backends,
        boolean atGateway,
        List<ParentService> services,
        @Nullable Instant written,
        @Nullable String manager,
        List<RouteFacts.Parent> parents) {
    public UserRoute {
        backends = Set.copyOf(backends);
        services = List.copyOf(services);
        parents = List.copyOf(parents);
    }

    /// A Service that is a parent.
    ///
    /// @param port null where all its ports are meant
    public record ParentService(String name, @Nullable Integer port) {}

    /// In the name of a route of ours for canary domains, between the version's Service and the managed route.
    public static final String BESIDE = "-at-";

    /// Whether annotations ask for a route to be split.
    public static boolean asksFor(Map<String, String> annotations) {
        return "true".equals(annotations.get(CanaryKey.MANAGED.text()));
    }

    /// Whether it forwards from a Gateway to the root Service of `app` past the split.
    public boolean bypasses(String app) {
        return !managed && atGateway && backends.contains(app);
    }

    /// Its kind and name, as `HTTPRoute shop`.
    public String title() {
        return kind.text() + " " + name;
    }

    /// Whether it has `port` of Service `app` as parent.
    public boolean routes(String app, int port) {
        return services.stream()
                .anyMatch(parent -> parent.name().equals(app) && (parent.port() == null || parent.port() == port));
    }

    /// That it does, as a clause.
    public String bypass(String app) {
        return title() + " forwards from a Gateway to Service " + app + " past the split";
    }

    /// What to type so that Canary splits it.
    public String toManage() {
        return "kubectl annotate %s %s %s=true"
                .formatted(kind.text().toLowerCase(Locale.ROOT), name, CanaryKey.MANAGED.text());
    }

    /// Whether it is split for `app`.
    public boolean splitFor(String app) {
        return original.containsKey(app);
    }

    /// Whether it has to do with `app`: it names the root Service, has it as parent, or was split for it.
    public boolean concerns(String app) {
        return backends.contains(app)
                || splitFor(app)
                || services.stream().anyMatch(parent -> parent.name().equals(app));
    }

    /// Whether a controller accepts it: then a data plane follows it.
    public boolean accepted() {
        return parents.stream().anyMatch(RouteFacts.Parent::accepted);
    }

    /// Whether a mesh accepts it with Service `service` as parent.
    public boolean acceptedFor(String service) {
        String parent = "Service " + service;
        return parents.stream()
                .anyMatch(each -> each.accepted()
                        && (each.parent().equals(parent) || each.parent().startsWith(parent + ":")));
    }

    /// Whether a controller rejects what it says now.
    public boolean rejected() {
        return RouteFacts.rejected(parents, generation);
    }

    /// Whether each controller that follows it has taken in what stands there now (design 5.6). One that rejects it may
    /// go on with what stood there before.
    public boolean current() {
        return parents.stream()
                .filter(parent -> parent.accepted() || parent.rejects())
                .allMatch(parent -> RouteFacts.current(parent, generation, written));
    }
}
