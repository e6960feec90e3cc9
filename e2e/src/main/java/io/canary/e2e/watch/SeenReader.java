// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reduces what the API server sends to what the invariants speak of; here the client's nulls end.
final class SeenReader {
    private static final String APP = "canary.io/app";

    private SeenReader() {}

    static Seen read(HasMetadata object) {
        return switch (object) {
            case Service s -> service(s);
            case EndpointSlice s -> slice(s);
            case Deployment d -> deployment(d);
            case Pod p -> pod(p);
            case GenericKubernetesResource r when r.getKind().equals("Release") -> release(r);
            case GenericKubernetesResource r -> route(r);
            default -> throw new IllegalArgumentException("not observed: " + object.getKind());
        };
    }

    private static Seen.Service service(Service s) {
        return new Seen.Service(
                s.getMetadata().getName(),
                labels(s).get(APP),
                keys(s),
                orEmpty(s.getSpec().getSelector()),
                hasOwners(s));
    }

    private static Seen.Slice slice(EndpointSlice s) {
        return new Seen.Slice(
                s.getMetadata().getName(),
                labels(s).getOrDefault("kubernetes.io/service-name", ""),
                orEmpty(s.getEndpoints()).stream().map(SeenReader::endpoint).toList());
    }

    /// An endpoint whose readiness is not told counts as ready, as the API says.
    private static Seen.Endpoint endpoint(Endpoint e) {
        String pod = e.getTargetRef() != null
                ? e.getTargetRef().getName()
                : e.getAddresses().getFirst();
        boolean ready = e.getConditions() == null
                || !Boolean.FALSE.equals(e.getConditions().getReady());
        return new Seen.Endpoint(pod, ready);
    }

    private static Seen.Deployment deployment(Deployment d) {
        return new Seen.Deployment(
                d.getMetadata().getName(),
                Objects.requireNonNullElse(d.getMetadata().getUid(), ""),
                Objects.requireNonNullElse(d.getSpec().getReplicas(), 1),
                writers(d, "f:replicas").stream().sorted().findFirst().orElse(null),
                orEmpty(d.getSpec().getTemplate().getMetadata().getLabels()),
                d.getSpec().getTemplate().hashCode(),
                keys(d));
    }

    private static Seen.Pod pod(Pod p) {
        boolean terminating = p.getMetadata().getDeletionTimestamp() != null;
        boolean ready = !terminating
                && p.getStatus() != null
                && orEmpty(p.getStatus().getConditions()).stream()
                        .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
        return new Seen.Pod(p.getMetadata().getName(), labels(p), ready);
    }

    private static Seen.Release release(GenericKubernetesResource r) {
        Map<?, ?> status = map(r.getAdditionalProperties().get("status"));
        OptionalInt total =
                status.get("total") instanceof Number n ? OptionalInt.of(n.intValue()) : OptionalInt.empty();
        Map<String, Integer> inForce = new HashMap<>();
        for (Map<?, ?> version : maps(status.get("versions"))) {
            if (version.get("name") instanceof String name && version.get("inForce") != null) {
                inForce.put(name, basisPoints(String.valueOf(version.get("inForce"))));
            }
        }
        return new Seen.Release(
                r.getMetadata().getName(), text(status, "phase"), text(status, "stable"), total, inForce, hasOwners(r));
    }

    private static int basisPoints(String percent) {
        String number = percent.replace("%", "").strip();
        return number.matches("\\d{1,3}(\\.\\d+)?") ? (int) Math.round(Double.parseDouble(number) * 100) : 0;
    }

    private static Seen.Route route(GenericKubernetesResource r) {
        Map<?, ?> spec = map(r.getAdditionalProperties().get("spec"));
        Map<?, ?> status = map(r.getAdditionalProperties().get("status"));
        return new Seen.Route(
                r.getKind(),
                r.getMetadata().getName(),
                labels(r).get(APP),
                "true".equals(keys(r).get("canary.io/managed")),
                texts(spec.get("hostnames")),
                Objects.requireNonNullElse(r.getMetadata().getGeneration(), 0L),
                writers(r, "f:rules"),
                maps(spec.get("rules")).stream().map(SeenReader::rule).toList(),
                maps(status.get("parents")).stream().map(SeenReader::parent).toList(),
                hasOwners(r));
    }

    private static Seen.Rule rule(Map<?, ?> rule) {
        List<Map<?, ?>> matches = maps(rule.get("matches"));
        boolean conditional = !matches.isEmpty()
                && matches.stream()
                        .allMatch(m -> !maps(m.get("headers")).isEmpty()
                                || !maps(m.get("queryParams")).isEmpty());
        return new Seen.Rule(
                conditional,
                maps(rule.get("backendRefs")).stream().map(SeenReader::ref).toList());
    }

    private static Seen.Ref ref(Map<?, ?> ref) {
        return new Seen.Ref(
                ref.get("kind") instanceof String kind ? kind : "Service",
                Objects.requireNonNullElse(text(ref, "name"), ""),
                ref.get("port") instanceof Number n ? n.intValue() : 0,
                ref.get("weight") instanceof Number n ? n.longValue() : 1);
    }

    private static Seen.ParentStatus parent(Map<?, ?> parent) {
        List<Map<?, ?>> conditions = maps(parent.get("conditions"));
        return new Seen.ParentStatus(
                Objects.requireNonNullElse(text(parent, "controllerName"), ""),
                isTrue(conditions, "Accepted"),
                isTrue(conditions, "ResolvedRefs"),
                conditions.stream()
                        .filter(c -> "Accepted".equals(c.get("type")))
                        .mapToLong(c -> c.get("observedGeneration") instanceof Number n ? n.longValue() : 0)
                        .findFirst()
                        .orElse(0));
    }

    private static boolean isTrue(List<Map<?, ?>> conditions, String type) {
        return conditions.stream().anyMatch(c -> type.equals(c.get("type")) && "True".equals(c.get("status")));
    }

    /// The field managers that own `spec.<field>`.
    private static Set<String> writers(HasMetadata object, String field) {
        Set<String> writers = new HashSet<>();
        for (ManagedFieldsEntry entry : orEmpty(object.getMetadata().getManagedFields())) {
            boolean owns = entry.getFieldsV1() != null
                    && map(entry.getFieldsV1().getAdditionalProperties().get("f:spec"))
                            .containsKey(field);
            if (owns && entry.getManager() != null) {
                writers.add(entry.getManager());
            }
        }
        return writers;
    }

    private static Map<String, String> labels(HasMetadata object) {
        return orEmpty(object.getMetadata().getLabels());
    }

    private static Map<String, String> keys(HasMetadata object) {
        return orEmpty(object.getMetadata().getAnnotations()).entrySet().stream()
                .filter(e -> e.getKey().startsWith("canary.io/"))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static boolean hasOwners(HasMetadata object) {
        return !orEmpty(object.getMetadata().getOwnerReferences()).isEmpty();
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static List<Map<?, ?>> maps(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream().<Map<?, ?>>map(SeenReader::map).toList()
                : List.of();
    }

    private static List<String> texts(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    private static @Nullable String text(Map<?, ?> map, String key) {
        return map.get(key) instanceof String s ? s : null;
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static <K, V> Map<K, V> orEmpty(@Nullable Map<K, V> map) {
        return map == null ? Map.of() : map;
    }
}
