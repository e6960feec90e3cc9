// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import io.canary.domain.app.ImageReference;
import io.canary.domain.app.Names;
import io.canary.domain.app.Release;
import io.canary.domain.app.Weight;
import io.canary.domain.share.ReplicaSplit;
import io.canary.domain.share.Total;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Judges moves by policies: the one engine of webhook, reconciler, report and plugin (policy.md section 3). The rules
/// are the methods below, one each.
public final class Judge {
    private Judge() {}

    /// What `policies` say of `move` at `now`.
    public static Ruling judge(Move move, Policies policies, Asker asker, Instant now) {
        List<Finding> findings = findings(move, policies, asker, now, _ -> true);
        boolean refused = findings.stream().anyMatch(finding -> finding.outcome() == Finding.Outcome.DENIED);
        return new Ruling(findings, refused && move.kind().ofWeight() ? passes(move, policies, asker, now) : "");
    }

    /// What holds of a state, whoever made it: the rules of state alone, each broken one with what it does. Where
    /// [Move.Judged#override] is set, its use was allowed when it was written.
    public static List<Finding> state(Move move, Policies policies, Instant now) {
        return findings(move, policies, nobody(move), now, PolicyRule::ofState);
    }

    /// The same without windows: they are of changes, and cost the most.
    public static List<Finding> lasting(Move move, Policies policies, Instant now) {
        return findings(move, policies, nobody(move), now, rule -> rule.ofState() && rule != PolicyRule.WINDOWS);
    }

    private static Asker nobody(Move move) {
        return new Asker(
                "", Map.of(Verb.OVERRIDE.on(move.app().namespace(), move.app().name()), true));
    }

    private static List<Finding> findings(
            Move move, Policies policies, Asker asker, Instant now, Predicate<PolicyRule> asked) {
        List<Finding> findings = new ArrayList<>();
        policies.about(move.judged()).forEach(policy -> {
            for (PolicyRule rule : policy.rules()) {
                if (asked.test(rule) && move.kind().under(rule)) {
                    broken(rule, move, policy, asker, now)
                            .ifPresent(value -> findings.add(
                                    new Finding(policy.name(), rule, outcome(rule, move, policy, asker, now), value)));
                }
            }
        });
        return findings;
    }

    /// The most that the limits of state let the version of `move` ask for at `now`; empty where nothing limits it.
    public static Optional<Release.Limit> limit(Move move, Policies policies, Instant now) {
        return policies.about(move.judged())
                .flatMap(policy -> limit(move, policy, now).stream())
                .min(Comparator.comparingInt(Release.Limit::max).thenComparing(Release.Limit::policy));
    }

    private static Optional<Release.Limit> limit(Move move, Policy policy, Instant now) {
        int max = Weight.ALL;
        Instant until = null;
        if (policy.refuses(PolicyRule.MAX_WEIGHT, move.app().namespace(), now) && policy.maxWeight() != null) {
            max = policy.maxWeight();
        }
        Policy.Analysis analysis = policy.requiredAnalysis();
        if (policy.refuses(PolicyRule.REQUIRED_ANALYSIS, move.app().namespace(), now)
                && analysis != null
                && analysis.above() < max
                && !missing(move, analysis).isEmpty()) {
            max = analysis.above();
        }
        Duration age = move.age(now);
        if (policy.refuses(PolicyRule.WEIGHT_BY_AGE, move.app().namespace(), now) && policy.maxAt(age) < max) {
            max = policy.maxAt(age);
            until = policy.ageFor(max + 1).map(move::reaches).orElse(null);
        }
        return max == Weight.ALL ? Optional.empty() : Optional.of(new Release.Limit(max, policy.name(), until));
    }

    /// The greatest weight above the present one that nothing refuses; empty where no raise passes now.
    public static OptionalInt greatest(Move move, Policies policies, Asker asker, Instant now) {
        if (refused(move, policies, asker, now, false)) {
            return OptionalInt.empty();
        }
        int ceiling = policies.about(move.judged())
                .mapToInt(policy -> ceiling(move, policy, asker, now))
                .min()
                .orElse(Weight.ALL);
        int lowest = move.kind() == Move.Kind.RENEW ? 1 : move.from() + 1;
        for (int weight = ceiling; weight >= lowest; weight = (weight - 1) / 100 * 100) {
            if (!refused(move.to(weight), policies, asker, now, true)) {
                return OptionalInt.of(weight);
            }
        }
        return OptionalInt.empty();
    }

