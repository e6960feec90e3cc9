// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.app.Names;
import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What of an object must be of the right type to be judged: the API server would refuse it, and we would read it as
/// absent. A weight without quotes is the usual one.
final class ObjectShape {
    private ObjectShape() {}

    /// What is wrong, as `metadata.annotations[canary.io/weight]: 60 is no text (quote it)`.
    static List<String> problems(JsonObject object) {
        List<String> problems = new ArrayList<>();
        JsonObject meta = object.object("metadata");
        if (meta.text("name").isEmpty()) {
            problems.add("metadata.name: is required and missing");
        }
        if (meta.has("namespace") && !Names.isDns1123(meta.text("namespace"))) {
            problems.add("metadata.namespace: " + shown(meta.fields().get("namespace")) + " names no namespace");
        }
        texts(meta, "labels", "metadata.labels", problems);
        texts(meta, "annotations", "metadata.annotations", problems);
        JsonObject spec = object.object("spec");
        if (object.has("spec") && !(object.fields().get("spec") instanceof Map)) {
            problems.add("spec: " + shown(object.fields().get("spec")) + " is no object");
        }
        switch (object.text("kind")) {
            case "Deployment" -> deployment(spec, problems);
            case "Service" -> texts(spec, "selector", "spec.selector", problems);
            default -> {} // routes are read as they are
        }
        return problems;
    }

    private static void deployment(JsonObject spec, List<String> problems) {
        JsonObject template = spec.object("template");
        Object replicas = spec.fields().get("replicas");
        if (replicas != null && !(replicas instanceof Integer)) {
            problems.add("spec.replicas: " + shown(replicas) + " is no whole number");
        }
        texts(spec.object("selector"), "matchLabels", "spec.selector.matchLabels", problems);
        texts(template.object("metadata"), "labels", "spec.template.metadata.labels", problems);
        texts(template.object("metadata"), "annotations", "spec.template.metadata.annotations", problems);
        List<JsonObject> containers = template.object("spec").objects("containers");
        if (containers.isEmpty()) {
            problems.add("spec.template.spec.containers: is required and missing");
        }
        for (int i = 0; i < containers.size(); i++) {
            Object image = containers.get(i).fields().get("image");
            if (image != null && !(image instanceof String)) {
                problems.add(
                        "spec.template.spec.containers[" + i + "].image: " + shown(image) + " is no text (quote it)");
            }
        }
    }

    private static void texts(JsonObject parent, String name, String field, List<String> problems) {
        Object map = parent.fields().get(name);
        if (map != null && !(map instanceof Map)) {
            problems.add(field + ": " + shown(map) + " is no object");
        }
        parent.object(name).fields().forEach((key, value) -> {
            if (!(value instanceof String)) {
                problems.add(field + "[" + Names.shown(String.valueOf(key)) + "]: " + shown(value)
                        + " is no text (quote it)");
            }
        });
    }

    private static String shown(@Nullable Object value) {
        return Names.shown(String.valueOf(value));
    }
}
