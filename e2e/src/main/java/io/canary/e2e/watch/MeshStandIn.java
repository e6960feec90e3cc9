// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Plays the controller of a GAMMA mesh: writes the status of HTTPRoutes and GRPCRoutes whose parent is a Service.
///
/// It serves all namespaces and outlives the CRDs: routes are looked for again until they are served. It moves no
/// traffic. Each route is judged again after each change of it, of a Service in its namespace, or of the mode.
public final class MeshStandIn implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MeshStandIn.class);
    private static final int RETRIES = 5;
    private static final Duration RETRY = Duration.ofSeconds(1);

    private record Key(ResourceDefinitionContext kind, String namespace, String name) {}

    private final KubernetesClient client;
    private final Duration least;
    private final Duration most;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("mesh-timer").factory());
    private final Map<Key, GenericKubernetesResource> routes = new ConcurrentHashMap<>();
    private final Map<String, Set<Integer>> services = new ConcurrentHashMap<>();
    private final Map<String, MeshMode> modes = new ConcurrentHashMap<>();
    private final Map<Key, Future<?>> pending = new ConcurrentHashMap<>();
    private final List<ObjectStream<?>> streams = new ArrayList<>();
    private volatile MeshMode elsewhere = MeshMode.PROMPT;

    private MeshStandIn(KubernetesClient client, Duration least, Duration most) {
        this.client = client;
        this.least = least;
        this.most = most;
    }

    /// A mesh that reports within 20 to 50 ms.
    public static MeshStandIn start(KubernetesClient client) {
        return start(client, Duration.ofMillis(20), Duration.ofMillis(50));
    }

    /// A mesh that reports after a time between `least` and `most`.
    ///
    /// @param client of an administrator
    public static MeshStandIn start(KubernetesClient client, Duration least, Duration most) {
        MeshStandIn mesh = new MeshStandIn(client, least, most);
        mesh.open();
        return mesh;
    }

    /// Services first: without them every parent would seem to be missing.
    private void open() {
        ObjectStream<Service> known =
                new ObjectStream<>("mesh-services", client.services().inAnyNamespace(), timer, new IntoServices());
        streams.add(known);
        Kinds.ROUTES.forEach(kind -> streams.add(new ObjectStream<>(
                "mesh-" + kind.getPlural(),
                client.genericKubernetesResources(kind).inAnyNamespace(),
                timer,
                new IntoRoutes(kind))));
        var _ = known.start()
                .thenRun(() -> streams.stream().skip(1).forEach(s -> {
                    var _ = s.start();
                }));
    }

    /// From now on treats the routes of a namespace so.
    public void play(String namespace, MeshMode mode) {
        modes.put(namespace, mode);
        routes.keySet().stream().filter(k -> k.namespace().equals(namespace)).forEach(this::afresh);
    }

    /// From now on treats the routes of all namespaces so that were not told another mode.
    public void playElsewhere(MeshMode mode) {
        elsewhere = mode;
        routes.keySet().forEach(this::afresh);
    }

    @Override
    public void close() {
        streams.forEach(ObjectStream::close);
        timer.shutdownNow();
    }

    private MeshMode mode(String namespace) {
        return modes.getOrDefault(namespace, elsewhere);
    }

    /// Judges a route after the usual delay, unless that is about to happen anyway.
    private void later(Key key) {
        pending.computeIfAbsent(key, k -> schedule(k, delay(k.namespace())));
    }

    /// Judges a route after the usual delay, counted from now.
    private void afresh(Key key) {
        pending.compute(key, (k, old) -> {
            if (old != null) {
                old.cancel(false);
            }
            return schedule(k, delay(k.namespace()));
        });
    }

    private Duration delay(String namespace) {
        return mode(namespace) instanceof MeshMode.Slow slow
                ? slow.delay()
                : Duration.ofMillis(ThreadLocalRandom.current().nextLong(least.toMillis(), most.toMillis() + 1));
    }

    private Future<?> schedule(Key key, Duration delay) {
        MeshMode mode = mode(key.namespace());
        try {
            return timer.schedule(
                    () -> {
                        pending.remove(key);
                        Thread.ofVirtual().name("mesh-" + key.name()).start(() -> judge(key, mode));
                    },
                    delay.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException _) {
            LOG.debug("closed: {} is not judged", key.name());
            return CompletableFuture.completedFuture(null);
        }
    }

    /// Does nothing when the mode changed meanwhile, or the route while this tried: both have scheduled the next one.
    private void judge(Key key, MeshMode mode) {
        GenericKubernetesResource route = routes.get(key);
        long generation = route == null ? 0 : generation(route);
        try {
            for (int i = 0;
                    i < RETRIES
                            && route != null
                            && generation(route) == generation
                            && mode.equals(mode(key.namespace()))
                            && !write(key, route, mode);
                    i++) {
                route = client.genericKubernetesResources(key.kind())
                        .inNamespace(key.namespace())
                        .withName(key.name())
                        .get();
            }
        } catch (KubernetesClientException e) {
            LOG.info(
                    "status of {}/{} not written, again in {}: {}", key.namespace(), key.name(), RETRY, e.getMessage());
            pending.computeIfAbsent(key, k -> schedule(k, RETRY));
        }
    }

    /// Whether this is done; false when the route was written by somebody else meanwhile.
    private boolean write(Key key, GenericKubernetesResource route, MeshMode mode) {
        Map<?, ?> spec = route.getAdditionalProperties().get("spec") instanceof Map<?, ?> m ? m : Map.of();
        var next = MeshStatus.next(
                key.namespace(),
                route.getMetadata().getGeneration(),
                spec,
                parents(route),
                (namespace, name) -> services.get(namespace + "/" + name),
                mode,
                Instant.now());
        if (next.isEmpty()) {
            return true;
        }
        Map<String, Object> patch = Map.of(
                "metadata",
                Map.of("resourceVersion", route.getMetadata().getResourceVersion()),
                "status",
                Map.of("parents", next.get()));
        PatchContext context = PatchContext.of(PatchType.JSON_MERGE);
        context.setFieldManager("mesh-stand-in");
        try {
            client.genericKubernetesResources(key.kind())
                    .inNamespace(key.namespace())
                    .withName(key.name())
                    .subresource("status")
                    .patch(context, client.getKubernetesSerialization().asJson(patch));
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == 409) {
                return false;
            }
            if (e.getCode() == 404) {
                return true;
            }
            throw e;
        }
    }

    private static long generation(GenericKubernetesResource route) {
        return Objects.requireNonNullElse(route.getMetadata().getGeneration(), 0L);
    }

    private static List<Map<String, Object>> parents(GenericKubernetesResource route) {
        Map<?, ?> status = route.getAdditionalProperties().get("status") instanceof Map<?, ?> m ? m : Map.of();
        List<Map<String, Object>> parents = new ArrayList<>();
        for (Map<?, ?> parent : MeshStatus.maps(status.get("parents"))) {
            Map<String, Object> copy = new LinkedHashMap<>();
            parent.forEach((k, v) -> copy.put(String.valueOf(k), v));
            parents.add(copy);
        }
        return parents;
    }

    private final class IntoServices implements ObjectStream.Sink<Service> {
        @Override
        public void listed(List<Service> objects, long revision) {
            services.keySet().retainAll(objects.stream().map(MeshStandIn::id).toList());
            objects.forEach(this::changed);
        }

        @Override
        public void changed(Service service) {
            Set<Integer> ports = service.getSpec().getPorts().stream()
                    .map(ServicePort::getPort)
                    .collect(Collectors.toUnmodifiableSet());
            if (!ports.equals(services.put(id(service), ports))) {
                again(service.getMetadata().getNamespace());
            }
        }

        @Override
        public void deleted(Service service) {
            services.remove(id(service));
            again(service.getMetadata().getNamespace());
        }

        /// Routes of other namespaces that name this Service are judged too when they change.
        private void again(String namespace) {
            routes.keySet().stream()
                    .filter(k -> k.namespace().equals(namespace))
                    .forEach(MeshStandIn.this::later);
        }
    }

    private static String id(HasMetadata object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }

    private final class IntoRoutes implements ObjectStream.Sink<GenericKubernetesResource> {
        private final ResourceDefinitionContext kind;

        IntoRoutes(ResourceDefinitionContext kind) {
            this.kind = kind;
        }

        @Override
        public void listed(List<GenericKubernetesResource> objects, long revision) {
            Set<Key> listed = objects.stream().map(this::key).collect(Collectors.toSet());
            routes.keySet().removeIf(k -> k.kind().equals(kind) && !listed.contains(k));
            objects.forEach(this::changed);
        }

        @Override
        public void changed(GenericKubernetesResource route) {
            if (route.getAdditionalProperties().get("spec") instanceof Map<?, ?> spec && MeshStatus.concerns(spec)) {
                GenericKubernetesResource old = routes.put(key(route), route);
                if (old != null && generation(old) == generation(route)) {
                    later(key(route));
                } else {
                    afresh(key(route));
                }
            }
        }

        @Override
        public void deleted(GenericKubernetesResource route) {
            routes.remove(key(route));
        }

        private Key key(GenericKubernetesResource route) {
            return new Key(
                    kind,
                    route.getMetadata().getNamespace(),
                    route.getMetadata().getName());
        }
    }
}
