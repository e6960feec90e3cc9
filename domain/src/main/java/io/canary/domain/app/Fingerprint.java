// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A short hash of a JSON tree that every translator computes alike: null, empty objects, empty lists, the order of
/// keys and the difference between `1` and `"1"` do not count.
public final class Fingerprint {
    // FNV-1a, 64 bits: nobody gains by two templates of one hash, and a cryptographic one costs the plugin 8 ms to
    // load.
    private static final long OFFSET = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private Fingerprint() {}

    /// The fingerprint of `tree`, made of Map, Collection, String, Number, Boolean and null: 16 hexadecimal digits.
    public static String of(@Nullable Object tree) {
        StringBuilder text = new StringBuilder();
        write(empty(tree) ? null : tree, text);
        long hash = OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * PRIME;
        }
        return HexFormat.of().toHexDigits(hash);
    }

    private static boolean empty(@Nullable Object tree) {
        return switch (tree) {
            case null -> true;
            case Map<?, ?> map -> map.values().stream().allMatch(Fingerprint::empty);
            case Collection<?> list -> list.isEmpty();
            default -> false;
        };
    }

    private static void write(@Nullable Object tree, StringBuilder out) {
        switch (tree) {
            case null -> out.append('~');
            case Map<?, ?> map -> {
                TreeMap<String, Object> sorted = new TreeMap<>();
                map.forEach((key, value) -> {
                    if (!empty(value)) {
                        sorted.put(String.valueOf(key), value);
                    }
                });
                out.append('{');
                sorted.forEach((key, value) -> {
                    write(key, out);
                    write(value, out);
                });
                out.append('}');
            }
            case Collection<?> list -> {
                out.append('[');
                list.forEach(item -> write(item, out));
                out.append(']');
            }
            default -> {
                String text = tree.toString();
                out.append(text.length()).append(':').append(text);
            }
        }
    }
}
