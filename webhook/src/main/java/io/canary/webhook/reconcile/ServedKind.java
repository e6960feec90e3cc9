// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.route.RouteLimits;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The objects of a kind that a cluster may or may not serve: watched while its CustomResourceDefinition is, which may
/// begin or end at any time.
///
/// @param <F> the facts of one object
final class ServedKind<F> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServedKind.class);

    /// How it is served.
    ///
    /// @param version of its API
    /// @param bundle of the Gateway API, by the definition's annotation; empty where it has none
    record Served(String version, String bundle) {}

    private final KubernetesClient client;
    private final Name name;
    private final FactStore<GenericKubernetesResource, F> store;
    private final Consumer<Optional<Served>> told;
    private final FactStore<CustomResourceDefinition, Optional<Served>> definition;
    private @Nullable SharedIndexInformer<CustomResourceDefinition> definitions;
    private @Nullable SharedIndexInformer<GenericKubernetesResource> informer;
    private CompletableFuture<Void> filled = CompletableFuture.completedFuture(null);
    private Optional<Served> watched = Optional.empty();
    private boolean closed;

    /// What it is called in the API.
    ///
    /// @param versions that are understood, the best first
    /// @param namespaced whether its objects are in namespaces
    record Name(String group, String kind, String plural, List<String> versions, boolean namespaced) {}

    /// @param told once the store has the objects, and when they are gone
    ServedKind(
            KubernetesClient client,
            Name name,
            FactStore<GenericKubernetesResource, F> store,
            Consumer<Optional<Served>> told) {
        this.client = client;
        this.name = name;
        this.store = store;
        this.told = told;
        this.definition = new FactStore<>(
                new Object(),
                CustomResourceDefinition::new,
                (object, _) -> served(object),
                (_, _, _, now) -> changed(now == null ? Optional.empty() : now));
    }

    /// Starts; completes once it is known whether the kind is served, and its objects are in the store.
    CompletableFuture<Void> start() {
        SharedIndexInformer<CustomResourceDefinition> starting = ClusterWatch.informer(
                client.apiextensions().v1().customResourceDefinitions().withName(name.plural() + "." + name.group()),
                definition);
        synchronized (this) {
            definitions = starting;
        }
        // The objects' informer is started by the definition's, in the same thread, and is waited for too.
        return starting.start().toCompletableFuture().thenCompose(_ -> filled());
    }

    private synchronized CompletableFuture<Void> filled() {
        return filled;
    }

    private Optional<Served> served(CustomResourceDefinition object) {
        boolean established = object.getMetadata().getDeletionTimestamp() == null
                && object.getStatus() != null
                && Objects.requireNonNullElse(
                                object.getStatus().getConditions(), List.<CustomResourceDefinitionCondition>of())
                        .stream()
                        .anyMatch(c -> "Established".equals(c.getType()) && "True".equals(c.getStatus()));
        Map<String, String> annotations =
                Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.<String, String>of());
        return name.versions().stream()
                .filter(version -> established
                        && object.getSpec().getVersions().stream()
                                .anyMatch(v -> version.equals(v.getName()) && Boolean.TRUE.equals(v.getServed())))
                .findFirst()
                .map(version -> new Served(version, annotations.getOrDefault(RouteLimits.BUNDLE_VERSION, "")));
    }

    private synchronized void changed(Optional<Served> now) {
        if (closed) {
            return;
        }
        boolean same = now.map(Served::version).equals(watched.map(Served::version));
        if (!same && informer != null) {
            LOG.atInfo().addKeyValue("kind", name.kind()).log("Kind is no longer served");
            informer.stop();
            informer = null;
            filled = CompletableFuture.completedFuture(null);
            told.accept(Optional.empty());
            store.clear();
        }
        watched = now;
        if (same) {
            told.accept(now);
        } else if (now.isPresent()) {
            watch(now.get());
        }
    }

    private void watch(Served served) {
        ResourceDefinitionContext context = new ResourceDefinitionContext.Builder()
                .withGroup(name.group())
                .withVersion(served.version())
                .withKind(name.kind())
                .withPlural(name.plural())
                .withNamespaced(name.namespaced())
                .build();
        SharedIndexInformer<GenericKubernetesResource> starting = name.namespaced()
                ? ClusterWatch.informer(
                        client.genericKubernetesResources(context).inAnyNamespace(), store)
                : ClusterWatch.informer(client.genericKubernetesResources(context), store);
        informer = starting;
        LOG.atInfo().addKeyValue("kind", name.kind()).log("Kind is served: watching it");
        filled = starting.start()
                .toCompletableFuture()
                .exceptionally(_ -> null) // stopped again before it was filled
                .thenRun(() -> stands(starting));
    }

    @SuppressWarnings("ReferenceEquality") // of several informers in turn only the last counts
    private synchronized void stands(SharedIndexInformer<GenericKubernetesResource> started) {
        if (informer == started) {
            told.accept(watched);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (definitions != null) {
            definitions.stop();
        }
        if (informer != null) {
            informer.stop();
            informer = null;
        }
    }
}
