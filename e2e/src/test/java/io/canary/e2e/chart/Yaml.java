// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.chart;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Kubernetes objects as maps, by kind and name.
final class Yaml {
    private Yaml() {}

    /// @param yaml documents; those without a kind are left out
    static Map<String, Map<String, Object>> of(String yaml) {
        Map<String, Map<String, Object>> all = new TreeMap<>();
        Arrays.stream(yaml.split("(?m)^---$", -1)).map(Yaml::map).forEach(object -> {
            if (object.containsKey("kind")) {
                String name = object.get("kind") + " " + at(object, "metadata").get("name");
                if (all.put(name, object) != null) {
                    throw new IllegalStateException("twice: " + name);
                }
            }
        });
        return all;
    }

    /// What a mapping has under a key; an empty one where it has nothing.
    @SuppressWarnings("unchecked")
    static Map<String, Object> at(Map<String, Object> object, String key) {
        return object.get(key) instanceof Map<?, ?> map ? (Map<String, Object>) map : new TreeMap<>();
    }

    /// The first of the mappings that one has under a key.
    static Map<String, Object> first(Map<String, Object> object, String key) {
        return object.get(key) instanceof List<?> list && list.getFirst() instanceof Map<?, ?> map
                ? at(Map.of(key, map), key)
                : Map.of();
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(String yaml) {
        return Serialization.unmarshal(yaml, Object.class) instanceof Map<?, ?> map
                ? (Map<String, Object>) map
                : Map.of();
    }

    /// Without the blank lines that kustomize puts into folded texts where they are indented.
    static Object withoutBlankLines(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, Object> copy = new TreeMap<>();
                map.forEach((key, inner) -> copy.put(String.valueOf(key), withoutBlankLines(inner)));
                yield copy;
            }
            case List<?> list -> list.stream().map(Yaml::withoutBlankLines).toList();
            case String text -> text.replaceAll("\n{2,}", "\n");
            default -> value;
        };
    }
}
