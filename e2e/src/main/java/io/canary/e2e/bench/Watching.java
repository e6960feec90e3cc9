// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The watches by which the benchmark sees, each of one kind in one namespace or in all (null), without a list before.
/// Names are told without their namespaces: whoever watches all uses each name once.
///
/// An object that is deleted is told no more; nothing here deletes what it measures.
final class Watching implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watching.class);
    private static final String SERVICE = "kubernetes.io/service-name";

    private final Watch watch;

    private Watching(Watch watch) {
        this.watch = watch;
    }

    /// Weights by backend name of the last rule of each HTTPRoute; the others' rules are for users.
    static Watching routes(KubernetesClient client, @Nullable String namespace, Arrivals<Map<String, Integer>> into) {
        var routes = client.genericKubernetesResources("gateway.networking.k8s.io/v1", "HTTPRoute");
        Watcher<GenericKubernetesResource> watcher = handing((name, route) -> into.tell(name, weights(route)));
        return new Watching(
                namespace == null
                        ? routes.inAnyNamespace().watch(watcher)
                        : routes.inNamespace(namespace).watch(watcher));
    }

    /// How many ready endpoints each Service has, where one slice is enough for them.
    static Watching endpoints(KubernetesClient client, @Nullable String namespace, Arrivals<Integer> into) {
        var slices = client.discovery().v1().endpointSlices();
        Watcher<EndpointSlice> watcher = handing((_, slice) -> into.tell(service(slice), ready(slice)));
        return new Watching(
                namespace == null
                        ? slices.inAnyNamespace().watch(watcher)
                        : slices.inNamespace(namespace).watch(watcher));
    }

    /// Hands on every Deployment as it comes.
    static Watching deployments(KubernetesClient client, String namespace, BiConsumer<String, Deployment> into) {
        return new Watching(client.apps().deployments().inNamespace(namespace).watch(handing(into)));
    }

    private static <T extends HasMetadata> Watcher<T> handing(BiConsumer<String, T> into) {
        return new Watcher<>() {
            @Override
            public void eventReceived(Action action, T object) {
                if (action == Action.ADDED || action == Action.MODIFIED) {
                    into.accept(object.getMetadata().getName(), object);
                }
            }

            @Override
            public void onClose(WatcherException cause) {
                LOG.warn("A watch of the benchmark ended; what waits for it will wait in vain", cause);
            }
        };
    }

    private static Map<String, Integer> weights(GenericKubernetesResource route) {
        Map<String, Integer> weights = new TreeMap<>();
        if (route.get("spec", "rules") instanceof List<?> rules
                && !rules.isEmpty()
                && rules.getLast() instanceof Map<?, ?> rule
                && rule.get("backendRefs") instanceof List<?> refs) {
            for (Object each : refs) {
                if (each instanceof Map<?, ?> ref && ref.get("weight") instanceof Number weight) {
                    weights.put(String.valueOf(ref.get("name")), weight.intValue());
                }
            }
        }
        return weights;
    }

    private static String service(EndpointSlice slice) {
        return Objects.requireNonNullElse(slice.getMetadata().getLabels(), Map.<String, String>of())
                .getOrDefault(SERVICE, "");
    }

    /// An endpoint whose readiness is not told counts as ready, as the API says.
    private static int ready(EndpointSlice slice) {
        return (int) Objects.requireNonNullElse(slice.getEndpoints(), List.<Endpoint>of()).stream()
                .filter(e -> e.getConditions() == null
                        || !Boolean.FALSE.equals(e.getConditions().getReady()))
                .count();
    }

    @Override
    public void close() {
        watch.close();
    }
}
