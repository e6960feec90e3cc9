// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// What breaks one policy, as far as it is told: how often each rule is broken, and the first texts in order.
/// Thousands of apps may break hundreds of policies, so the breaches themselves are not kept.
public final class Violations {
    /// How many are told.
    public static final int MOST = 20;

    private final Map<PolicyRule, Integer> byRule = new EnumMap<>(PolicyRule.class);
    private final TreeSet<String> first = new TreeSet<>();

    /// Counts one more.
    public void add(Compliance.Breach breach) {
        PolicyRule rule = breach.finding().rule();
        byRule.merge(rule, 1, Integer::sum);
        String text = rule.text() + ": " + breach.text();
        if (first.size() < MOST || text.compareTo(first.last()) < 0) {
            first.add(text);
            if (first.size() > MOST) {
                first.pollLast();
            }
        }
    }

    /// How many break each rule; rules that nobody breaks are left out.
    public Map<PolicyRule, Integer> byRule() {
        return Map.copyOf(byRule);
    }

    public int total() {
        return byRule.values().stream().mapToInt(Integer::intValue).sum();
    }

    /// The first of them, in order.
    public List<String> first() {
        return List.copyOf(first);
    }
}
