// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.Elsewhere;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Policies;
import io.canary.domain.policy.Policy;
import io.canary.domain.route.Hosts;
import io.canary.webhook.kube.Autoscalers;
import io.canary.webhook.kube.CanaryPolicies;
import io.canary.webhook.kube.Deployments;
import io.canary.webhook.kube.EndpointSlices;
import io.canary.webhook.kube.IstioRules;
import io.canary.webhook.kube.Metas;
import io.canary.webhook.kube.Releases;
import io.canary.webhook.kube.Routes;
import io.canary.webhook.kube.Services;
import io.canary.webhook.reconcile.FactStore.Held;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The facts of all objects that apps are made of, by namespace, and who must be told when they change.
///
/// One lock guards all stores: a view is of one moment. It is held for microseconds; objects are read outside.
final class ClusterCache {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterCache.class);

    private final Object lock = new Object();
    private final BiConsumer<String, Set<String>> onChange;
    private final Map<String, NamespaceView> views = new ConcurrentHashMap<>();
    private final Map<RouteKind, String> gatewayApi = new EnumMap<>(RouteKind.class);
    private final Borders borders = new Borders();
    private final Map<String, Set<String>> hosted = new HashMap<>(); // namespace -> hosts that its versions ask for
    private final Map<String, Policies> policiesOf = new ConcurrentHashMap<>();
    private volatile Runnable onPolicy = () -> {};
    private volatile boolean telling;

    final FactStore<Deployment, DeploymentFacts> deployments =
            new FactStore<>(lock, Deployment::new, ClusterCache::deployment, this::deploymentChanged);
    final FactStore<Service, ServiceFacts> services =
            new FactStore<>(lock, Service::new, (object, _) -> Services.facts(object), this::serviceChanged);
    final FactStore<EndpointSlice, EndpointSlices.Slice> slices =
            new FactStore<>(lock, EndpointSlice::new, (object, _) -> EndpointSlices.facts(object), this::sliceChanged);
    final FactStore<HorizontalPodAutoscaler, Autoscalers.Target> autoscalers = new FactStore<>(
            lock, HorizontalPodAutoscaler::new, (object, _) -> Autoscalers.facts(object), this::autoscalerChanged);
    final FactStore<GenericKubernetesResource, Releases.Stored> releases = new FactStore<>(
            lock,
            GenericKubernetesResource::new,
            (object, _) -> Releases.facts(object),
            (namespace, name, _, _) -> tell(namespace, Set.of(name)));
    final FactStore<GenericKubernetesResource, Map<String, List<Elsewhere>>> virtualServices = istio("VirtualService");
    final FactStore<GenericKubernetesResource, Map<String, List<Elsewhere>>> destinationRules =
            istio("DestinationRule");
    private static final String NAME_LABEL = "kubernetes.io/metadata.name"; // the API server keeps it
    final FactStore<Namespace, Map<String, String>> namespaces =
            new FactStore<>(lock, Namespace::new, (object, _) -> Metas.labels(object), (_, name, _, _) -> {
                if (policiesOf.remove(name) != null) {
                    tell(name, apps(name));
                }
            });
    final FactStore<GenericKubernetesResource, CanaryPolicies.Stored> policies = new FactStore<>(
            lock,
            GenericKubernetesResource::new,
            (object, _) -> CanaryPolicies.facts(object),
            (_, _, before, after) -> policyChanged(before, after));
    final FactStore<GenericKubernetesResource, Map<?, ?>> bindings = new FactStore<>(
            lock,
            GenericKubernetesResource::new,
            (object, _) ->
                    JsonObject.of(object.getAdditionalProperties().get("spec")).fields(),
            (_, _, _, _) -> onPolicy.run());
    private final Map<RouteKind, FactStore<GenericKubernetesResource, RouteFacts.Named>> routes =
            new EnumMap<>(RouteKind.class);

    /// @param onChange told the namespace and the apps that a change concerns; must return at once
    ClusterCache(BiConsumer<String, Set<String>> onChange) {
        this.onChange = onChange;
        for (RouteKind kind : RouteKind.values()) {
            routes.put(
                    kind,
                    new FactStore<>(
                            lock,
                            GenericKubernetesResource::new,
                            (object, _) -> Routes.facts(kind, object),
                            (namespace, name, before, after) -> routeChanged(kind, namespace, name, before, after)));
        }
    }

    /// Called once when all stores are filled: from now on changes are told. Before, nothing may be planned.
    void filled() {
        telling = true;
    }

    /// The routes of one kind.
    FactStore<GenericKubernetesResource, RouteFacts.Named> routes(RouteKind kind) {
        return Objects.requireNonNull(routes.get(kind));
    }

    private FactStore<GenericKubernetesResource, Map<String, List<Elsewhere>>> istio(String kind) {
        return new FactStore<>(
                lock,
                GenericKubernetesResource::new,
                (object, _) -> IstioRules.facts(object),
                (namespace, name, before, after) ->
                        crossed(borders.put(kind + " " + namespace + "/" + name, before, after), Set.of()));
    }

    /// Sets of which bundle the API server serves a kind of route, if it does; every app is told, for its mode may
    /// change.
    void gatewayApi(RouteKind kind, Optional<String> bundle) {
        synchronized (lock) {
            if (bundle.equals(Optional.ofNullable(gatewayApi.get(kind)))) {
                return;
            }
            bundle.ifPresentOrElse(version -> gatewayApi.put(kind, version), () -> gatewayApi.remove(kind));
            views.clear();
        }
        apps().forEach(key -> onChange.accept(key.namespace(), Set.of(key.app())));
    }

    /// Sets who is told when a policy or a binding changes; must return at once.
    void onPolicy(Runnable told) {
        onPolicy = told;
    }

    private void policyChanged(CanaryPolicies.@Nullable Stored before, CanaryPolicies.@Nullable Stored after) {
        onPolicy.run();
        if (before != null && after != null && before.read().equals(after.read())) {
            return; // its status
        }
        policiesOf.clear();
        if (telling) {
            apps().forEach(key -> onChange.accept(key.namespace(), Set.of(key.app())));
        }
    }

    /// For each namespace that there is the names of the policies about it.
    List<Set<String>> policiesByNamespace() {
        List<String> names;
        synchronized (lock) {
            names = namespaces.all("").stream()
                    .map(held -> held.facts().getOrDefault(NAME_LABEL, ""))
                    .toList();
        }
        return names.stream()
                .map(name ->
                        policies(name).policies().stream().map(Policy::name).collect(Collectors.toSet()))
                .toList();
    }

    /// The policies about `namespace`. The same instance until a policy or a label of it changes.
    Policies policies(String namespace) {
        Policies known = policiesOf.get(namespace);
        if (known != null) {
            return known;
        }
        synchronized (lock) {
            Held<Map<String, String>> labels = namespaces.held("", namespace);
            Policies made = Policies.of(
                    namespace,
                    labels == null ? Map.of() : labels.facts(),
                    policies.all("").stream()
                            .map(held -> held.facts().read().policy())
                            .sorted(Comparator.comparing(Policy::name))
                            .toList());
            policiesOf.put(namespace, made);
            return made;
        }
    }

    /// All policies with what we told of them.
    List<Held<CanaryPolicies.Stored>> policies() {
        synchronized (lock) {
            return List.copyOf(policies.all(""));
        }
    }

    /// The spec of the binding called `name` as it stands; null while there is none.
    @Nullable
    Map<?, ?> binding(String name) {
        Held<Map<?, ?>> held = bindings.held("", name);
        return held == null ? null : held.facts();
    }

    /// The names of our bindings.
    List<String> bindingNames() {
        return bindings.keySet().map(key -> key.substring(1)).toList();
    }

    private Set<String> apps(String namespace) {
        NamespaceView view = view(namespace);
        return touched(view) ? view.apps() : Set.of();
    }

    /// Every app there is something to do for.
    List<AppKey> apps() {
        Set<String> namespaces = new HashSet<>(deployments.namespaces());
        namespaces.addAll(services.namespaces());
        namespaces.addAll(releases.namespaces());
        routes.values().forEach(store -> namespaces.addAll(store.namespaces()));
        return namespaces.stream()
                .flatMap(namespace -> understood(namespace).stream().map(app -> new AppKey(namespace, app)))
                .toList();
    }

    /// The apps of a namespace; none where our code stumbles over it, for the others go on (SECURITY.md, T19).
    private Set<String> understood(String namespace) {
        try {
            return apps(namespace);
        } catch (RuntimeException | Error bug) {
            LOG.atError().addKeyValue("namespace", namespace).setCause(bug).log("Namespace not understood: left out");
            return Set.of();
        }
    }

    /// `namespace` as it is now. The same instance until something in it changes.
    NamespaceView view(String namespace) {
        NamespaceView known = views.get(namespace);
        if (known != null) {
            return known;
        }
        synchronized (lock) {
            NamespaceView made = make(namespace);
            views.put(namespace, made);
            return made;
        }
    }

    private NamespaceView make(String namespace) {
        Map<String, Set<String>> endpoints = new HashMap<>();
        for (Held<EndpointSlices.Slice> held : slices.all(namespace)) {
            endpoints.merge(held.facts().service(), held.facts().ready(), ClusterCache::union);
        }
        Map<String, Version.Autoscaler> scalers = new HashMap<>();
        for (Held<Autoscalers.Target> held : autoscalers.all(namespace)) {
            scalers.put(held.facts().deployment(), held.facts().autoscaler());
        }
        Map<String, Release> told = new HashMap<>();
        for (Held<Releases.Stored> held : releases.all(namespace)) {
            told.put(held.facts().app(), held.facts().release());
        }
        List<DeploymentFacts> workloads = facts(deployments.all(namespace));
        Set<String> hosts = hosts(workloads);
        if (hosts.isEmpty()) {
            hosted.remove(namespace);
        } else {
            hosted.put(namespace, hosts);
        }
        return new NamespaceView(
                namespace,
                workloads,
                facts(services.all(namespace)),
                routes.values().stream()
                        .flatMap(store -> facts(store.all(namespace)).stream())
                        .toList(),
                endpoints,
                scalers,
                told,
                Map.copyOf(gatewayApi),
                borders.in(namespace),
                borders.of(hosts));
    }

    private static Set<String> hosts(List<DeploymentFacts> workloads) {
        Set<String> hosts = new HashSet<>();
        for (DeploymentFacts workload : workloads) {
            String asked = workload.get(CanaryKey.HOSTS);
            if (asked != null) {
                Hosts.read(asked).read().ifPresent(read -> hosts.addAll(read.names()));
            }
        }
        return hosts;
    }

    private static <F> List<F> facts(Collection<Held<F>> held) {
        return held.stream().map(Held::facts).toList();
    }

    private static Set<String> union(Set<String> a, Set<String> b) {
        Set<String> all = new HashSet<>(a);
        all.addAll(b);
        return Set.copyOf(all);
    }

    // The pod template's hash is most of the work, and only a new generation can have another.
    private static DeploymentFacts deployment(Deployment object, @Nullable Held<DeploymentFacts> held) {
        boolean known = held != null && held.generation() == Metas.generation(object);
        return Deployments.facts(object, held != null && known ? held.facts().templateHash() : null);
    }

    private void deploymentChanged(
            String namespace, String name, @Nullable DeploymentFacts before, @Nullable DeploymentFacts after) {
        changed(namespace, view -> AffectedApps.ofDeployment(view, before, after));
    }

    private void serviceChanged(
            String namespace, String name, @Nullable ServiceFacts before, @Nullable ServiceFacts after) {
        changed(namespace, view -> AffectedApps.ofService(view, before, after));
    }

    private void sliceChanged(
            String namespace,
            String name,
            EndpointSlices.@Nullable Slice before,
            EndpointSlices.@Nullable Slice after) {
        changed(namespace, view -> {
            Set<String> apps = new HashSet<>();
            if (before != null) {
                apps.addAll(AffectedApps.ofEndpoints(view, before.service()));
            }
            if (after != null && (before == null || !before.service().equals(after.service()))) {
                apps.addAll(AffectedApps.ofEndpoints(view, after.service()));
            }
            return apps;
        });
    }

    private void autoscalerChanged(
            String namespace, String name, Autoscalers.@Nullable Target before, Autoscalers.@Nullable Target after) {
        changed(namespace, view -> {
            Set<String> apps = new HashSet<>();
            if (before != null) {
                apps.addAll(AffectedApps.ofDeploymentNamed(view, before.deployment()));
            }
            if (after != null) {
                apps.addAll(AffectedApps.ofDeploymentNamed(view, after.deployment()));
            }
            return apps;
        });
    }

    private void routeChanged(
            RouteKind kind,
            String namespace,
            String name,
            RouteFacts.@Nullable Named before,
            RouteFacts.@Nullable Named after) {
        Set<String> concerned = borders.put(
                kind.text() + " " + namespace + "/" + name,
                Borders.abroad(namespace, before),
                Borders.abroad(namespace, after));
        Set<String> hosts = borders.claim(namespace, before, after);
        tell(namespace, AffectedApps.ofRoute(before, after));
        crossed(concerned, hosts);
    }

    /// Tells the apps of other namespaces: those whose Services something decides over, and those that ask for one of
    /// `hosts`.
    private void crossed(Set<String> namespaces, Set<String> hosts) {
        Set<String> concerned = new HashSet<>(namespaces);
        hosted.forEach((namespace, asked) -> {
            if (asked.stream().anyMatch(hosts::contains)) {
                concerned.add(namespace);
            }
        });
        concerned.forEach(namespace -> changed(namespace, NamespaceView::apps));
    }

    private void tell(String namespace, Set<String> apps) {
        changed(namespace, _ -> apps);
    }

    // The lock is held. Where no key of ours stands in a namespace, before or after, nobody is told: most changes
    // of a cluster are of such namespaces.
    private void changed(String namespace, Function<NamespaceView, Set<String>> affected) {
        NamespaceView before = views.remove(namespace);
        if (!telling) {
            return;
        }
        NamespaceView after = view(namespace);
        if (before == null || touched(before) || touched(after)) {
            onChange.accept(namespace, affected.apply(after));
        }
    }

    /// Whether anything of a person's or of ours stands there.
    private static boolean touched(NamespaceView view) {
        return !view.releases().isEmpty()
                || view.deployments().stream().anyMatch(DeploymentFacts::takesPart)
                || view.services().stream().anyMatch(s -> s.ours() || CanaryKey.anyOfUsers(s.annotations()))
                || view.routes().stream().anyMatch(r -> r.route().ours());
    }
}