    /// @param byWeight whether the rules are asked that another weight may satisfy, or those that none can
    private static boolean refused(Move move, Policies policies, Asker asker, Instant now, boolean byWeight) {
        return policies.about(move.judged())
                .anyMatch(policy -> policy.rules().stream()
                        .anyMatch(rule -> rule.ofWeight() == byWeight
                                && move.kind().under(rule)
                                && broken(rule, move, policy, asker, now).isPresent()
                                && outcome(rule, move, policy, asker, now) == Finding.Outcome.DENIED));
    }

    /// As `allowed now 10..25 (weightByAge, 25 until 2026-11-29T14:30Z)`.
    private static String passes(Move move, Policies policies, Asker asker, Instant now) {
        Move plain = move.plain();
        OptionalInt greatest = greatest(plain, policies, asker, now);
        String until = policies.about(move.judged())
                .filter(policy ->
                        policy.refuses(PolicyRule.WEIGHT_BY_AGE, plain.app().namespace(), now))
                .filter(policy -> greatest.isPresent() && policy.maxAt(move.age(now)) == greatest.getAsInt())
                .flatMap(policy -> policy.ageFor(greatest.getAsInt() + 1).stream())
                .map(age -> " (weightByAge, " + Weight.percent(greatest.getAsInt()) + " until "
                        + Optional.ofNullable(move.reaches(age))
                                .map(Times::text)
                                .orElse("age " + Times.text(age))
                        + ")")
                .findFirst()
                .orElse("");
        if (move.kind() == Move.Kind.RENEW) {
            return greatest.isPresent()
                    ? "a new pod template is allowed now up to weight " + Weight.percent(greatest.getAsInt()) + until
                    : "no new pod template is allowed now";
        }
        return greatest.isPresent()
                ? "allowed now " + Weight.percent(move.from()) + ".." + Weight.percent(greatest.getAsInt()) + until
                : "no raise is allowed now";
    }

    /// The most that the plain limits of `policy` let pass.
    private static int ceiling(Move move, Policy policy, Asker asker, Instant now) {
        int ceiling = Weight.ALL;
        if (policy.refuses(PolicyRule.MAX_WEIGHT, move.app().namespace(), now) && policy.maxWeight() != null) {
            ceiling = Math.min(ceiling, policy.maxWeight());
        }
        if (policy.refuses(PolicyRule.MAX_STEP, move.app().namespace(), now) && policy.maxStep() != null) {
            ceiling = Math.min(ceiling, move.from() + policy.maxStep());
        }
        if (policy.refuses(PolicyRule.WEIGHT_BY_AGE, move.app().namespace(), now)) {
            ceiling = Math.min(ceiling, policy.maxAt(move.age(now)));
        }
        Policy.Analysis analysis = policy.requiredAnalysis();
        if (policy.refuses(PolicyRule.REQUIRED_ANALYSIS, move.app().namespace(), now)
                && analysis != null
                && !missing(move, analysis).isEmpty()) {
            ceiling = Math.min(ceiling, analysis.above());
        }
        Integer separate = policy.separateAbove();
        if (policy.refuses(PolicyRule.SEPARATION_OF_DUTIES, move.app().namespace(), now)
                && separate != null
                && separation(move.to(Weight.ALL), separate, asker).isPresent()) {
            ceiling = Math.min(ceiling, separate);
        }
        return ceiling;
    }

    private static Finding.Outcome outcome(PolicyRule rule, Move move, Policy policy, Asker asker, Instant now) {
        if (policy.exempts(move.app().namespace(), rule, now).isPresent()) {
            return Finding.Outcome.EXEMPTED;
        }
        if (!policy.actionsOf(rule).contains(Action.DENY)) {
            return policy.actionsOf(rule).contains(Action.WARN) ? Finding.Outcome.WARNED : Finding.Outcome.AUDITED;
        }
        boolean overrides = move.judged().override() != null
                && policy.breakGlass()
                && asker.may(Verb.OVERRIDE.on(move.app().namespace(), move.app().name()));
        return overrides ? Finding.Outcome.OVERRIDDEN : Finding.Outcome.DENIED;
    }

