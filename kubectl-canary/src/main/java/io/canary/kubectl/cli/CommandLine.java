// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import java.util.List;

/// What was typed after `kubectl canary`, understood or not.
public sealed interface CommandLine {
    /// A verb with its arguments.
    record Run(Verb verb, Arguments arguments) implements CommandLine {}

    /// Help was asked for: of one verb, of those that begin alike, or of all where there are none.
    record Help(List<Verb> verbs) implements CommandLine {
        public Help {
            verbs = List.copyOf(verbs);
        }
    }

    /// It cannot be understood: exit code 64.
    ///
    /// @param hint a command to type instead
    record Wrong(String error, String hint) implements CommandLine {}

    /// Reads a command line. Flags may stand anywhere; everything after `--` is an argument.
    static CommandLine parse(List<String> words) {
        return Parser.parse(words);
    }
}
