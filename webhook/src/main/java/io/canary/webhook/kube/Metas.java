// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.OtherTool;
import io.canary.domain.json.FieldWrite;
import io.canary.domain.json.JsonObject;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads `metadata`.
public final class Metas {
    private static final ObjectMeta NONE = new ObjectMeta();

    private Metas() {}

    private static ObjectMeta meta(HasMetadata object) {
        ObjectMeta meta = object.getMetadata();
        return meta == null ? NONE : meta;
    }

    public static String name(HasMetadata object) {
        return orEmpty(meta(object).getName());
    }

    /// Empty for an object that has no namespace.
    public static String namespace(HasMetadata object) {
        return orEmpty(meta(object).getNamespace());
    }

    public static String uid(HasMetadata object) {
        return orEmpty(meta(object).getUid());
    }

    /// Its place in the order of all writes: resource versions of one API server are comparable as numbers
    /// (KEP-5504). 0 where there is none.
    public static long version(HasMetadata object) {
        String version = meta(object).getResourceVersion();
        try {
            return version == null || version.isEmpty() ? 0 : Long.parseLong(version);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    public static long generation(HasMetadata object) {
        Long generation = meta(object).getGeneration();
        return generation == null ? 0 : generation;
    }

    public static Instant created(HasMetadata object) {
        Instant created = JsonObject.instantOf(meta(object).getCreationTimestamp());
        return created == null ? Instant.EPOCH : created;
    }

    public static boolean deleting(HasMetadata object) {
        return meta(object).getDeletionTimestamp() != null;
    }

    public static Map<String, String> labels(HasMetadata object) {
        return present(meta(object).getLabels());
    }

    static List<ManagedFieldsEntry> managedFields(HasMetadata object) {
        return present(meta(object).getManagedFields());
    }

    static FieldWrite write(ManagedFieldsEntry entry) {
        return new FieldWrite(entry.getManager(), JsonObject.instantOf(entry.getTime()));
    }

    /// Only those that start with `canary.io/`: the others, last-applied among them, are large and not ours to read.
    public static Map<String, String> canaryAnnotations(HasMetadata object) {
        Map<String, String> found = new HashMap<>();
        present(meta(object).getAnnotations()).forEach((key, value) -> {
            if (CanaryKey.isCanary(key)) {
                found.put(key, value);
            }
        });
        return found;
    }

    /// `Kind/name` of the owner that controls it, or null.
    public static @Nullable String controller(HasMetadata object) {
        for (OwnerReference owner : present(meta(object).getOwnerReferences())) {
            if (Boolean.TRUE.equals(owner.getController())) {
                return orEmpty(owner.getKind()) + "/" + orEmpty(owner.getName());
            }
        }
        return null;
    }

    /// What else runs `object`, or null.
    ///
    /// @param selector a Service's, empty for other kinds
    static @Nullable OtherTool tool(HasMetadata object, Map<String, String> selector) {
        String controller = present(meta(object).getOwnerReferences()).stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .map(owner -> orEmpty(owner.getApiVersion()))
                .findFirst()
                .orElse("");
        return OtherTool.of(
                controller, List.of(labels(object), present(meta(object).getAnnotations()), selector));
    }

    /// `map` without nulls.
    static Map<String, String> present(@Nullable Map<String, String> map) {
        if (map == null || map.isEmpty()) {
            return Map.of();
        }
        Map<String, String> present = new HashMap<>(map);
        present.values().removeIf(value -> value == null);
        return present;
    }

    /// `list`, empty for one that is absent or written as `null`.
    static <T> List<T> present(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