    /// What of `move` breaks `rule` of `policy`; empty where it does not.
    private static Optional<String> broken(PolicyRule rule, Move move, Policy policy, Asker asker, Instant now) {
        return switch (rule) {
            case WINDOWS -> windows(policy, now);
            case AUTHORIZATION -> authorization(move, asker);
            case MAX_WEIGHT -> above(move, policy.maxWeight());
            case MAX_STEP -> step(move, policy.maxStep());
            case WEIGHT_BY_AGE -> age(move, policy, now);
            case REQUIRED_ANALYSIS -> analysis(move, policy.requiredAnalysis());
            case SEPARATION_OF_DUTIES -> separation(move, policy.separateAbove(), asker);
            case MIN_REPLICAS -> replicas(move, policy.minReplicas());
            case MAX_SPLIT_ERROR -> splitError(move, policy.maxSplitError());
            case REQUIRED_LABELS -> labels(move, policy.requiredLabels());
            case HOSTS -> hosts(move, policy.hosts());
            case GATEWAYS -> gateways(move, policy.gateways());
            case IMAGES -> images(move, policy.images());
        };
    }

    private static Optional<String> windows(Policy policy, Instant now) {
        Freeze freeze = policy.frozenAt(now);
        return freeze.active() ? Optional.of(freeze.text()) : Optional.empty();
    }

    private static Optional<String> authorization(Move move, Asker asker) {
        Verb verb = move.kind().verb().orElse(null);
        if (verb == null || asker.may(verb.on(move.app().namespace(), move.app().name()))) {
            return Optional.empty();
        }
        return Optional.of("user " + Names.quoted(asker.name()) + " may not " + verb.text() + " "
                + move.app().name() + " (verb " + verb.text() + " on releases.canary.io)");
    }

    private static Optional<String> above(Move move, @Nullable Integer max) {
        return max != null && move.to() > max
                ? Optional.of("weight " + Weight.percent(move.to()) + " > " + Weight.percent(max))
                : Optional.empty();
    }

    private static Optional<String> step(Move move, @Nullable Integer max) {
        int step = move.to() - move.from();
        return max != null && step > max
                ? Optional.of("step " + Weight.percent(step) + " > " + Weight.percent(max) + " (from "
                        + Weight.percent(move.from()) + " to " + Weight.percent(move.to()) + ")")
                : Optional.empty();
    }

    private static Optional<String> age(Move move, Policy policy, Instant now) {
        Duration age = move.age(now);
        int max = policy.maxAt(age);
        if (move.to() <= max) {
            return Optional.empty();
        }
        String from = policy.ageFor(move.to())
                .map(needed -> Optional.ofNullable(move.reaches(needed))
                        .map(at -> ", possible from " + Times.text(at))
                        .orElse(", possible at age " + Times.text(needed)))
                .orElse("");
        return Optional.of(move.wish() + " > " + Weight.percent(max) + " at age " + Times.text(age) + from);
    }

    private static Optional<String> analysis(Move move, Policy.@Nullable Analysis required) {
        if (required == null || move.to() <= required.above()) {
            return Optional.empty();
        }
        List<String> missing = missing(move, required);
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(move.wish() + " > " + Weight.percent(required.above()) + " without a verdict on "
                        + String.join(", ", missing) + " for this pod template");
    }

    private static List<String> missing(Move move, Policy.Analysis required) {
        Release.Verdict verdict = move.verdict();
        List<String> passed = verdict == null ? List.of() : verdict.metrics();
        List<String> missing = required.metrics().stream()
                .filter(metric -> !passed.contains(metric))
                .toList();
        return required.metrics().isEmpty() && verdict == null ? List.of("any metric") : missing;
    }

    private static Optional<String> separation(Move move, @Nullable Integer above, Asker asker) {
        if (above == null || move.to() <= above) {
            return Optional.empty();
        }
        Release.Begun begun = move.begun();
        boolean starts = move.kind() == Move.Kind.START || move.kind() == Move.Kind.RENEW;
        String starter = starts ? asker.name() : begun == null ? "" : begun.by();
        if (!starter.isEmpty() && !starter.equals(asker.name())) {
            return Optional.empty();
        }
        String limit = move.wish() + " > " + Weight.percent(above);
        return Optional.of(
                starts
                        ? limit + ": who starts a release raises it no further"
                        : starter.isEmpty()
                                ? limit + ": who started " + move.version() + " is not known"
                                : limit + ": " + Names.quoted(starter) + " started " + move.version()
                                        + ", another must raise it");
    }

