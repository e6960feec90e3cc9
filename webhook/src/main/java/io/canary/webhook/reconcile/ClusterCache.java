// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.webhook.kube.Autoscalers;
import io.canary.webhook.kube.Deployments;
import io.canary.webhook.kube.EndpointSlices;
import io.canary.webhook.kube.HttpRoutes;
import io.canary.webhook.kube.Metas;
import io.canary.webhook.kube.Releases;
import io.canary.webhook.kube.Services;
import io.canary.webhook.reconcile.FactStore.Held;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The facts of all objects that apps are made of, by namespace, and who must be told when they change.
///
/// One lock guards all stores: a view is of one moment. It is held for microseconds; objects are read outside.
final class ClusterCache {
    private final Object lock = new Object();
    private final BiConsumer<String, Set<String>> onChange;
    private final Map<String, NamespaceView> views = new ConcurrentHashMap<>();
    private volatile boolean gatewayApi;
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
    final FactStore<GenericKubernetesResource, RouteFacts.Named> routes = new FactStore<>(
            lock,
            GenericKubernetesResource::new,
            (object, _) -> HttpRoutes.facts(object),
            (namespace, _, before, after) -> tell(namespace, AffectedApps.ofRoute(before, after)));

    /// @param onChange told the namespace and the apps that a change concerns; must return at once
    ClusterCache(BiConsumer<String, Set<String>> onChange) {
        this.onChange = onChange;
    }

    /// Called once when all stores are filled: from now on changes are told. Before, nothing may be planned.
    void filled() {
        telling = true;
    }

    /// Sets whether the API server serves HTTPRoute; every app is told, for its mode may change.
    void gatewayApi(boolean served) {
        synchronized (lock) {
            if (gatewayApi == served) {
                return;
            }
            gatewayApi = served;
            views.clear();
        }
        apps().forEach(key -> onChange.accept(key.namespace(), Set.of(key.app())));
    }

    /// Every app there is something to do for.
    List<AppKey> apps() {
        Set<String> namespaces = new HashSet<>(deployments.namespaces());
        namespaces.addAll(services.namespaces());
        namespaces.addAll(releases.namespaces());
        namespaces.addAll(routes.namespaces());
        return namespaces.stream()
                .map(this::view)
                .filter(ClusterCache::touched)
                .flatMap(view -> view.apps().stream().map(app -> new AppKey(view.namespace(), app)))
                .toList();
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
        return new NamespaceView(
                namespace,
                facts(deployments.all(namespace)),
                facts(services.all(namespace)),
                facts(routes.all(namespace)),
                endpoints,
                scalers,
                told,
                gatewayApi);
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
