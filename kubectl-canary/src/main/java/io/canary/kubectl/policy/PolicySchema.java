// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.json.JsonObject;
import io.canary.kubectl.cli.Words;
import io.canary.kubectl.cluster.Yaml;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The schema of CanaryPolicies, checked without an API server: a field that is misspelt or of another type would
/// count as absent, and a test would pass by it. Of OpenAPI it knows what that schema uses, but for CEL and formats,
/// which [io.canary.domain.policy.PolicyReader] checks by itself.
public final class PolicySchema {
    private final JsonObject root;

    private PolicySchema(JsonObject root) {
        this.root = root;
    }

    /// @param definition the CustomResourceDefinition, in YAML
    public static PolicySchema of(String definition) {
        JsonObject version = Yaml.read(definition)
                .getFirst()
                .object("spec")
                .objects("versions")
                .getFirst();
        return new PolicySchema(version.object("schema").object("openAPIV3Schema"));
    }

    /// What is wrong with a whole CanaryPolicy, by its fields.
    List<Problem> check(JsonObject policy) {
        List<Problem> problems = new ArrayList<>();
        check(root, policy.fields(), "", problems);
        return problems;
    }

    private static void check(JsonObject schema, @Nullable Object value, String at, List<Problem> problems) {
        if (value == null) {
            return; // the API server drops it
        }
        String type = schema.text("type");
        boolean fits = switch (type) {
            case "object" -> value instanceof Map;
            case "array" -> value instanceof List;
            case "string" -> value instanceof String;
            case "boolean" -> value instanceof Boolean;
            case "number" -> value instanceof Number;
            case "integer" -> value instanceof Integer || value instanceof Long;
            default -> true;
        };
        if (!fits) {
            problems.add(new Problem(at, shown(value) + " is no " + type, hint(value, type)));
            return;
        }
        switch (value) {
            case Map<?, ?> map -> object(schema, map, at, problems);
            case List<?> list -> array(schema, list, at, problems);
            case String text -> string(schema, text, at, problems);
            case Number number -> number(schema, number, at, problems);
            default -> {}
        }
    }

    private static String hint(Object value, String type) {
        return type.equals("string")
                ? "quote it"
                : value instanceof String && !type.equals("object") && !type.equals("array")
                        ? "write it without quotes"
                        : "";
    }

    private static void object(JsonObject schema, Map<?, ?> map, String at, List<Problem> problems) {
        JsonObject properties = schema.object("properties");
        Object others = schema.fields().get("additionalProperties");
        for (String name : schema.texts("required")) {
            if (map.get(name) == null) {
                problems.add(new Problem(field(at, name), "is required and missing", ""));
            }
        }
        map.forEach((key, value) -> {
            String name = String.valueOf(key);
            if (properties.has(name)) {
                check(properties.object(name), value, field(at, name), problems);
            } else if (others instanceof Map<?, ?> each) {
                check(new JsonObject(each), value, at + "[" + Names.shown(name) + "]", problems);
            } else if (!properties.fields().isEmpty()) {
                problems.add(unknown(field(at, Names.shown(name)), name, properties));
            }
        });
    }

    private static Problem unknown(String field, String name, JsonObject properties) {
        List<String> known = properties.fields().keySet().stream()
                .map(String::valueOf)
                .sorted()
                .toList();
        String nearest = Words.nearest(name, known);
        return new Problem(
                field,
                "there is no such field",
                nearest.isEmpty() ? "the fields are " + String.join(", ", known) : "did you mean " + nearest + "?");
    }

    private static void array(JsonObject schema, List<?> list, String at, List<Problem> problems) {
        if (list.size() < schema.count("minItems", 0)) {
            problems.add(new Problem(at, "is empty", "leave it out"));
        }
        if (list.size() > schema.count("maxItems", Integer.MAX_VALUE)) {
            problems.add(new Problem(at, "has " + list.size() + " items, at most " + schema.count("maxItems", 0), ""));
        }
        List<String> keys = schema.texts("x-kubernetes-list-map-keys");
        boolean set = schema.text("x-kubernetes-list-type").equals("set");
        Set<Object> seen = new HashSet<>();
        for (int i = 0; i < list.size(); i++) {
            Object item = list.get(i);
            String field = at + "[" + i + "]";
            check(schema.object("items"), item, field, problems);
            Object key =
                    set ? item : keys.isEmpty() ? null : JsonObject.of(item).text(keys.getFirst());
            if (key != null && !seen.add(key)) {
                problems.add(new Problem(
                        set ? field : field + "." + keys.getFirst(), shown(key) + " stands there twice", ""));
            }
        }
    }

    private static void string(JsonObject schema, String text, String at, List<Problem> problems) {
        List<String> choices = schema.texts("enum");
        if (!choices.isEmpty() && !choices.contains(text)) {
            problems.add(new Problem(at, Names.quoted(text) + " is none of " + String.join(", ", choices), ""));
        }
        if (text.length() < schema.count("minLength", 0)) {
            problems.add(new Problem(at, "is empty", "write something"));
        }
        if (text.length() > schema.count("maxLength", Integer.MAX_VALUE)) {
            problems.add(new Problem(
                    at, Names.quoted(text) + " has more than " + schema.count("maxLength", 0) + " characters", ""));
        }
        if (schema.has("pattern")
                && !Pattern.compile(schema.text("pattern")).matcher(text).find()) {
            problems.add(new Problem(at, Names.quoted(text) + " does not match " + schema.text("pattern"), ""));
        }
    }

    private static void number(JsonObject schema, Number number, String at, List<Problem> problems) {
        boolean low =
                schema.fields().get("minimum") instanceof Number least && number.doubleValue() < least.doubleValue();
        boolean high =
                schema.fields().get("maximum") instanceof Number most && number.doubleValue() > most.doubleValue();
        if (low || high) {
            problems.add(new Problem(
                    at,
                    number + " is " + (low ? "less than " : "more than ")
                            + schema.fields().get(low ? "minimum" : "maximum"),
                    ""));
        }
    }

    private static String field(String at, String name) {
        return at.isEmpty() ? name : at + "." + name;
    }

    private static String shown(Object value) {
        return switch (value) {
            case Map<?, ?> _ -> "an object";
            case List<?> list -> list.stream().map(PolicySchema::shown).collect(Collectors.joining(", ", "[", "]"));
            case String text -> Names.quoted(text);
            default -> Names.shown(value.toString());
        };
    }
}
