// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.policy.Policies;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The policies about one namespace, as far as that can be told.
///
/// @param assumed names of those that are taken to be about it, since its labels are not known
public record Scope(Policies policies, List<String> assumed) {
    /// The label that every namespace has.
    static final String NAME = "kubernetes.io/metadata.name";

    public Scope {
        assumed = List.copyOf(assumed);
    }

    /// Those of `all` about `namespace`.
    ///
    /// @param labels null where they cannot be read: then too much is taken to hold rather than too little
    public static Scope of(String namespace, @Nullable Map<String, String> labels, List<Policy> all) {
        if (labels != null) {
            return new Scope(Policies.of(namespace, labels, all), List.of());
        }
        Map<String, String> known = Map.of(NAME, namespace);
        List<Policy> about = new ArrayList<>();
        List<String> assumed = new ArrayList<>();
        for (Policy policy : all) {
            Selector selector = policy.match().namespaces();
            Selector decided = decided(selector);
            boolean may = new Policy.Match(decided, Selector.ALL, policy.match().excluded()).covers(namespace, known);
            if (may) {
                about.add(policy);
            }
            if (may && !decided.equals(selector)) {
                assumed.add(policy.name());
            }
        }
        return new Scope(new Policies(namespace, about), assumed);
    }

    /// What of `selector` the name alone decides.
    private static Selector decided(Selector selector) {
        Map<String, String> labels = new HashMap<>(selector.labels());
        labels.keySet().retainAll(List.of(NAME));
        return new Selector(
                labels,
                selector.requirements().stream()
                        .filter(requirement -> requirement.key().equals(NAME))
                        .toList());
    }
}
