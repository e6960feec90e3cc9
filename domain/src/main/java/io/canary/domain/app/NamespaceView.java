// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All objects of one namespace that apps are made of, reduced to facts; puts apps together. The same code serves
/// reconciler, webhook and plugin.
///
/// @param endpoints ready pod names by Service name, from EndpointSlices
/// @param autoscalers by Deployment name
/// @param releases by app name
/// @param gatewayApi the kinds of routes that the API server serves, with the bundle that they are of (empty where
///     unknown)
/// @param elsewhere what else decides over traffic to Services here, also from other namespaces
/// @param claims who has the hosts that versions here ask for, by host
public record NamespaceView(
        String namespace,
        List<DeploymentFacts> deployments,
        List<ServiceFacts> services,
        List<RouteFacts.Named> routes,
        Map<String, Set<String>> endpoints,
        Map<String, Version.Autoscaler> autoscalers,
        Map<String, Release> releases,
        Map<RouteKind, String> gatewayApi,
        List<Elsewhere> elsewhere,
        Map<String, Set<Outward.Claim>> claims) {
    private static final int POD_SUFFIX = 6; // "-" and five characters
    private static final int POD_BASE_LONGEST = 58; // the API server cuts generateName there

    /// The snapshot of `app`.
    public App app(String app) {
        ServiceFacts root = services.stream()
                .filter(s -> s.name().equals(app) && s.rootLike())
                .findFirst()
                .orElse(null);
        List<DeploymentFacts> members =
                deployments.stream().filter(d -> belongs(d, app, root)).toList();
        Set<String> foreign = new HashSet<>(endpoints.getOrDefault(app, Set.of()));
        List<Version> versions = new ArrayList<>();
        for (DeploymentFacts d : members) {
            if (d.deleting()) { // no version any more, though finalizers may keep it and its last pods for a while
                foreign.removeIf(pod -> ownsPod(d, pod));
                continue;
            }
            VersionName name = VersionName.of(app, d);
            int ready = (int) endpoints.getOrDefault(app, Set.of()).stream()
                    .filter(pod -> ownsPod(d, pod))
                    .count();
            foreign.removeIf(pod -> ownsPod(d, pod));
            int serviceReady = (int) endpoints.getOrDefault(Names.versionService(app, name.name()), Set.of()).stream()
                    .filter(pod -> ownsPod(d, pod))
                    .count();
            versions.add(new Version(d, name.name(), name.labelled(), ready, serviceReady, autoscalers.get(d.name())));
        }
        Map<String, ServiceFacts> owned = new HashMap<>();
        for (ServiceFacts s : services) {
            boolean named = versions.stream()
                    .anyMatch(v -> Names.versionService(app, v.name()).equals(s.name()));
            if (named || app.equals(s.labels().get(CanaryKey.APP.text()))) {
                owned.put(s.name(), s);
            }
        }
        List<RouteFacts> ours = new ArrayList<>();
        List<UserRoute> userRoutes = new ArrayList<>();
        List<UserRoute> hostRoutes = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (RouteFacts.Named named : routes) {
            RouteFacts route = named.route();
            UserRoute user = named.user();
            if (route.ours() && app.equals(named.app())) {
                if (user == null) {
                    ours.add(route);
                } else {
                    hostRoutes.add(user);
                }
                continue;
            }
            if (route.name().startsWith(app)) {
                taken.add(route.kind().text() + "/" + route.name());
            }
            boolean direct = user != null && user.backends().stream().anyMatch(owned::containsKey);
            if (user != null && !route.ours() && (direct || user.concerns(app))) {
                userRoutes.add(user);
            }
        }
        return new App(
                namespace,
                app,
                root,
                versions,
                owned,
                ours,
                taken,
                userRoutes,
                hostRoutes,
                gatewayApi,
                elsewhere.stream().filter(rule -> rule.concerns(app)).toList(),
                claimed(app),
                releases.get(app),
                foreign.size());
    }

    private Map<String, String> claimed(String app) {
        Map<String, String> claimed = new HashMap<>();
        claims.forEach((host, routes) -> routes.stream()
                .filter(claim ->
                        !claim.namespace().equals(namespace) || !claim.app().equals(app))
                .map(claim -> claim.namespace().equals(namespace) ? claim.title() : "a route of another namespace")
                .sorted()
                .findFirst()
                .ifPresent(by -> claimed.put(host, by)));
        return claimed;
    }

    /// This namespace with other Deployments and Services.
    public NamespaceView with(List<DeploymentFacts> others, List<ServiceFacts> otherServices) {
        return new NamespaceView(
                namespace,
                others,
                otherServices,
                routes,
                endpoints,
                autoscalers,
                releases,
                gatewayApi,
                elsewhere,
                claims);
    }

    /// The names of all apps that a person or we have touched here.
    public Set<String> apps() {
        Set<String> names = new HashSet<>(releases.keySet());
        for (DeploymentFacts d : deployments) {
            if (d.takesPart()) {
                String app = appOf(d);
                if (app != null) {
                    names.add(app);
                }
            }
        }
        for (ServiceFacts s : services) {
            String label = s.labels().get(CanaryKey.APP.text());
            if (label != null) {
                names.add(label);
            } else if (CanaryKey.anyOfUsers(s.annotations())) {
                names.add(s.name());
            }
        }
        for (RouteFacts.Named named : routes) {
            String app = named.app();
            if (app != null && named.route().ours()) {
                names.add(app);
            }
            if (named.user() != null) {
                names.addAll(named.user().original().keySet());
            }
        }
        return names;
    }

    /// The app that `deployment` belongs to or waits for, or null.
    public @Nullable String appOf(DeploymentFacts deployment) {
        return switch (Membership.of(deployment, services)) {
            case Membership.Member(String app) -> app;
            case Membership.Waits waits -> waits.app();
            case Membership.Ambiguous _ -> null;
            case Membership.None _ -> null;
        };
    }

    /// A Deployment that another object controls is not ours to manage: its pods count as strangers.
    private boolean belongs(DeploymentFacts deployment, String app, @Nullable ServiceFacts root) {
        return deployment.controller() == null && mayBelong(deployment, app, root) && isMember(deployment, app, root);
    }

    /// Whether anything ties `deployment` to `app`: spares looking at all Services for each Deployment.
    private static boolean mayBelong(DeploymentFacts deployment, String app, @Nullable ServiceFacts root) {
        Map<String, String> labels = deployment.templateLabels();
        return app.equals(deployment.get(CanaryKey.SERVICE))
                || app.equals(deployment.get(CanaryKey.APP))
                || app.equals(labels.get("app"))
                || app.equals(labels.get("app.kubernetes.io/name"))
                || (root != null && root.selects(labels));
    }

    private boolean isMember(DeploymentFacts deployment, String app, @Nullable ServiceFacts root) {
        return switch (Membership.of(deployment, services)) {
            case Membership.Member(String name) -> name.equals(app);
            // While the root Service is missing, or no longer selects a version that took part, nothing of ours is
            // torn down (design 5.7): the version still counts.
            case Membership.Waits waits ->
                waits.app().equals(app) && (root == null || app.equals(deployment.get(CanaryKey.APP)));
            case Membership.Ambiguous _ -> false;
            case Membership.None _ -> false;
        };
    }

    /// Whether `pod` is of `deployment`, by the names that the Deployment and ReplicaSet controllers give:
    /// `<deployment>-<hash>-<5 characters>`, where the part before the last five is cut at 58 characters.
    static boolean ownsPod(DeploymentFacts deployment, String pod) {
        if (pod.length() <= POD_SUFFIX) {
            return false;
        }
        if (pod.length() - 5 >= POD_BASE_LONGEST) {
            String base = pod.substring(0, pod.length() - 5);
            String prefix = deployment.name() + "-";
            if (prefix.length() >= base.length()) {
                return prefix.startsWith(base);
            }
            // A hash has no "-": where one stands within, the pod is of a Deployment with a longer name.
            int dash = base.indexOf('-', prefix.length());
            return base.startsWith(prefix) && (dash < 0 || dash == base.length() - 1);
        }
        if (pod.charAt(pod.length() - POD_SUFFIX) != '-') {
            return false;
        }
        int hash = pod.lastIndexOf('-', pod.length() - POD_SUFFIX - 1);
        return hash > 0 && pod.substring(0, hash).equals(deployment.name());
    }
}
