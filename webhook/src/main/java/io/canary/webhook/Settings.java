// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads typed values out of named texts; a variable that is empty counts as not set.
record Settings(Map<String, String> values) {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final Pattern ADDRESS =
            Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern FILE = Pattern.compile("/[!-~]{1,4095}");
    private static final Pattern COMMON_NAME = Pattern.compile("[!-~]([ -~]{0,62}[!-~])?");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(ms|s|m|h|d)");

    Settings {
        values = Map.copyOf(values);
    }

    String label(String name, String fallback) {
        String value = text(name, fallback);
        if (!LABEL.matcher(value).matches()) {
            throw wrong(name, value, "a name of a Kubernetes object: lower-case letters, digits, \"-\" and \".\"");
        }
        return value;
    }

    String address(String name, String fallback) {
        String value = text(name, fallback);
        if (!ADDRESS.matcher(value).matches()) {
            throw wrong(name, value, "an IP address");
        }
        return value;
    }

    /// The path of a file; null where it is `none`.
    @Nullable
    Path file(String name) {
        String value = text(name, "none");
        if (value.equals("none")) {
            return null;
        }
        if (!FILE.matcher(value).matches()) {
            throw wrong(name, value, "the absolute path of a file, or \"none\"");
        }
        return Path.of(value);
    }

    /// Common names of certificates, separated by commas; empty where any will do, which is written `*`.
    Set<String> commonNames(String name) {
        String value = text(name, "*");
        if (value.equals("*")) {
            return Set.of();
        }
        Set<String> names = new LinkedHashSet<>();
        for (String part : value.split(",", -1)) {
            if (!COMMON_NAME.matcher(part.strip()).matches()) {
                throw wrong(name, value, "a list of common names separated by commas, or \"*\" for any");
            }
            names.add(part.strip());
        }
        return names;
    }

    int number(String name, int fallback, int least, int most) {
        String value = text(name, Integer.toString(fallback));
        if (!NUMBER.matcher(value).matches() || Integer.parseInt(value) < least || Integer.parseInt(value) > most) {
            throw wrong(name, value, "a whole number from %d to %d".formatted(least, most));
        }
        return Integer.parseInt(value);
    }

    Duration duration(String name, String fallback) {
        String value = text(name, fallback);
        Matcher parts = DURATION.matcher(value);
        if (!parts.matches()) {
            throw wrong(name, value, "a whole number with ms, s, m, h or d, as in \"10s\"");
        }
        long amount = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    <E extends Enum<E>> E choice(String name, E fallback) {
        E[] all = fallback.getDeclaringClass().getEnumConstants();
        String value = text(name, fallback.name().toLowerCase(Locale.ROOT));
        return Arrays.stream(all)
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(value))
                .findFirst()
                .orElseThrow(() -> wrong(
                        name,
                        value,
                        "one of "
                                + Arrays.stream(all)
                                        .map(one -> one.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(", "))));
    }

    private String text(String name, String fallback) {
        String value = values.getOrDefault(name, "");
        return value.isEmpty() ? fallback : value;
    }

    private static IllegalArgumentException wrong(String name, String value, String allowed) {
        return new IllegalArgumentException("%s: \"%s\" is not %s".formatted(name, value, allowed));
    }
}
