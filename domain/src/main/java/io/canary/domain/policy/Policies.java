// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The policies that are about one namespace. All of them hold at once: there are no priorities, so one more never
/// allows what was refused (policy.md section 2).
///
/// @param policies those whose namespaces it is of; their selectors are asked per object
public record Policies(String namespace, List<Policy> policies) {
    public Policies {
        policies = List.copyOf(policies);
    }

    /// A namespace without any.
    public static Policies none(String namespace) {
        return new Policies(namespace, List.of());
    }

    /// Those of `all` that are about `namespace`.
    ///
    /// @param labels of the namespace
    public static Policies of(String namespace, Map<String, String> labels, List<Policy> all) {
        return new Policies(
                namespace,
                all.stream()
                        .filter(policy -> policy.match().covers(namespace, labels))
                        .toList());
    }

    /// Those about `judged`, by its labels as they are or as they were.
    public Stream<Policy> about(Move.Judged judged) {
        return policies.stream()
                .filter(policy -> policy.match().selector().matches(judged.labels())
                        || policy.match().selector().matches(judged.before()));
    }

    public boolean isEmpty() {
        return policies.isEmpty();
    }
}
