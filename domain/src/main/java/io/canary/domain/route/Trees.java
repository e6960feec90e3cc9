// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Trees of Map, List, String, Number and Boolean, as JSON is here: copied, compared and written.
final class Trees {
    private Trees() {}

    /// The fields of `map` in their order; what they hold is shared.
    static Map<String, Object> copy(Map<?, ?> map) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), value));
        return copy;
    }

    /// The list at `field`, to be changed; empty where there is none.
    static List<Object> list(Map<?, ?> map, String field) {
        return map.get(field) instanceof List<?> list ? new ArrayList<>(list) : new ArrayList<>();
    }

    /// Whether both are the same JSON: the order of fields does not count, nor in which Java type a number stands.
    static boolean same(@Nullable Object a, @Nullable Object b) {
        return switch (a) {
            case Map<?, ?> left
            when b instanceof Map<?, ?> right ->
                left.size() == right.size()
                        && left.entrySet().stream()
                                .allMatch(e ->
                                        right.containsKey(e.getKey()) && same(e.getValue(), right.get(e.getKey())));
            case List<?> left
            when b instanceof List<?> right -> {
                boolean same = left.size() == right.size();
                for (int i = 0; same && i < left.size(); i++) {
                    same = same(left.get(i), right.get(i));
                }
                yield same;
            }
            case Number left
            when b instanceof Number right ->
                new BigDecimal(left.toString()).compareTo(new BigDecimal(right.toString())) == 0;
            case null, default -> Objects.equals(a, b);
        };
    }

    /// Whether each number is one that JSON has: `1e999` is read as infinity.
    static boolean isFinite(@Nullable Object tree) {
        return switch (tree) {
            case Map<?, ?> map -> map.values().stream().allMatch(Trees::isFinite);
            case List<?> list -> list.stream().allMatch(Trees::isFinite);
            case Double number -> Double.isFinite(number);
            case null, default -> true;
        };
    }

    /// Compact JSON, fields in their order, nothing but ASCII.
    static String text(@Nullable Object tree) {
        StringBuilder out = new StringBuilder();
        write(tree, out);
        return out.toString();
    }

    private static void write(@Nullable Object tree, StringBuilder out) {
        switch (tree) {
            case Map<?, ?> map -> {
                String comma = "{";
                for (Map.Entry<?, ?> e : map.entrySet()) {
                    out.append(comma);
                    quote(String.valueOf(e.getKey()), out);
                    out.append(':');
                    write(e.getValue(), out);
                    comma = ",";
                }
                out.append(map.isEmpty() ? "{}" : "}");
            }
            case List<?> list -> {
                String comma = "[";
                for (Object item : list) {
                    out.append(comma);
                    write(item, out);
                    comma = ",";
                }
                out.append(list.isEmpty() ? "[]" : "]");
            }
            case String text -> quote(text, out);
            case null, default -> out.append(tree);
        }
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c >= ' ' && c < 0x7f) {
                out.append(c);
            } else {
                out.append(String.format("\\u%04x", (int) c));
            }
        }
        out.append('"');
    }
}
