// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.RouteKind;
import io.canary.webhook.kube.CanaryPolicies;
import io.canary.webhook.kube.IstioRules;
import io.canary.webhook.kube.Releases;
import io.canary.webhook.kube.Routes;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Keeps a [ClusterCache] filled: one list and one watch for each kind.
final class ClusterWatch implements AutoCloseable {
    // Objects that a list answers at once. All kinds are listed at one time: at a start with 5,000 Deployments pages
    // of 500 took 14 MiB more, and as long.
    private static final long PAGE = 100;

    private static final Duration OPTIONAL = Duration.ofSeconds(15);

    private final KubernetesClient client;
    private final ClusterCache cache;
    private final List<SharedIndexInformer<?>> running = new ArrayList<>();
    private final List<ServedKind<?>> routes = new ArrayList<>();
    private final List<ServedKind<?>> istio = new ArrayList<>();
    private final ServedKind<?> policies;

    ClusterWatch(KubernetesClient client, ClusterCache cache) {
        this.client = client;
        this.cache = cache;
        for (RouteKind kind : RouteKind.values()) {
            // Planned before the cache knows what is served, an app would seem to be in a cluster without it.
            routes.add(new ServedKind<>(
                    client,
                    new ServedKind.Name(RouteKind.GROUP, kind.text(), kind.plural(), List.of(Routes.VERSION), true),
                    cache.routes(kind),
                    served -> cache.gatewayApi(kind, served.map(ServedKind.Served::bundle))));
        }
        policies = policies(client, cache);
        istio.add(new ServedKind<>(
                client,
                new ServedKind.Name(IstioRules.GROUP, "VirtualService", "virtualservices", IstioRules.VERSIONS, true),
                cache.virtualServices,
                _ -> {}));
        istio.add(new ServedKind<>(
                client,
                new ServedKind.Name(IstioRules.GROUP, "DestinationRule", "destinationrules", IstioRules.VERSIONS, true),
                cache.destinationRules,
                _ -> {}));
    }

    private static ServedKind<?> policies(KubernetesClient client, ClusterCache cache) {
        return new ServedKind<>(
                client,
                new ServedKind.Name(CanaryPolicies.GROUP, "CanaryPolicy", CanaryPolicies.PLURAL, List.of("v1"), false),
                cache.policies,
                _ -> {});
    }

    /// Starts; completes when every store is filled.
    CompletableFuture<Void> start() {
        List<CompletableFuture<Void>> filled = new ArrayList<>();
        filled.add(inform(client.apps().deployments().inAnyNamespace(), cache.deployments));
        filled.add(inform(client.services().inAnyNamespace(), cache.services));
        filled.add(inform(client.discovery().v1().endpointSlices().inAnyNamespace(), cache.slices));
        filled.add(inform(client.autoscaling().v2().horizontalPodAutoscalers().inAnyNamespace(), cache.autoscalers));
        filled.add(inform(client.genericKubernetesResources(releases()).inAnyNamespace(), cache.releases));
        filled.add(inform(client.namespaces(), cache.namespaces));
        filled.add(policies.start());
        routes.forEach(kind -> filled.add(kind.start()));
        // An API server without such bindings must not hold everything up.
        filled.add(
                inform(client.genericKubernetesResources(bindings()).withLabels(CanaryPolicies.LABELS), cache.bindings)
                        .completeOnTimeout(null, OPTIONAL.toSeconds(), TimeUnit.SECONDS));
        // They are only told, and a role of an older release may not read them: they hold nothing up for long.
        istio.forEach(kind -> filled.add(kind.start().completeOnTimeout(null, OPTIONAL.toSeconds(), TimeUnit.SECONDS)));
        return CompletableFuture.allOf(filled.toArray(CompletableFuture[]::new));
    }

    private static ResourceDefinitionContext bindings() {
        return new ResourceDefinitionContext.Builder()
                .withGroup("admissionregistration.k8s.io")
                .withVersion("v1")
                .withKind("ValidatingAdmissionPolicyBinding")
                .withPlural("validatingadmissionpolicybindings")
                .withNamespaced(false)
                .build();
    }

    private static ResourceDefinitionContext releases() {
        int slash = Releases.API_VERSION.indexOf('/');
        return new ResourceDefinitionContext.Builder()
                .withGroup(Releases.API_VERSION.substring(0, slash))
                .withVersion(Releases.API_VERSION.substring(slash + 1))
                .withKind("Release")
                .withPlural("releases")
                .withNamespaced(true)
                .build();
    }

    private <T extends HasMetadata> CompletableFuture<Void> inform(Informable<T> kind, ItemStore<T> store) {
        SharedIndexInformer<T> informer = informer(kind, store);
        synchronized (this) {
            running.add(informer);
        }
        return informer.start().toCompletableFuture();
    }

    // Without the handler a watch that ends with anything but 410 would stop the informer for good.
    static <T extends HasMetadata> SharedIndexInformer<T> informer(Informable<T> kind, ItemStore<T> store) {
        return kind.withLimit(PAGE)
                .runnableInformer(0)
                .removeNamespaceIndex()
                .itemStore(store)
                .exceptionHandler((_, _) -> true);
    }

    @Override
    public synchronized void close() {
        running.forEach(SharedIndexInformer::stop);
        routes.forEach(ServedKind::close);
        policies.close();
        istio.forEach(ServedKind::close);
    }
}
