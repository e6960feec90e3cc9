// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.util.Arrays;
import java.util.Optional;

/// The rules of a CanaryPolicy, named like the fields of its `spec`, in the order in which they are told.
public enum PolicyRule {
    WINDOWS("windows"),
    AUTHORIZATION("authorization"),
    MAX_WEIGHT("maxWeight"),
    MAX_STEP("maxStep"),
    WEIGHT_BY_AGE("weightByAge"),
    REQUIRED_ANALYSIS("requiredAnalysis"),
    SEPARATION_OF_DUTIES("separationOfDuties"),
    MIN_REPLICAS("minReplicas"),
    MAX_SPLIT_ERROR("maxSplitError"),
    REQUIRED_LABELS("requiredLabels"),
    HOSTS("hosts"),
    GATEWAYS("gateways"),
    IMAGES("images");

    private final String text;

    PolicyRule(String text) {
        this.text = text;
    }

    /// As in `spec`: `maxWeight`.
    public String text() {
        return text;
    }

    /// The rule written as `text`, if there is one.
    public static Optional<PolicyRule> of(String text) {
        return Arrays.stream(values()).filter(rule -> rule.text.equals(text)).findFirst();
    }

    /// Whether what breaks it can be seen in objects and Releases alone: neither who asks nor what stood there before
    /// counts. Such rules hold in the reconciler and in the report too (policy.md section 3).
    public boolean ofState() {
        return switch (this) {
            case AUTHORIZATION, MAX_STEP, SEPARATION_OF_DUTIES -> false;
            case WINDOWS,
                    MAX_WEIGHT,
                    WEIGHT_BY_AGE,
                    REQUIRED_ANALYSIS,
                    MIN_REPLICAS,
                    MAX_SPLIT_ERROR,
                    REQUIRED_LABELS,
                    HOSTS,
                    GATEWAYS,
                    IMAGES -> true;
        };
    }

    /// Whether another weight may satisfy it.
    public boolean ofWeight() {
        return switch (this) {
            case MAX_WEIGHT, MAX_STEP, WEIGHT_BY_AGE, REQUIRED_ANALYSIS, SEPARATION_OF_DUTIES, MAX_SPLIT_ERROR -> true;
            case WINDOWS, AUTHORIZATION, MIN_REPLICAS, REQUIRED_LABELS, HOSTS, GATEWAYS, IMAGES -> false;
        };
    }
}
