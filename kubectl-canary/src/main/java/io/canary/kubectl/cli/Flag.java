// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import java.util.List;

/// A flag of a verb, or one of kubectl's that is handed on.
///
/// @param name without the dashes
/// @param shorthand one letter, or empty
/// @param kind whether it takes a value
/// @param value what the value is called in help, empty for switches
/// @param choices the values there are; empty where any text will do
/// @param fallback the value where the flag is not given; empty for none
/// @param help one line
public record Flag(
        String name, String shorthand, Kind kind, String value, List<String> choices, String fallback, String help) {
    /// How a flag takes its value.
    public enum Kind {
        /// Given or not; `--wait=false` is understood too.
        SWITCH,
        /// `--name value` or `--name=value`.
        VALUE,
        /// Like `VALUE`, any number of times.
        MANY
    }

    public Flag {
        choices = List.copyOf(choices);
    }

    static Flag toggle(String name, String shorthand, String help) {
        return new Flag(name, shorthand, Kind.SWITCH, "", List.of(), "", help);
    }

    static Flag value(String name, String shorthand, String value, String fallback, String help) {
        return new Flag(name, shorthand, Kind.VALUE, value, List.of(), fallback, help);
    }

    static Flag choice(String name, String shorthand, List<String> choices, String fallback, String help) {
        return new Flag(name, shorthand, Kind.VALUE, String.join("|", choices), choices, fallback, help);
    }

    boolean takesValue() {
        return kind != Kind.SWITCH;
    }

    /// As it is typed: `-o, --output=json`.
    String shown() {
        String text = (shorthand.isEmpty() ? "    " : "-" + shorthand + ", ") + "--" + name;
        return kind == Kind.SWITCH ? text : text + "=" + (fallback.isEmpty() ? value : fallback);
    }
}
