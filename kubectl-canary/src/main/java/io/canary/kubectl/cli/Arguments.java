// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import java.util.List;
import java.util.Map;

/// What a verb was given.
///
/// @param plain what is no flag, in order
/// @param flags by long name; a switch has `true` or `false`
/// @param kubectl kubectl's global flags as they go to each kubectl that we start
public record Arguments(Usage usage, List<String> plain, Map<String, List<String>> flags, List<String> kubectl) {
    public Arguments {
        plain = List.copyOf(plain);
        flags = Map.copyOf(flags);
        kubectl = List.copyOf(kubectl);
    }

    /// The same with `app` as the only plain word.
    public Arguments of(String app) {
        return new Arguments(usage, List.of(app), flags, kubectl);
    }

    /// The value of a flag, else its fallback, else empty.
    public String value(String flag) {
        List<String> given = flags.get(flag);
        return given == null ? usage.named(flag).map(Flag::fallback).orElse("") : given.getLast();
    }

    public List<String> values(String flag) {
        return flags.getOrDefault(flag, List.of());
    }

    public boolean given(String flag) {
        return flags.containsKey(flag);
    }

    public boolean on(String flag) {
        return value(flag).equals("true");
    }
}
