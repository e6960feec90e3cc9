// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Applies RFC 6902 operations to objects, as strictly as the standard says.
final class PatchedObject {
    private PatchedObject() {}

    static ObjectNode of(JsonNode object, JsonNode operations) {
        ObjectNode patched = (ObjectNode) object.deepCopy();
        for (JsonNode operation : operations) {
            apply(patched, operation);
        }
        return patched;
    }

    private static void apply(ObjectNode object, JsonNode operation) {
        List<String> path = new ArrayList<>();
        for (String part : operation.path("path").stringValue().substring(1).split("/", -1)) {
            path.add(part.replace("~1", "/").replace("~0", "~"));
        }
        JsonNode parent = object;
        for (String part : path.subList(0, path.size() - 1)) {
            parent = parent.path(part);
        }
        assertThat(parent.isObject()).as("parent of %s", path).isTrue();
        ObjectNode map = (ObjectNode) parent;
        String name = path.getLast();
        JsonNode value = operation.path("value");
        switch (operation.path("op").stringValue()) {
            case "test" -> assertThat(map.get(name)).isEqualTo(value);
            case "add" -> map.set(name, value);
            case "replace" -> {
                assertThat(map.has(name)).isTrue();
                map.set(name, value);
            }
            case "remove" -> assertThat(map.remove(name)).isNotNull();
            default -> throw new AssertionError(operation);
        }
    }
}
