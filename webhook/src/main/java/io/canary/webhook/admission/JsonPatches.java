// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.domain.admission.FieldEdit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes edits as RFC 6902 operations on an object: fixed paths, missing maps made, `test` before `replace` and
/// `remove`. No comparison of whole objects.
final class JsonPatches {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<String> ANNOTATIONS = List.of("metadata", "annotations");
    private static final List<String> LABELS = List.of("metadata", "labels");
    private static final List<String> TEMPLATE_LABELS = List.of("spec", "template", "metadata", "labels");
    private static final List<String> SELECTOR = List.of("spec", "selector", "matchLabels");
    private static final List<String> SPEC = List.of("spec");

    private JsonPatches() {}

    /// The operations that make `edits` in `object`; those that change nothing are left out.
    static ArrayNode of(List<FieldEdit> edits, JsonNode object) {
        Map<List<String>, Map<String, Optional<JsonNode>>> wanted = new LinkedHashMap<>();
        for (FieldEdit edit : edits) {
            switch (edit) {
                case FieldEdit.SetLabel(String key, String value) -> put(wanted, LABELS, key, text(value));
                case FieldEdit.RemoveLabel(String key) -> put(wanted, LABELS, key, null);
                case FieldEdit.SetTemplateLabel(String key, String value) ->
                    put(wanted, TEMPLATE_LABELS, key, text(value));
                case FieldEdit.SetSelectorLabel(String key, String value) -> put(wanted, SELECTOR, key, text(value));
                case FieldEdit.SetReplicas(int count) -> put(wanted, SPEC, "replicas", NODES.numberNode(count));
                case FieldEdit.SetRules(List<Object> rules) -> put(wanted, SPEC, "rules", JSON.valueToTree(rules));
                case FieldEdit.SetAnnotation(String key, String value) -> put(wanted, ANNOTATIONS, key, text(value));
                case FieldEdit.RemoveAnnotation(String key) -> put(wanted, ANNOTATIONS, key, null);
            }
        }
        ArrayNode operations = NODES.arrayNode();
        JsonNode patched = object.deepCopy(); // a map that one operation makes is there for the next
        wanted.forEach((path, values) -> inMap(path, values, patched, operations));
        return operations;
    }

    private static void inMap(
            List<String> path, Map<String, Optional<JsonNode>> values, JsonNode object, ArrayNode operations) {
        JsonNode map = object;
        for (int i = 0; i < path.size(); i++) {
            JsonNode parent = map;
            map = parent.path(path.get(i));
            if (!map.isObject()) {
                addMissing(path, i, values, (ObjectNode) parent, operations);
                return;
            }
        }
        for (Map.Entry<String, Optional<JsonNode>> entry : values.entrySet()) {
            JsonNode present = map.get(entry.getKey());
            JsonNode value = entry.getValue().orElse(null);
            String pointer = pointer(path, path.size()) + "/" + escaped(entry.getKey());
            if (present == null) {
                if (value != null) {
                    operation(operations, "add", pointer, value);
                }
            } else if (!present.equals(value)) {
                operation(operations, "test", pointer, present);
                operation(operations, value == null ? "remove" : "replace", pointer, value);
            }
        }
    }

    /// Adds the first map on `path` that is missing, with all below it.
    private static void addMissing(
            List<String> path,
            int missing,
            Map<String, Optional<JsonNode>> values,
            ObjectNode parentOfMissing,
            ArrayNode operations) {
        ObjectNode map = NODES.objectNode();
        values.forEach((key, value) -> value.ifPresent(v -> map.set(key, v)));
        if (map.isEmpty()) {
            return;
        }
        ObjectNode value = map;
        for (int i = path.size() - 1; i > missing; i--) {
            ObjectNode parent = NODES.objectNode();
            parent.set(path.get(i), value);
            value = parent;
        }
        operation(operations, "add", pointer(path, missing + 1), value);
        parentOfMissing.set(path.get(missing), value);
    }

    private static void operation(ArrayNode operations, String op, String pointer, @Nullable JsonNode value) {
        ObjectNode operation = operations.addObject().put("op", op).put("path", pointer);
        if (value != null) {
            operation.set("value", value);
        }
    }

    private static void put(
            Map<List<String>, Map<String, Optional<JsonNode>>> wanted,
            List<String> path,
            String key,
            @Nullable JsonNode value) {
        wanted.computeIfAbsent(path, _ -> new LinkedHashMap<>()).put(key, Optional.ofNullable(value));
    }

    private static String pointer(List<String> path, int length) {
        return "/" + String.join("/", path.subList(0, length));
    }

    private static String escaped(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }

    private static JsonNode text(String value) {
        return NODES.stringNode(value);
    }
}
