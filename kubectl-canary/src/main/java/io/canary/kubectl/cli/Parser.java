// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads one command line by the [Usage] of its verb.
final class Parser {
    private static final String HELP_ALL = "kubectl canary --help";

    private final Verb verb;
    private final Usage usage;
    private final List<String> words;
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, List<String>> flags = new LinkedHashMap<>();
    private final List<String> kubectl = new ArrayList<>();
    private int next;

    private Parser(Verb verb, List<String> words) {
        this.verb = verb;
        this.usage = verb.usage();
        this.words = words;
    }

    static CommandLine parse(List<String> words) {
        List<Integer> plain = plainWords(words);
        for (int length = Math.min(2, plain.size()); length > 0; length--) {
            List<Integer> taken = plain.subList(0, length);
            Optional<Verb> verb =
                    Verb.named(String.join(" ", taken.stream().map(words::get).toList()));
            if (verb.isPresent()) {
                List<String> rest = new ArrayList<>(words);
                taken.reversed().forEach(at -> rest.remove((int) at));
                return new Parser(verb.get(), rest).read();
            }
        }
        return withoutVerb(words, plain);
    }

    /// Where the first three words stand that are neither flags nor their values: kubectl's flags may come first.
    private static List<Integer> plainWords(List<String> words) {
        List<Integer> plain = new ArrayList<>();
        for (int i = 0; i < words.size() && plain.size() < 3; i++) {
            String word = words.get(i);
            if (!word.startsWith("-")) {
                plain.add(i);
            } else if (!word.contains("=")
                    && common(word).filter(Flag::takesValue).isPresent()) {
                i++;
            }
        }
        return plain;
    }

    private static Optional<Flag> common(String word) {
        if (word.equals("--" + Usage.COLOR.name())) {
            return Optional.of(Usage.COLOR);
        }
        return word.startsWith("--")
                ? KubectlFlags.named(word.substring(2))
                : word.length() == 2 ? KubectlFlags.shorthand(word.substring(1)) : Optional.empty();
    }

    private static CommandLine withoutVerb(List<String> words, List<Integer> plain) {
        if (plain.isEmpty()) {
            List<String> odd = words.stream()
                    .filter(word ->
                            word.startsWith("-") && !List.of("-h", "--help").contains(word))
                    .filter(word -> common(word.split("=", 2)[0]).isEmpty())
                    .toList();
            return odd.isEmpty()
                    ? new CommandLine.Help(List.of())
                    : new CommandLine.Wrong("unknown flag " + Words.quoted(odd.getFirst()), HELP_ALL);
        }
        String first = words.get(plain.getFirst());
        List<String> all = plain.stream().map(words::get).toList();
        if (first.equals("help") && all.size() == 1) {
            return new CommandLine.Help(List.of());
        }
        List<Verb> about = Verb.startingWith(first.equals("help") ? all.subList(1, all.size()) : all);
        if (!about.isEmpty() && (first.equals("help") || all.size() == 1)) {
            return new CommandLine.Help(about);
        }
        String typed = String.join(
                " ",
                first.equals("help")
                        ? all.subList(1, 2)
                        : first.equals("set") || first.equals("policy")
                                ? all.stream().limit(2).toList()
                                : all.subList(0, 1));
        String nearest = Words.nearest(typed, Verb.names());
        return new CommandLine.Wrong(
                "unknown command " + Words.quoted(typed),
                nearest.isEmpty() ? HELP_ALL : "did you mean: kubectl canary " + nearest);
    }

    private CommandLine read() {
        while (next < words.size()) {
            String word = words.get(next++);
            if (word.equals("--")) {
                arguments.addAll(words.subList(next, words.size()));
                break;
            }
            String wrong = null;
            if (word.startsWith("--")) {
                wrong = longFlag(word.substring(2));
            } else if (word.startsWith("-") && word.length() > 1) {
                wrong = shortFlags(word.substring(1));
            } else {
                arguments.add(word);
            }
            if (wrong != null) {
                return wrong(wrong);
            }
        }
        if (flags.containsKey(Usage.HELP.name())) {
            return new CommandLine.Help(List.of(verb));
        }
        int given = arguments.size();
        boolean chosen = usage.completes() == Usage.Completes.APPS && flags.containsKey(Flags.CHOOSING.name());
        if (given < (usage.completes() == Usage.Completes.APPS && !chosen ? 1 : usage.least())) {
            return wrong("%s needs %s".formatted(verb.words(), usage.arguments().replace("APP...", "APP")));
        }
        if (usage.most() >= 0 && given > usage.most()) {
            return wrong("%s takes %s; %s is too much"
                    .formatted(
                            verb.words(),
                            usage.arguments().isEmpty() ? "no argument" : usage.arguments(),
                            Words.quoted(arguments.get(usage.most()))));
        }
        return new CommandLine.Run(verb, new Arguments(usage, arguments, flags, kubectl));
    }

    private CommandLine wrong(String error) {
        return new CommandLine.Wrong(error, "kubectl canary " + verb.words() + " --help");
    }

    /// `name`, `name=value`; returns what is wrong, or null.
    private @Nullable String longFlag(String text) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals);
        Optional<Flag> flag = usage.named(name);
        if (flag.isEmpty()) {
            String nearest = Words.nearest(name, usage.names());
            return "unknown flag " + Words.quoted("--" + name)
                    + (nearest.isEmpty() ? "" : "; did you mean --" + nearest + "?");
        }
        return take(flag.get(), equals < 0 ? null : text.substring(equals + 1));
    }

    /// `A`, `Aw`, `ojson`, `o=json`, as kubectl reads them.
    private @Nullable String shortFlags(String letters) {
        for (int i = 0; i < letters.length(); i++) {
            Optional<Flag> flag = usage.shorthand(letters.substring(i, i + 1));
            if (flag.isEmpty()) {
                return "unknown shorthand " + Words.quoted("-" + letters.charAt(i));
            }
            boolean last = i == letters.length() - 1;
            if (flag.get().takesValue() && !last) {
                String value = letters.substring(i + 1);
                return take(flag.get(), value.startsWith("=") ? value.substring(1) : value);
            }
            String wrong = take(flag.get(), null);
            if (wrong != null) {
                return wrong;
            }
        }
        return null;
    }

    private @Nullable String take(Flag flag, @Nullable String given) {
        String value = given;
        if (value == null && flag.takesValue()) {
            if (next >= words.size()) {
                return "flag --" + flag.name() + " needs a value";
            }
            value = words.get(next++);
        }
        if (!flag.takesValue() && value != null && !List.of("true", "false").contains(value)) {
            return "flag --" + flag.name() + " is true or false, not " + Words.quoted(value);
        }
        if (flag.kind() != Flag.Kind.SWITCH
                && value != null
                && !flag.choices().isEmpty()
                && !flag.choices().contains(value)
                && !flag.choices().contains(value.split("=", 2)[0] + "=")) {
            String instead = value.startsWith("go-template") ? "; jsonpath= can do the same" : "";
            return "--%s: %s is not one of %s%s"
                    .formatted(flag.name(), Words.quoted(value), String.join(", ", flag.choices()), instead);
        }
        String kept = value == null ? "true" : value;
        if (KubectlFlags.named(flag.name()).filter(flag::equals).isPresent()) {
            kubectl.add("--" + flag.name() + "=" + kept);
        }
        if (flag.kind() == Flag.Kind.MANY) {
            flags.computeIfAbsent(flag.name(), _ -> new ArrayList<>()).add(kept);
        } else {
            flags.put(flag.name(), new ArrayList<>(List.of(kept)));
        }
        return null;
    }
}
