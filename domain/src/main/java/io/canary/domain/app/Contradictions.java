// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What the objects of one app contradict each other about (design section 4): admission warns of it, the planner
/// holds the last good shares, the plugin refuses it.
public final class Contradictions {
    private Contradictions() {}

    /// All contradictions of `app`, the weightiest first; empty while it has no version.
    public static List<Problem> of(App app) {
        List<Problem> problems = new ArrayList<>();
        if (!app.versions().isEmpty()) {
            problems.addAll(tools(app));
            stable(app).ifPresent(problems::add);
            sum(app).ifPresent(problems::add);
            problems.addAll(duplicates(app));
        }
        return problems;
    }

    /// The version that is asked to be stable, or null where none can be told: `canary.io/stable`, else the Release,
    /// else the only version, else the only one without a weight (design section 4).
    public static @Nullable String askedStable(App app) {
        String named = named(app);
        if (named != null) {
            return app.version(named).isPresent() ? named : null;
        }
        String recorded = recorded(app);
        if (recorded != null) {
            return recorded;
        }
        List<String> names = names(app.versions());
        if (names.size() == 1) {
            return names.getFirst();
        }
        List<String> weightless = names(app.versions().stream()
                .filter(v -> v.get(CanaryKey.WEIGHT) == null)
                .toList());
        return weightless.size() == 1 ? weightless.getFirst() : null;
    }

    /// The version that is or becomes stable: the one that is asked to be it, else the one of record.
    public static @Nullable String stableOrRecorded(App app) {
        String asked = askedStable(app);
        Release release = app.release();
        return asked != null || release == null ? asked : release.stable();
    }

    /// A sum above 100 as seen by whoever edits `deployment`: who holds what, and how much is left.
    public static Optional<Problem> sumSeenFrom(App app, String deployment) {
        Map<String, Integer> asked = summed(app);
        Optional<Version> edited = app.versions().stream()
                .filter(v -> v.deployment().name().equals(deployment))
                .findFirst();
        if (total(asked) <= Weight.ALL || edited.isEmpty() || !asked.containsKey(deployment)) {
            return sum(app);
        }
        int others = total(asked) - asked.getOrDefault(deployment, 0);
        String holders = asked.entrySet().stream()
                .filter(e -> !e.getKey().equals(deployment))
                .map(e -> e.getKey() + " holds " + Weight.percent(e.getValue()))
                .collect(Collectors.joining(", "));
        return Optional.of(Problem.of(
                CanaryKey.WEIGHT,
                "sum would be " + Weight.percent(total(asked)) + ": " + holders + ", "
                        + Weight.percent(Math.max(0, Weight.ALL - others)) + " is left",
                ""));
    }

    private static Optional<Problem> sum(App app) {
        Map<String, Integer> asked = summed(app);
        if (total(asked) <= Weight.ALL) {
            return Optional.empty();
        }
        String holders = asked.entrySet().stream()
                .map(e -> e.getKey() + " " + Weight.percent(e.getValue()))
                .collect(Collectors.joining(", "));
        return Optional.of(Problem.of(
                CanaryKey.WEIGHT,
                "sum is " + Weight.percent(total(asked)) + ", at most 100: " + holders,
                "lower one of them"));
    }

    /// What counts in the sum, in basis points by Deployment: neither the stable's own weight, nor, while another
    /// version is being promoted, that of the stable of record; a single version has everything, whatever it asks.
    /// Where no stable can be told and none is of record, the one that asks most is taken for it: the sum is too
    /// large only where it is so whichever is chosen.
    private static Map<String, Integer> summed(App app) {
        if (names(app.versions()).size() < 2) {
            return Map.of();
        }
        String asked = askedStable(app);
        String recorded = recorded(app);
        String stable = asked != null || recorded != null
                ? asked
                : app.versions().stream()
                        .max(Comparator.comparingInt(Version::askedBasisPoints))
                        .map(Version::name)
                        .orElse(null);
        Map<String, Integer> sum = new TreeMap<>();
        app.versions().stream()
                .filter(v -> v.askedBasisPoints() > 0)
                .filter(v -> !v.name().equals(stable) && !v.name().equals(recorded))
                .forEach(v -> sum.put(v.deployment().name(), v.askedBasisPoints()));
        return sum;
    }

    private static Optional<Problem> stable(App app) {
        if (askedStable(app) != null) {
            return Optional.empty();
        }
        List<String> names = names(app.versions());
        String cure = "kubectl annotate --overwrite service " + app.name() + " " + CanaryKey.STABLE.text() + "="
                + names.getFirst();
        String named = named(app);
        return Optional.of(
                named != null
                        ? Problem.of(
                                CanaryKey.STABLE,
                                Names.quoted(named) + " is no version of " + app.name() + ", which has "
                                        + listed(names),
                                cure)
                        : Problem.of(
                                CanaryKey.STABLE,
                                "cannot tell which version of " + app.name() + " is stable: " + listed(names),
                                cure));
    }

    private static List<Problem> duplicates(App app) {
        Map<String, List<String>> byName = app.versions().stream()
                .collect(Collectors.groupingBy(
                        Version::name,
                        TreeMap::new,
                        Collectors.mapping(v -> v.deployment().name(), Collectors.toList())));
        return byName.entrySet().stream()
                .filter(e -> e.getValue().size() > 1)
                .map(e -> Problem.of(
                        CanaryKey.VERSION,
                        "Deployments " + listed(e.getValue().stream().sorted().toList()) + " are all version "
                                + Names.quoted(e.getKey()) + " of " + app.name(),
                        "give one of them another version label"))
                .toList();
    }

    private static List<Problem> tools(App app) {
        List<Problem> problems = new ArrayList<>();
        ServiceFacts root = app.root();
        if (root != null && root.tool() != null) {
            problems.add(runBy("Service " + root.name(), root.tool()));
        }
        for (Version version : app.versions()) {
            OtherTool tool = version.deployment().tool();
            if (tool != null) {
                problems.add(runBy("Deployment " + version.deployment().name(), tool));
            }
        }
        return problems;
    }

    private static Problem runBy(String object, OtherTool tool) {
        return new Problem(
                "metadata",
                object + " is run by " + tool.title() + ", which writes replicas and routes too",
                "take it out of " + tool.title() + ", or remove the keys of Canary");
    }

    private static @Nullable String named(App app) {
        ServiceFacts root = app.root();
        return root == null ? null : Settings.of(root.annotations()).stable();
    }

    /// The stable of record, unless it went: its Deployment was deleted (design 5.7).
    private static @Nullable String recorded(App app) {
        Release release = app.release();
        String stable = release == null ? null : release.stable();
        return stable != null && app.version(stable).isPresent() ? stable : null;
    }

    private static int total(Map<String, Integer> asked) {
        return asked.values().stream().mapToInt(Integer::intValue).sum();
    }

    private static List<String> names(List<Version> versions) {
        return versions.stream().map(Version::name).distinct().sorted().toList();
    }

    /// `v1, v2 and v3`.
    private static String listed(List<String> names) {
        return IntStream.range(0, names.size())
                .mapToObj(i -> (i == 0 ? "" : i == names.size() - 1 ? " and " : ", ") + names.get(i))
                .collect(Collectors.joining());
    }
}
