// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The few patterns that policies have: `*` for any characters, `*.` before a domain, beginnings of image names.
public final class Patterns {
    private Patterns() {}

    /// Whether `text` is of `pattern`, where `*` stands for any characters, none too.
    public static boolean matches(String pattern, String text) {
        String regex = Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.matches(regex, text);
    }

    /// Whether canary domain `host` is one that `allowed` names, or lies below one that begins with `*.`;
    /// `{namespace}` stands for the namespace.
    public static boolean allowsHost(List<String> allowed, String namespace, String host) {
        return allowed.stream()
                .map(pattern -> pattern.replace("{namespace}", namespace))
                .anyMatch(pattern -> pattern.startsWith("*.")
                        ? host.endsWith(pattern.substring(1)) && host.length() > pattern.length() - 1
                        : host.equals(pattern));
    }

    /// Whether the image called `name` is of a registry, or path in one, that `allowed` names.
    public static boolean allowsImage(List<String> allowed, String name) {
        return allowed.isEmpty()
                || allowed.stream().anyMatch(prefix -> name.startsWith(prefix.endsWith("/") ? prefix : prefix + "/"));
    }
}
