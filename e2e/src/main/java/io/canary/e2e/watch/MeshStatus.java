// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a mesh reports about a route: pure, from the route as parsed JSON to its next `status.parents`.
///
/// Follows Istio where the Gateway API leaves room: refs of weight 0 are not resolved, and a parent port that the
/// Service lacks is not reported.
final class MeshStatus {
    /// Ports by `namespace/name` of every Service.
    interface Services {
        /// Null when there is no such Service.
        @Nullable
        Set<Integer> ports(String namespace, String name);
    }

    static final String CONTROLLER = "canary.test/mesh";

    private MeshStatus() {}

    /// Whether a mesh has to do with a route: a parent is a Service.
    static boolean concerns(Map<?, ?> spec) {
        return maps(spec.get("parentRefs")).stream().anyMatch(MeshStatus::isService);
    }

    /// The next `status.parents`; entries of other controllers are kept. Empty: nothing to write.
    static Optional<List<Map<String, Object>>> next(
            String namespace,
            long generation,
            Map<?, ?> spec,
            List<Map<String, Object>> parents,
            Services services,
            MeshMode mode,
            Instant now) {
        if (mode instanceof MeshMode.Off) {
            return Optional.empty();
        }
        List<Map<String, Object>> next = new ArrayList<>(parents.stream()
                .filter(p -> !CONTROLLER.equals(p.get("controllerName")))
                .toList());
        if (!(mode instanceof MeshMode.Gone)) {
            for (Map<?, ?> parentRef : maps(spec.get("parentRefs"))) {
                if (isService(parentRef)) {
                    Optional<Map<String, Object>> old = parents.stream()
                            .filter(p ->
                                    CONTROLLER.equals(p.get("controllerName")) && parentRef.equals(p.get("parentRef")))
                            .findFirst();
                    next.add(parent(namespace, generation, spec, parentRef, old, services, mode, now));
                }
            }
        }
        return next.equals(parents) ? Optional.empty() : Optional.of(next);
    }

    private static Map<String, Object> parent(
            String namespace,
            long generation,
            Map<?, ?> spec,
            Map<?, ?> parentRef,
            Optional<Map<String, Object>> old,
            Services services,
            MeshMode mode,
            Instant now) {
        List<Map<?, ?>> was = old.map(o -> maps(o.get("conditions"))).orElse(List.of());
        long observed = mode instanceof MeshMode.Stale
                ? was.stream()
                        .mapToLong(c -> number(c.get("observedGeneration"), 0))
                        .findFirst()
                        .orElse(generation - 1)
                : generation;
        Verdict accepted = mode instanceof MeshMode.NotAccepted
                ? new Verdict(false, "NoMatchingParent", "the test says so")
                : accepted(namespace, parentRef, services);
        Verdict resolved = mode instanceof MeshMode.RefsFalse
                ? new Verdict(false, "BackendNotFound", "the test says so")
                : resolved(namespace, spec, services);
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("parentRef", parentRef);
        entry.put("controllerName", CONTROLLER);
        entry.put(
                "conditions",
                List.of(
                        condition("Accepted", accepted, observed, was, now),
                        condition("ResolvedRefs", resolved, observed, was, now)));
        return entry;
    }

    private record Verdict(boolean holds, String reason, String message) {}

    private static Verdict accepted(String namespace, Map<?, ?> parentRef, Services services) {
        String parent = String.valueOf(parentRef.get("name"));
        return services.ports(text(parentRef, "namespace", namespace), parent) == null
                ? new Verdict(false, "NoMatchingParent", "there is no Service " + parent)
                : new Verdict(true, "Accepted", "the route was taken");
    }

    private static Verdict resolved(String namespace, Map<?, ?> spec, Services services) {
        for (Map<?, ?> rule : maps(spec.get("rules"))) {
            for (Map<?, ?> ref : maps(rule.get("backendRefs"))) {
                if (number(ref.get("weight"), 1) > 0) {
                    Verdict verdict = resolved(namespace, ref, text(ref, "name", ""), services);
                    if (!verdict.holds()) {
                        return verdict;
                    }
                }
            }
        }
        return new Verdict(true, "ResolvedRefs", "all references resolved");
    }

    private static Verdict resolved(String namespace, Map<?, ?> ref, String name, Services services) {
        if (!isService(ref) && ref.get("kind") != null) {
            return new Verdict(false, "InvalidKind", "not a Service: " + ref.get("kind"));
        }
        Set<Integer> ports = services.ports(text(ref, "namespace", namespace), name);
        if (ports == null) {
            return new Verdict(false, "BackendNotFound", "there is no Service " + name);
        }
        int port = (int) number(ref.get("port"), 0);
        return ports.contains(port)
                ? new Verdict(true, "ResolvedRefs", "")
                : new Verdict(false, "BackendNotFound", "Service " + name + " has no port " + port);
    }

    /// Keeps the old transition time while the status of the condition stays.
    private static Map<String, Object> condition(
            String type, Verdict verdict, long observed, List<Map<?, ?>> was, Instant now) {
        String status = verdict.holds() ? "True" : "False";
        Object since = was.stream()
                .filter(c -> type.equals(c.get("type")) && status.equals(c.get("status")))
                .<Object>map(c -> c.get("lastTransitionTime"))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString());
        Map<String, Object> condition = new LinkedHashMap<>();
        condition.put("type", type);
        condition.put("status", status);
        condition.put("reason", verdict.reason());
        condition.put("message", verdict.message());
        condition.put("observedGeneration", (int) observed);
        condition.put("lastTransitionTime", since);
        return condition;
    }

    /// A parentRef says `kind: Service, group: ""`; without them it means a Gateway. A backendRef says its kind or
    /// none.
    private static boolean isService(Map<?, ?> ref) {
        return "Service".equals(ref.get("kind")) && "".equals(Objects.requireNonNullElse(ref.get("group"), ""));
    }

    private static String text(Map<?, ?> map, String key, String otherwise) {
        return map.get(key) instanceof String s ? s : otherwise;
    }

    private static long number(@Nullable Object value, long otherwise) {
        return value instanceof Number n ? n.longValue() : otherwise;
    }

    static List<Map<?, ?>> maps(@Nullable Object value) {
        List<Map<?, ?>> maps = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof Map<?, ?> map) {
                    maps.add(map);
                }
            }
        }
        return maps;
    }
}
