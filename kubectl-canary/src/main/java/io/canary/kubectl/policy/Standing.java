// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Fingerprint;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.Weight;
import io.canary.domain.json.JsonObject;
import io.canary.kubectl.cluster.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Objects of files as they would stand in a cluster: what an API server and controllers fill in, files leave out.
final class Standing {
    /// An object that is not stored yet is newer than all others.
    private static final String NOT_YET = "9999-12-31T23:59:59Z";

    private static final int MOST_PODS = 10_000;

    private Standing() {}

    /// The object that a change is about.
    ///
    /// @param old the one that stands, null for none: it is the same object
    static JsonObject judged(ObjectKey key, JsonObject object, @Nullable JsonObject old) {
        JsonObject stored = old == null ? JsonObject.EMPTY : old.object("metadata");
        Map<String, @Nullable Object> metadata = copy(object.object("metadata"));
        metadata.put("namespace", key.namespace());
        metadata.put("uid", old == null ? "" : uid(key.kind(), key.name(), stored));
        if (!metadata.containsKey("creationTimestamp") || old == null) {
            metadata.put("creationTimestamp", old == null ? NOT_YET : stored.text("creationTimestamp"));
        }
        return with(object, "metadata", metadata);
    }

    /// A namespace in which these stand. The pods of a Deployment that asks for no weight count as ready, and so do
    /// those of one that a Release knows a share of. Traffic follows pods unless a Release or a route says so.
    static NamespaceView view(String namespace, List<JsonObject> objects, List<JsonObject> releases) {
        List<JsonObject> items = new ArrayList<>();
        StringBuilder kinds = new StringBuilder();
        for (JsonObject object : objects) {
            ObjectKey key = new ObjectKey(
                    namespace, object.text("kind"), object.object("metadata").text("name"));
            JsonObject stored = judged(key, object, object);
            items.add(stored);
            switch (object.text("kind")) {
                case "HTTPRoute", "GRPCRoute" ->
                    kinds.append(RouteKind.of(object.text("kind")).definition()).append(',');
                case "Service" -> items.add(endpoints(stored, objects, releases));
                default -> {}
            }
        }
        for (JsonObject release : releases) {
            items.add(completed(namespace, release, objects));
            if (release.object("status").text("mode").equals("Route")) {
                kinds.append(RouteKind.HTTP.definition()).append(',');
            }
        }
        NamespaceView view = Snapshot.of(items, kinds.toString()).view();
        return new NamespaceView(
                namespace,
                view.deployments(),
                view.services(),
                view.routes(),
                view.endpoints(),
                view.autoscalers(),
                view.releases(),
                view.gatewayApi(),
                view.elsewhere(),
                view.claims());
    }

    /// A uid that stays the same for the same object.
    private static String uid(String kind, String name, JsonObject metadata) {
        return metadata.text("uid").isEmpty() ? kind + "/" + name : metadata.text("uid");
    }

    /// The ready pods of a Service, by their Deployments.
    private static JsonObject endpoints(JsonObject service, List<JsonObject> objects, List<JsonObject> releases) {
        String name = service.object("metadata").text("name");
        JsonObject selector = service.object("spec").object("selector");
        List<Map<String, Object>> pods = new ArrayList<>();
        for (JsonObject object : objects) {
            JsonObject labels =
                    object.object("spec").object("template").object("metadata").object("labels");
            boolean selects = !selector.fields().isEmpty()
                    && labels.fields().entrySet().containsAll(selector.fields().entrySet());
            if (object.text("kind").equals("Deployment") && selects && serves(object, releases)) {
                String deployment = object.object("metadata").text("name");
                IntStream.range(0, Math.min(MOST_PODS, object.object("spec").count("replicas", 1)))
                        .forEach(i -> pods.add(Map.of(
                                "targetRef", Map.of("kind", "Pod", "name", "%s-7f9c-%05d".formatted(deployment, i)))));
            }
        }
        return new JsonObject(Map.of(
                "kind",
                "EndpointSlice",
                "metadata",
                Map.of(
                        "name", name,
                        "namespace", service.object("metadata").text("namespace"),
                        "labels", Map.of("kubernetes.io/service-name", name)),
                "endpoints",
                pods));
    }

    private static boolean serves(JsonObject deployment, List<JsonObject> releases) {
        JsonObject meta = deployment.object("metadata");
        int asked = Weight.parse(meta.object("annotations").text(CanaryKey.WEIGHT.text()))
                .map(Weight::basisPoints)
                .orElse(0);
        return asked == 0
                || releases.stream()
                        .flatMap(release -> release.object("status").objects("versions").stream())
                        .anyMatch(version -> version.text("deployment").equals(meta.text("name"))
                                && !List.of("", "0").contains(version.text("inForce")));
    }

    /// A Release whose versions have the uid and the pod template of their Deployments, where it leaves them out:
    /// nobody can write the hash of a template by hand.
    private static JsonObject completed(String namespace, JsonObject release, List<JsonObject> objects) {
        List<Object> versions = new ArrayList<>();
        for (JsonObject version : release.object("status").objects("versions")) {
            Optional<JsonObject> deployment = objects.stream()
                    .filter(object -> object.text("kind").equals("Deployment")
                            && object.object("metadata").text("name").equals(version.text("deployment")))
                    .findFirst();
            versions.add(
                    deployment.map(of -> completed(version, of)).orElse(version).fields());
        }
        Map<String, @Nullable Object> metadata = copy(release.object("metadata"));
        metadata.put("namespace", namespace);
        return with(
                with(release, "metadata", metadata),
                "status",
                with(release.object("status"), "versions", versions).fields());
    }

    private static JsonObject completed(JsonObject version, JsonObject deployment) {
        JsonObject meta = deployment.object("metadata");
        String hash =
                Fingerprint.of(deployment.object("spec").object("template").fields());
        Map<String, @Nullable Object> copy = copy(version);
        if (version.text("uid").isEmpty() || meta.text("uid").isEmpty()) {
            copy.put("uid", uid("Deployment", meta.text("name"), meta));
        }
        for (String field : List.of("begun", "verdict")) {
            if (version.has(field) && version.object(field).text("template").isEmpty()) {
                copy.put(field, with(version.object(field), "template", hash).fields());
            }
        }
        return new JsonObject(copy);
    }

    private static JsonObject with(JsonObject object, String field, Object value) {
        Map<String, @Nullable Object> copy = copy(object);
        copy.put(field, value);
        return new JsonObject(copy);
    }

    private static Map<String, @Nullable Object> copy(JsonObject object) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        object.fields().forEach((key, value) -> copy.put(String.valueOf(key), value));
        return copy;
    }
}
