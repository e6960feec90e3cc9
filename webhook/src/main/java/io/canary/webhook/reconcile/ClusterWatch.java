// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.webhook.kube.HttpRoutes;
import io.canary.webhook.kube.Releases;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a [ClusterCache] filled: one list and one watch for each kind. HTTPRoutes are watched while their
/// CustomResourceDefinition is served, which may begin or end at any time.
final class ClusterWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterWatch.class);
    private static final String ROUTES = "httproutes.gateway.networking.k8s.io";
    private static final long PAGE = 500; // objects a list answers at once; without it a large cluster fills the heap

    private final KubernetesClient client;
    private final ClusterCache cache;
    private final List<SharedIndexInformer<?>> running = new ArrayList<>();
    private final FactStore<CustomResourceDefinition, Boolean> definition;
    private @Nullable SharedIndexInformer<GenericKubernetesResource> routeInformer;
    private CompletableFuture<Void> routesFilled = CompletableFuture.completedFuture(null);
    private boolean closed;

    ClusterWatch(KubernetesClient client, ClusterCache cache) {
        this.client = client;
        this.cache = cache;
        this.definition = new FactStore<>(
                new Object(),
                CustomResourceDefinition::new,
                (object, _) -> served(object),
                (_, _, _, now) -> routesServed(Boolean.TRUE.equals(now)));
    }

    /// Starts; completes when every store is filled.
    CompletableFuture<Void> start() {
        List<CompletableFuture<Void>> filled = new ArrayList<>();
        filled.add(inform(client.apps().deployments().inAnyNamespace(), cache.deployments));
        filled.add(inform(client.services().inAnyNamespace(), cache.services));
        filled.add(inform(client.discovery().v1().endpointSlices().inAnyNamespace(), cache.slices));
        filled.add(inform(client.autoscaling().v2().horizontalPodAutoscalers().inAnyNamespace(), cache.autoscalers));
        filled.add(inform(
                client.genericKubernetesResources(context(Releases.API_VERSION, "Release", "releases"))
                        .inAnyNamespace(),
                cache.releases));
        // The routes' informer is started by the definition's, in the same thread, and is waited for too.
        filled.add(
                inform(client.apiextensions().v1().customResourceDefinitions().withName(ROUTES), definition)
                        .thenCompose(_ -> routesFilled()));
        return CompletableFuture.allOf(filled.toArray(CompletableFuture[]::new));
    }

    private <T extends HasMetadata> CompletableFuture<Void> inform(Informable<T> kind, ItemStore<T> store) {
        SharedIndexInformer<T> informer = informer(kind, store);
        synchronized (this) {
            running.add(informer);
        }
        return informer.start().toCompletableFuture();
    }

    // Without the handler a watch that ends with anything but 410 would stop the informer for good.
    private static <T extends HasMetadata> SharedIndexInformer<T> informer(Informable<T> kind, ItemStore<T> store) {
        return kind.withLimit(PAGE)
                .runnableInformer(0)
                .removeNamespaceIndex()
                .itemStore(store)
                .exceptionHandler((_, _) -> true);
    }

    private static ResourceDefinitionContext context(String apiVersion, String kind, String plural) {
        int slash = apiVersion.indexOf('/');
        return new ResourceDefinitionContext.Builder()
                .withGroup(apiVersion.substring(0, slash))
                .withVersion(apiVersion.substring(slash + 1))
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(true)
                .build();
    }

    private static boolean served(CustomResourceDefinition definition) {
        return definition.getMetadata().getDeletionTimestamp() == null
                && definition.getStatus() != null
                && Objects.requireNonNullElse(
                                definition.getStatus().getConditions(), List.<CustomResourceDefinitionCondition>of())
                        .stream()
                        .anyMatch(c -> "Established".equals(c.getType()) && "True".equals(c.getStatus()))
                && definition.getSpec().getVersions().stream()
                        .anyMatch(v -> "v1".equals(v.getName()) && Boolean.TRUE.equals(v.getServed()));
    }

    private synchronized void routesServed(boolean served) {
        if (closed) {
            return;
        }
        if (served && routeInformer == null) {
            SharedIndexInformer<GenericKubernetesResource> informer = informer(
                    client.genericKubernetesResources(context(HttpRoutes.API_VERSION, "HTTPRoute", "httproutes"))
                            .inAnyNamespace(),
                    cache.routes);
            routeInformer = informer;
            LOG.atInfo().log("HTTPRoute is served: watching routes");
            routesFilled = informer.start()
                    .toCompletableFuture()
                    .exceptionally(_ -> null) // stopped again before it was filled
                    .thenRun(() -> filled(informer));
        } else if (!served && routeInformer != null) {
            LOG.atInfo().log("HTTPRoute is no longer served: traffic follows pods");
            routeInformer.stop();
            routeInformer = null;
            routesFilled = CompletableFuture.completedFuture(null);
            cache.gatewayApi(false);
            cache.routes.clear();
        }
    }

    @SuppressWarnings("ReferenceEquality") // of several informers in turn only the last counts
    private synchronized void filled(SharedIndexInformer<GenericKubernetesResource> informer) {
        if (routeInformer == informer) {
            cache.gatewayApi(true);
        }
    }

    /// Done once the cache has the routes and knows that they are served: planned before, an app would seem to be in a
    /// cluster without the Gateway API.
    private synchronized CompletableFuture<Void> routesFilled() {
        return routesFilled;
    }

    @Override
    public synchronized void close() {
        closed = true;
        running.forEach(SharedIndexInformer::stop);
        if (routeInformer != null) {
            routeInformer.stop();
            routeInformer = null;
        }
    }
}
