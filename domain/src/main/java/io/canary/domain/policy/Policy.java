// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A CanaryPolicy: limits for the apps that it matches (policy.md section 1). A limit that is null or empty is none.
///
/// @param actions what is done about a broken rule, but for those in `overridden`
/// @param maxWeight basis points, short of promotion
/// @param maxStep basis points upward in one change
/// @param weightByAge in the order of their ages
/// @param minReplicas least total of an app
/// @param maxSplitError basis points between the asked share and what whole pods give in replica mode
/// @param requiredAnalysis null for none
/// @param hosts patterns of canary domains, null where all are allowed
/// @param gateways `namespace/name` of those that managed routes may hang on, null where all are allowed
/// @param enforced whether the verbs of [Verb] are required
/// @param separateAbove basis points above which who raises is not who started; null for none
/// @param breakGlass whether whoever holds the verb `override` may pass its rules with a reason
public record Policy(
        String name,
        String uid,
        Set<Action> actions,
        Map<PolicyRule, Set<Action>> overridden,
        Match match,
        List<Exemption> exemptions,
        @Nullable Integer maxWeight,
        @Nullable Integer maxStep,
        List<Aged> weightByAge,
        @Nullable Integer minReplicas,
        @Nullable Integer maxSplitError,
        @Nullable Analysis requiredAnalysis,
        List<String> requiredLabels,
        @Nullable List<String> hosts,
        @Nullable List<String> gateways,
        Images images,
        boolean enforced,
        @Nullable Integer separateAbove,
        List<Window> windows,
        boolean breakGlass) {
    public Policy {
        actions = Set.copyOf(actions);
        overridden = Map.copyOf(overridden);
        exemptions = List.copyOf(exemptions);
        weightByAge =
                weightByAge.stream().sorted(Comparator.comparing(Aged::after)).toList();
        requiredLabels = List.copyOf(requiredLabels);
        hosts = hosts == null ? null : List.copyOf(hosts);
        gateways = gateways == null ? null : List.copyOf(gateways);
        windows = List.copyOf(windows);
    }

    /// Which apps it is about.
    ///
    /// @param selector of the labels of the judged object: Deployment, root Service or route
    /// @param excluded namespaces, `*` for any characters
    public record Match(Selector namespaces, Selector selector, List<String> excluded) {
        public static final Match ALL = new Match(Selector.ALL, Selector.ALL, List.of());

        public Match {
            excluded = List.copyOf(excluded);
        }

        /// Whether it is about `namespace` at all.
        public boolean covers(String namespace, Map<String, String> labels) {
            return namespaces.matches(labels)
                    && excluded.stream().noneMatch(pattern -> Patterns.matches(pattern, namespace));
        }
    }

    /// An exception with an end.
    public record Exemption(String name, List<String> namespaces, Set<PolicyRule> rules, Instant until, String reason) {
        public Exemption {
            namespaces = List.copyOf(namespaces);
            rules = Set.copyOf(rules);
        }

        public boolean activeAt(Instant now) {
            return now.isBefore(until);
        }
    }

    /// The most that a release may ask for once it is that old.
    ///
    /// @param max basis points
    public record Aged(Duration after, int max) {}

    /// What must be known good above a weight.
    ///
    /// @param above basis points
    /// @param metrics tokens as `success-rate` (analysis.md)
    public record Analysis(int above, List<String> metrics) {
        public Analysis {
            metrics = List.copyOf(metrics);
        }
    }

    /// What the images of a version must be.
    ///
    /// @param tag whether each must have one, or a digest
    /// @param fixed whether none may have the tag `latest`, or none at all, without a digest
    /// @param digest whether each must be pinned by one
    /// @param registries the beginnings of names that are allowed, up to a `/`; empty for all
    public record Images(boolean tag, boolean fixed, boolean digest, List<String> registries) {
        public static final Images ANY = new Images(false, false, false, List.of());

        public Images {
            registries = List.copyOf(registries);
        }
    }

    /// What is done where `rule` is broken.
    public Set<Action> actionsOf(PolicyRule rule) {
        return overridden.getOrDefault(rule, actions);
    }

    /// Whether some rule of it refuses.
    public boolean denies() {
        return rules().stream().anyMatch(rule -> actionsOf(rule).contains(Action.DENY));
    }

    /// Whether it has `rule` and refuses what breaks it in `namespace` at `now`.
    public boolean refuses(PolicyRule rule, String namespace, Instant now) {
        return has(rule)
                && actionsOf(rule).contains(Action.DENY)
                && exempts(namespace, rule, now).isEmpty();
    }

    /// The rules that it has.
    public Set<PolicyRule> rules() {
        Set<PolicyRule> rules = EnumSet.noneOf(PolicyRule.class);
        for (PolicyRule rule : PolicyRule.values()) {
            if (has(rule)) {
                rules.add(rule);
            }
        }
        return rules;
    }

    /// Whether it says anything about `rule`.
    public boolean has(PolicyRule rule) {
        return switch (rule) {
            case WINDOWS -> !windows.isEmpty();
            case AUTHORIZATION -> enforced;
            case MAX_WEIGHT -> maxWeight != null;
            case MAX_STEP -> maxStep != null;
            case WEIGHT_BY_AGE -> !weightByAge.isEmpty();
            case REQUIRED_ANALYSIS -> requiredAnalysis != null;
            case SEPARATION_OF_DUTIES -> separateAbove != null;
            case MIN_REPLICAS -> minReplicas != null;
            case MAX_SPLIT_ERROR -> maxSplitError != null;
            case REQUIRED_LABELS -> !requiredLabels.isEmpty();
            case HOSTS -> hosts != null;
            case GATEWAYS -> gateways != null;
            case IMAGES -> !images.equals(Images.ANY);
        };
    }

    /// The exception that holds for `rule` in `namespace` at `now`.
    public Optional<Exemption> exempts(String namespace, PolicyRule rule, Instant now) {
        return exemptions.stream()
                .filter(exemption -> exemption.activeAt(now)
                        && exemption.namespaces().contains(namespace)
                        && exemption.rules().contains(rule))
                .findFirst();
    }

    /// The most that a release of this age may ask for, in basis points.
    public int maxAt(Duration age) {
        return weightByAge.stream()
                .filter(step -> step.after().compareTo(age) <= 0)
                .mapToInt(Aged::max)
                .max()
                .orElse(0);
    }

    /// How old a release must be to ask for `basisPoints`; empty where it never may.
    public Optional<Duration> ageFor(int basisPoints) {
        return weightByAge.stream()
                .filter(step -> step.max() >= basisPoints)
                .map(Aged::after)
                .findFirst();
    }

    /// Whether its windows let nothing be raised at `now`, until when, and when they will not again.
    public Freeze freezeAt(Instant now) {
        return Freeze.of(windows, now);
    }

    /// The same without looking ahead while nothing is frozen.
    public Freeze frozenAt(Instant now) {
        return Freeze.now(windows, now);
    }
}
