// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Help for people, 80 columns wide, made from the table of verbs.
public final class HelpText {
    private static final int WIDTH = 80;
    private static final int VERBS = 18; // the column after the longest of them

    private HelpText() {}

    /// @param verbs none for an overview, one for all there is to say of it, several for a list
    public static List<String> of(List<Verb> verbs) {
        return switch (verbs.size()) {
            case 0 -> overview();
            case 1 -> ofVerb(verbs.getFirst());
            default -> ofSeveral(verbs);
        };
    }

    private static List<String> overview() {
        List<String> lines = new ArrayList<>(
                List.of("Canary releases on plain Deployments: weights, routes and replicas by annotation.", ""));
        for (Verb.Group group : Verb.Group.values()) {
            lines.add(group.title + ":");
            Arrays.stream(Verb.values())
                    .filter(verb -> verb.group() == group)
                    .forEach(verb -> lines.addAll(
                            row("  " + verb.words(), VERBS, verb.usage().summary())));
            lines.add("");
        }
        lines.add(
                "kubectl canary VERB --help tells more, with examples; kubectl canary options lists kubectl's flags.");
        return lines;
    }

    private static List<String> ofSeveral(List<Verb> verbs) {
        List<String> lines = new ArrayList<>();
        verbs.forEach(verb ->
                lines.addAll(row("  " + verb.words(), VERBS, verb.usage().summary())));
        lines.addAll(List.of("", "kubectl canary " + verbs.getFirst().words() + " --help tells more, with examples."));
        return lines;
    }

    private static List<String> ofVerb(Verb verb) {
        Usage usage = verb.usage();
        List<String> lines = new ArrayList<>(wrapped(usage.summary() + ".", ""));
        if (!usage.text().isEmpty()) {
            lines.add("");
            lines.addAll(wrapped(usage.text(), ""));
        }
        lines.addAll(List.of("", "Usage:"));
        for (String form : usage.arguments().split(" \\| (?=APP)", -1)) {
            lines.add(("  kubectl canary " + verb.words() + " " + form).stripTrailing() + " [flags]");
        }
        lines.addAll(List.of("", "Examples:"));
        usage.examples().forEach(line -> lines.add("  " + line));
        lines.addAll(List.of("", "Flags:"));
        lines.addAll(flags(usage.allFlags()));
        lines.addAll(List.of("", "kubectl's flags are taken too: kubectl canary options"));
        return lines;
    }

    /// kubectl's global flags.
    public static List<String> options() {
        List<String> lines = new ArrayList<>(List.of("Every verb takes these and hands them to kubectl:", ""));
        lines.addAll(flags(KubectlFlags.all().stream()));
        return lines;
    }

    private static List<String> flags(Stream<Flag> flags) {
        List<Flag> all = flags.toList();
        int width = Math.min(
                34, all.stream().mapToInt(flag -> flag.shown().length()).max().orElse(0) + 2);
        List<String> lines = new ArrayList<>();
        for (Flag flag : all) {
            String choices = flag.choices().isEmpty() ? "" : " (" + String.join(", ", flag.choices()) + ")";
            lines.addAll(row("  " + flag.shown(), width + 2, flag.help() + choices));
        }
        return lines;
    }

    /// `head`, then `text` from column `column` on: on a line of its own where the head is too long.
    private static List<String> row(String head, int column, String text) {
        List<String> row = new ArrayList<>(wrapped(text, " ".repeat(column)));
        if (head.length() >= column) {
            row.addFirst(head);
        } else {
            row.set(0, head + row.getFirst().substring(head.length()));
        }
        return row;
    }

    /// `text` in lines of at most 80 columns, each behind `indent`.
    private static List<String> wrapped(String text, String indent) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(indent);
        for (String word : text.split(" ", -1)) {
            if (line.length() + 1 + word.length() > WIDTH && line.length() > indent.length()) {
                lines.add(line.toString());
                line = new StringBuilder(indent);
            }
            line.append(line.length() == indent.length() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