    private static Optional<String> replicas(Move move, @Nullable Integer min) {
        int total = move.pods().total();
        return min != null && total != Total.UNKNOWN && total < min
                ? Optional.of("total of " + total + " replicas < " + min)
                : Optional.empty();
    }

    private static Optional<String> splitError(Move move, @Nullable Integer max) {
        if (max == null || move.kind() == Move.Kind.PROMOTE) {
            return Optional.empty();
        }
        OptionalInt error = splitError(move);
        return error.isPresent() && error.getAsInt() > max
                ? Optional.of("weight " + Weight.percent(move.to()) + " by pods misses by "
                        + Weight.percent(error.getAsInt()) + " > " + Weight.percent(max) + " with "
                        + move.pods().total() + " replicas")
                : Optional.empty();
    }

    /// Basis points between what is asked and what whole pods give; empty where routes divide, or pods are not known.
    static OptionalInt splitError(Move move) {
        Move.Pods pods = move.pods();
        String stable = pods.stable();
        if (!pods.byPods() || pods.total() <= 0 || stable == null || stable.equals(move.version()) || move.to() == 0) {
            return OptionalInt.empty();
        }
        Map<String, Integer> shares = new HashMap<>(pods.others());
        shares.put(move.version(), move.to());
        int sum = shares.values().stream().mapToInt(Integer::intValue).sum();
        shares.put(stable, Math.max(0, Weight.ALL - sum));
        Map<String, Integer> parts = ReplicaSplit.of(pods.total(), shares, pods.newestFirst());
        int all = parts.values().stream().mapToInt(Integer::intValue).sum();
        long part = 2L * Weight.ALL * parts.getOrDefault(move.version(), 0);
        int effective = (int) ((part + all) / (2L * all)); // rounded to whole basis points
        return OptionalInt.of(Math.abs(effective - move.to()));
    }

    private static Optional<String> labels(Move move, List<String> required) {
        List<String> missing = required.stream()
                .filter(label -> !move.judged().labels().containsKey(label))
                .toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(move.judged().kind() + " "
                        + Names.shown(move.judged().name()) + " has no label " + String.join(", ", missing));
    }

    private static Optional<String> hosts(Move move, @Nullable List<String> allowed) {
        if (allowed == null) {
            return Optional.empty();
        }
        String namespace = move.app().namespace();
        List<String> others = move.judged().hosts().stream()
                .filter(host -> !Patterns.allowsHost(allowed, namespace, host))
                .toList();
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of("host " + shown(others) + " is none of "
                        + allowed.stream()
                                .map(pattern -> pattern.replace("{namespace}", namespace))
                                .collect(Collectors.joining(", ")));
    }

    private static Optional<String> gateways(Move move, @Nullable List<String> allowed) {
        if (allowed == null) {
            return Optional.empty();
        }
        List<String> others = move.judged().gateways().stream()
                .filter(gateway -> !allowed.contains(gateway))
                .toList();
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of("Gateway " + shown(others) + " is none of " + String.join(", ", allowed));
    }

    private static String shown(List<String> texts) {
        return new TreeSet<>(texts).stream().map(Names::quoted).collect(Collectors.joining(", "));
    }

    private static Optional<String> images(Move move, Policy.Images required) {
        if (!required.equals(Policy.Images.ANY) && move.judged().images().size() >= ImageReference.MOST) {
            return Optional.of("more than " + (ImageReference.MOST - 1) + " images cannot be judged");
        }
        for (String text : move.judged().images()) {
            ImageReference image = ImageReference.of(text);
            String what = "image " + Names.quoted(text);
            if (required.digest() && image.digest().isEmpty()) {
                return Optional.of(what + " is not pinned by a digest");
            }
            if (required.tag() && image.untagged()) {
                return Optional.of(what + " has no tag");
            }
            if (required.fixed() && (image.moves() || image.untagged())) {
                return Optional.of(what + " is latest, which moves");
            }
            if (!Patterns.allowsImage(required.registries(), image.name())) {
                return Optional.of(what + " is from none of " + String.join(", ", required.registries()));
            }
        }
        return Optional.empty();
    }
}
