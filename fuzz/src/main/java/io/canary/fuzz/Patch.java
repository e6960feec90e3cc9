// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Applies a JSON patch (RFC 6902) as an API server does: whole, or not at all.
final class Patch {
    private Patch() {}

    static JsonNode apply(JsonNode operations, JsonNode object) {
        ObjectNode patched = (ObjectNode) object.deepCopy();
        for (JsonNode operation : operations) {
            String path = operation.path("path").asString("");
            int last = path.lastIndexOf('/');
            Promise.kept(last >= 0, () -> "no path: " + operation);
            JsonNode parent = patched.at(path.substring(0, last));
            String name = path.substring(last + 1).replace("~1", "/").replace("~0", "~");
            Promise.kept(parent.isObject(), () -> "no object to change: " + operation);
            ObjectNode map = (ObjectNode) parent;
            JsonNode value = operation.path("value");
            switch (operation.path("op").asString("")) {
                case "add" -> map.set(name, value);
                case "test" -> Promise.kept(value.equals(map.get(name)), () -> "fails: " + operation);
                case "replace" -> {
                    Promise.kept(map.has(name), () -> "nothing there: " + operation);
                    map.set(name, value);
                }
                case "remove" -> Promise.kept(map.remove(name) != null, () -> "nothing there: " + operation);
                default -> throw new AssertionError("no operation: " + operation);
            }
        }
        return patched;
    }
}
