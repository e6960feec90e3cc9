// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.app.Weight;
import io.canary.domain.policy.Action;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.PolicyRule;
import io.canary.domain.policy.Times;
import io.canary.domain.policy.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What several policies together come to in one rule: the least of maxima, the greatest of minima, all that is
/// required, what all allow (policy.md section 2).
///
/// @param value as a person reads it
/// @param setBy names of the policies that make it so
/// @param action what is done where it is broken: `Deny`, `Warn`, `Audit`, or until when it is exempt
public record EffectiveLimit(PolicyRule rule, String value, List<String> setBy, String action) {
    public EffectiveLimit {
        setBy = List.copyOf(setBy);
    }

    private record Value(String text, List<Policy> by) {}

    /// The limits of `policies`, for each rule and each thing that is done about it: what only warns does not make what
    /// is refused any stricter.
    public static List<EffectiveLimit> of(List<Policy> policies, String namespace, Instant now) {
        List<EffectiveLimit> limits = new ArrayList<>();
        for (PolicyRule rule : PolicyRule.values()) {
            Map<String, List<Policy>> byAction = new LinkedHashMap<>();
            Stream.of(Action.values()).forEach(action -> byAction.put(action.text(), new ArrayList<>()));
            policies.stream()
                    .filter(policy -> policy.has(rule))
                    .forEach(policy -> byAction.computeIfAbsent(
                                    action(policy, rule, namespace, now), _ -> new ArrayList<>())
                            .add(policy));
            byAction.forEach((action, of) -> {
                if (!of.isEmpty()) {
                    Value value = value(rule, of, namespace);
                    limits.add(new EffectiveLimit(
                            rule,
                            value.text(),
                            value.by().stream().map(Policy::name).sorted().toList(),
                            action));
                }
            });
        }
        return limits;
    }

    private static String action(Policy policy, PolicyRule rule, String namespace, Instant now) {
        Optional<Policy.Exemption> exempt = policy.exempts(namespace, rule, now);
        return exempt.map(exemption -> "exempt until " + Times.text(exemption.until()))
                .orElseGet(() -> Stream.of(Action.values())
                        .filter(action -> policy.actionsOf(rule).contains(action))
                        .findFirst()
                        .orElse(Action.AUDIT)
                        .text());
    }

    private static Value value(PolicyRule rule, List<Policy> of, String namespace) {
        return switch (rule) {
            case WINDOWS -> all(of, policy -> policy.windows().stream().map(EffectiveLimit::window), ", ");
            case AUTHORIZATION -> new Value("verbs on releases.canary.io", of);
            case MAX_WEIGHT -> extreme(of, Policy::maxWeight, Comparator.naturalOrder(), EffectiveLimit::percent);
            case MAX_STEP -> extreme(of, Policy::maxStep, Comparator.naturalOrder(), EffectiveLimit::percent);
            case WEIGHT_BY_AGE -> byAge(of);
            case REQUIRED_ANALYSIS ->
                all(of, policy -> Stream.ofNullable(policy.requiredAnalysis()).map(EffectiveLimit::analysis), "; ");
            case SEPARATION_OF_DUTIES ->
                extreme(of, Policy::separateAbove, Comparator.naturalOrder(), above -> "above " + percent(above));
            case MIN_REPLICAS ->
                extreme(of, Policy::minReplicas, Comparator.reverseOrder(), count -> Integer.toString(count));
            case MAX_SPLIT_ERROR ->
                extreme(of, Policy::maxSplitError, Comparator.naturalOrder(), EffectiveLimit::percent);
            case REQUIRED_LABELS -> all(of, policy -> policy.requiredLabels().stream(), ", ");
            case HOSTS -> allowed(of, policy -> hosts(policy, namespace));
            case GATEWAYS -> allowed(of, Policy::gateways);
            case IMAGES -> images(of);
        };
    }

    private static String percent(int basisPoints) {
        return Weight.percent(basisPoints) + "%";
    }

    private static String window(Window window) {
        return window.name() + (window.kind() == Window.Kind.ALLOW ? " (only in it)" : "");
    }

    private static String analysis(Policy.Analysis required) {
        return (required.metrics().isEmpty() ? "any metric" : String.join(", ", required.metrics())) + " above "
                + percent(required.above());
    }

    /// The strictest number, and who says it.
    private static Value extreme(
            List<Policy> of,
            Function<Policy, @Nullable Integer> number,
            Comparator<Integer> strictestFirst,
            Function<Integer, String> text) {
        Integer strictest = of.stream()
                .flatMap(policy -> Stream.ofNullable(number.apply(policy)))
                .min(strictestFirst)
                .orElseThrow();
        return new Value(
                text.apply(strictest),
                of.stream()
                        .filter(policy -> strictest.equals(number.apply(policy)))
                        .toList());
    }

    /// All that any of them says, each once.
    private static Value all(List<Policy> of, Function<Policy, Stream<String>> texts, String between) {
        return new Value(of.stream().flatMap(texts).distinct().collect(Collectors.joining(between)), of);
    }

    /// What all of them allow: lists with patterns are told side by side.
    private static Value allowed(List<Policy> of, Function<Policy, @Nullable List<String>> list) {
        List<String> lists = of.stream()
                .map(policy -> {
                    List<String> allowed = list.apply(policy);
                    return allowed == null || allowed.isEmpty() ? "none" : String.join(", ", allowed);
                })
                .distinct()
                .toList();
        return new Value(String.join("; and of these: ", lists), of);
    }

    private static @Nullable List<String> hosts(Policy policy, String namespace) {
        List<String> hosts = policy.hosts();
        return hosts == null
                ? null
                : hosts.stream()
                        .map(host -> host.replace("{namespace}", namespace))
                        .toList();
    }

    /// The least that any of them allows at each age.
    private static Value byAge(List<Policy> of) {
        List<Duration> ages = Stream.concat(
                        Stream.of(Duration.ZERO),
                        of.stream()
                                .flatMap(policy -> policy.weightByAge().stream().map(Policy.Aged::after)))
                .distinct()
                .sorted()
                .toList();
        List<String> steps = new ArrayList<>();
        int last = -1;
        for (Duration age : ages) {
            int max = of.stream().mapToInt(policy -> policy.maxAt(age)).min().orElse(Weight.ALL);
            if (max != last) {
                steps.add(percent(max) + " from " + Times.text(age));
                last = max;
            }
        }
        return new Value(String.join(", ", steps), of);
    }

    private enum Image {
        TAG("a tag or digest"),
        FIXED("not latest"),
        DIGEST("a digest");

        private final String text;

        Image(String text) {
            this.text = text;
        }
    }

    private static Value images(List<Policy> of) {
        Map<Image, Boolean> required = new EnumMap<>(Image.class);
        List<String> registries = new ArrayList<>();
        for (Policy policy : of) {
            required.merge(Image.TAG, policy.images().tag(), Boolean::logicalOr);
            required.merge(Image.FIXED, policy.images().fixed(), Boolean::logicalOr);
            required.merge(Image.DIGEST, policy.images().digest(), Boolean::logicalOr);
            if (!policy.images().registries().isEmpty()) {
                registries.add("from " + String.join(", ", policy.images().registries()));
            }
        }
        return new Value(
                Stream.concat(
                                required.entrySet().stream()
                                        .filter(Map.Entry::getValue)
                                        .map(each -> each.getKey().text),
                                registries.stream().distinct())
                        .collect(Collectors.joining("; ")),
                of);
    }
}
