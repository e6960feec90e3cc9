// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import io.canary.domain.app.CanaryKey;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reviews that are valid but for some fields: keys with odd values, maps that are lists, what is there
/// twice or not at all. An input says which review, and what is changed in it.
public final class ChangedReviewFuzz {
    private static final List<String> OBJECTS = List.of(World.V2, World.V1, World.ROOT, World.ROUTE, World.POLICY);
    private static final List<String> OPERATIONS = List.of("UPDATE", "CREATE", "DELETE");
    private static final List<CanaryKey> KEYS = List.of(CanaryKey.values());
    private static final List<String> TEXTS = List.of(
            "",
            "v1",
            "v2",
            "v3",
            "order",
            "order-v2",
            "shop",
            "10",
            "100",
            "0",
            "50.5",
            "true",
            "false",
            "30s",
            "blue",
            "bob",
            "cookie:a=b",
            "header:x-user-id=alice",
            "canary.shop.example",
            "system:serviceaccount:canary-system:canary",
            "status",
            "2026-11-30T11:59:00Z",
            "ClusterIP",
            "ExternalName",
            "None",
            "HTTPRoute",
            "GRPCRoute",
            "{\"order\":{\"services\":[\"order-v1\"],\"rules\":[{\"rest\":\"x\",\"refs\":[[{\"name\":\"order\"}]]}]}}");
    private static final List<String> NAMES = List.of(
            "metadata",
            "annotations",
            "labels",
            "name",
            "namespace",
            "spec",
            "selector",
            "matchLabels",
            "template",
            "version",
            "app",
            "replicas",
            "ports",
            "port",
            "weight",
            "rules",
            "backendRefs",
            "matches",
            "headers",
            "filters",
            "parentRefs",
            "kind",
            "group",
            "ownerReferences",
            "controller",
            "deletionTimestamp",
            "subResource",
            "dryRun",
            "generateName",
            "type",
            "value",
            "hostnames",
            "paused",
            "image",
            "canary.io/app",
            "canary.io/wieght");

    private ChangedReviewFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Choices choices = new Choices(input);
        JsonNode object = World.object(choices.of(OBJECTS));
        String operation = choices.of(OPERATIONS);
        ObjectNode review = World.review(
                operation,
                operation.equals("DELETE") ? World.JSON.nullNode() : object,
                operation.equals("CREATE") ? World.JSON.nullNode() : object.deepCopy());
        ObjectNode request = (ObjectNode) review.path("request");
        for (int i = 0; i < 12 && choices.any(); i++) {
            change(request, choices);
        }
        Answers.check(World.JSON.writeValueAsBytes(review));
    }

    private static void change(ObjectNode request, Choices choices) {
        switch (choices.number(4)) {
            case 0 -> annotate(request.path("object"), choices);
            case 1 -> annotate(request.path(choices.number(2) == 0 ? "object" : "oldObject"), choices);
            case 2 -> inside(request.path("object"), choices);
            default -> inside(request, choices);
        }
    }

    private static void annotate(JsonNode object, Choices choices) {
        String key = choices.of(KEYS).text();
        String value = choices.number(2) == 0 ? choices.of(TEXTS) : choices.text();
        if (object.path("metadata") instanceof ObjectNode metadata) {
            ObjectNode annotations = metadata.path("annotations") instanceof ObjectNode there
                    ? there
                    : metadata.putObject("annotations");
            annotations.put(key, value);
        }
    }

    /// Walks down some steps, and there sets, takes out or copies something.
    private static void inside(JsonNode from, Choices choices) {
        JsonNode at = from;
        for (int depth = choices.number(7); depth > 0; depth--) {
            List<JsonNode> below =
                    at.valueStream().filter(JsonNode::isContainer).toList();
            if (below.isEmpty()) {
                break;
            }
            at = below.get(choices.number(below.size()));
        }
        if (at instanceof ObjectNode object) {
            List<String> names = new ArrayList<>(object.propertyNames());
            String name = names.isEmpty() || choices.number(3) == 0 ? choices.of(NAMES) : choices.of(names);
            if (choices.number(4) == 0) {
                object.remove(name);
            } else {
                object.set(name, value(object.path(name), choices));
            }
        } else if (at instanceof ArrayNode array) {
            if (choices.number(3) == 0 && !array.isEmpty()) {
                array.remove(choices.number(array.size()));
            } else {
                array.add(value(array.path(0), choices));
            }
        }
    }

    private static JsonNode value(JsonNode present, Choices choices) {
        return switch (choices.number(12)) {
            case 0, 1, 2 -> World.JSON.getNodeFactory().stringNode(choices.of(TEXTS));
            case 3, 4 -> World.JSON.getNodeFactory().stringNode(choices.text());
            case 5 -> World.JSON.getNodeFactory().numberNode(choices.number(256) - 1);
            case 6 -> World.JSON.getNodeFactory().numberNode((int) choices.seconds());
            case 7 ->
                World.JSON.readTree(choices.of(List.of("1e308", "-0.0", "1e-400", "12345678901234567890123", "0.1")));
            case 8 -> World.JSON.nullNode();
            case 9 -> World.JSON.createObjectNode();
            case 10 -> World.JSON.createArrayNode().add(present.deepCopy());
            default -> World.JSON.getNodeFactory().booleanNode(choices.number(2) == 0);
        };
    }
}
