// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// How a verb is typed: the one source of parsing, help, completion, man page and Markdown.
///
/// @param arguments what follows the verb, as in `APP [PERCENT]`
/// @param least, most how many arguments there may be; `most` -1 is any number
/// @param summary one line
/// @param text what else there is to say; may be empty
/// @param examples whole command lines, each with a comment line before it
/// @param flags its own; the flags of kubectl come besides
/// @param completes what the arguments are, for completion
public record Usage(
        String arguments,
        int least,
        int most,
        String summary,
        String text,
        List<String> examples,
        List<Flag> flags,
        Completes completes) {
    /// What the first argument of a verb names.
    public enum Completes {
        NOTHING,
        APP,
        /// Any number of apps; `--selector` chooses them by labels too.
        APPS,
        SHELL
    }

    static final Flag HELP = Flag.toggle("help", "h", "this text");
    static final Flag COLOR = Flag.choice("color", "", List.of("auto", "always", "never"), "auto", "colours");

    public Usage {
        examples = List.copyOf(examples);
        flags = List.copyOf(flags);
    }

    /// Its own flags and those that every verb has.
    Stream<Flag> allFlags() {
        return Stream.concat(flags.stream(), Stream.of(COLOR, HELP));
    }

    Optional<Flag> named(String name) {
        return allFlags().filter(flag -> flag.name().equals(name)).findFirst().or(() -> KubectlFlags.named(name));
    }

    Optional<Flag> shorthand(String letter) {
        return allFlags()
                .filter(flag -> flag.shorthand().equals(letter))
                .findFirst()
                .or(() -> KubectlFlags.shorthand(letter));
    }

    List<String> names() {
        return Stream.concat(allFlags(), KubectlFlags.all().stream())
                .map(Flag::name)
                .toList();
    }
}
