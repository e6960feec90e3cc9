// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.json.JsonObject;
import io.canary.webhook.kube.Api;
import io.canary.webhook.kube.ApiException;
import io.canary.webhook.kube.Metas;
import io.canary.webhook.reconcile.FactStore.Held;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Writes objects, one call each, every one on the condition that the object is still the one held, in the version
/// held, or that there is none.
final class ObjectWriter {
    /// As a precondition of server-side apply: no object has this resourceVersion, so the write succeeds only where
    /// none stands. Tried on API server 1.36: 201 where absent, 409 where present.
    private static final String NONE_STANDS = "1";

    private final Api api;
    private final TerminatingNamespaces terminating;

    ObjectWriter(Api api, TerminatingNamespaces terminating) {
        this.api = api;
        this.terminating = terminating;
    }

    /// Server-side apply of a whole object of ours.
    ///
    /// @param held what is to be changed, or null to create
    <T> T apply(String namespace, String path, Map<String, Object> object, @Nullable Held<?> held, Class<T> as) {
        if (held != null) {
            return api.apply(path, on(precondition(held), object), as);
        }
        return made(namespace, () -> api.apply(path, on(Map.of("resourceVersion", NONE_STANDS), object), as));
    }

    /// Creates an object of ours.
    ///
    /// @param path of the collection
    <T> T create(String namespace, String path, Map<String, Object> object, Class<T> as) {
        return made(namespace, () -> api.create(path, object, as));
    }

    /// Changes an object of ours by a merge patch.
    <T> T merge(String path, Map<String, @Nullable Object> change, Held<?> held, Class<T> as) {
        try {
            return api.merge(path, on(precondition(held), change), as);
        } catch (ApiException e) {
            if (e.notFound()) {
                throw new StaleException("it was deleted meanwhile");
            }
            throw e;
        }
    }

    private <T> T made(String namespace, Supplier<T> write) {
        if (terminating.has(namespace)) {
            throw ApiException.terminating(namespace);
        }
        try {
            return write.get();
        } catch (ApiException e) {
            if (e.namespaceTerminating()) {
                terminating.add(namespace);
            }
            throw e;
        }
    }

    private static Map<String, Object> on(Map<String, Object> precondition, Map<String, ?> object) {
        Map<String, Object> metadata = new HashMap<>();
        JsonObject.of(object.get("metadata"))
                .fields()
                .forEach((key, value) -> metadata.put(String.valueOf(key), value));
        metadata.putAll(precondition);
        Map<String, Object> whole = new HashMap<>(object);
        whole.put("metadata", metadata);
        return whole;
    }

    /// Sets and removes (null) annotations.
    <T> T annotate(String path, Map<String, @Nullable String> annotations, Held<?> held, Class<T> as) {
        Map<String, Object> metadata = precondition(held);
        metadata.put("annotations", annotations);
        return api.merge(path, Map.of("metadata", metadata), as);
    }

    /// Sets all ports of a Service, whoever set the present ones.
    <T> T replacePorts(String path, List<Map<String, Object>> ports, Held<?> held, Class<T> as) {
        return api.merge(path, Map.of("metadata", precondition(held), "spec", Map.of("ports", ports)), as);
    }

    /// Sets all rules of a route, and what we keep of those before.
    ///
    /// @param original the text of `canary.io/original`; null removes it
    <T> T replaceRules(String path, List<Object> rules, @Nullable String original, Held<?> held, Class<T> as) {
        Map<String, Object> metadata = precondition(held);
        Map<String, @Nullable String> annotations = new HashMap<>();
        annotations.put(CanaryKey.ORIGINAL.text(), original);
        metadata.put("annotations", annotations);
        return api.merge(path, Map.of("metadata", metadata, "spec", Map.of("rules", rules)), as);
    }

    /// Writes `spec.replicas` through the subresource at `path`; returns the resourceVersion that the object has then.
    long scale(String path, int replicas, Held<?> held) {
        Map<String, Object> scale = Map.of("metadata", precondition(held), "spec", Map.of("replicas", replicas));
        return Metas.version(api.merge(path, scale, Scale.class));
    }

    /// Deletes; false if it stays because of finalizers.
    boolean delete(String path, Held<?> held) {
        try {
            JsonObject answer = api.delete(path, held.uid(), held.version());
            return answer.object("metadata").texts("finalizers").isEmpty();
        } catch (ApiException e) {
            if (e.notFound()) {
                return true;
            }
            throw e;
        }
    }

    private static Map<String, Object> precondition(Held<?> held) {
        Map<String, Object> metadata = new HashMap<>();
        metadata.put("uid", held.uid());
        metadata.put("resourceVersion", Long.toString(held.version()));
        return metadata;
    }
}
