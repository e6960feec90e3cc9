// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import io.canary.domain.app.Problem;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What we tell in the status of a CanaryPolicy (policy.md section 1): what time and other objects make of it, so that
/// the API server can judge by data alone.
///
/// @param exemptions those that hold now
/// @param expired names of those that no longer do
/// @param matched apps that it is about
/// @param violations the first of what breaks it, as text
/// @param totalViolations how many there are
/// @param problems what could not be read of it; it would not have been admitted
/// @param binding how far the API server judges by it
/// @param generation of the policy that this is about
public record PolicyStatus(
        Freeze freeze,
        List<Policy.Exemption> exemptions,
        List<String> expired,
        int matched,
        List<String> violations,
        int totalViolations,
        List<Problem> problems,
        Binding binding,
        long generation) {
    public PolicyStatus {
        exemptions = List.copyOf(exemptions);
        expired = List.copyOf(expired);
        violations = List.copyOf(violations);
        problems = List.copyOf(problems);
    }

    /// The status of a policy at `now`.
    ///
    /// @param violations of this policy
    public static PolicyStatus of(
            PolicyReader.Read read, int matched, Violations violations, Binding binding, long generation, Instant now) {
        Policy policy = read.policy();
        return new PolicyStatus(
                policy.freezeAt(now),
                policy.exemptions().stream().filter(e -> e.activeAt(now)).toList(),
                policy.exemptions().stream()
                        .filter(e -> !e.activeAt(now))
                        .map(Policy.Exemption::name)
                        .toList(),
                matched,
                violations.first(),
                violations.total(),
                read.problems(),
                binding,
                generation);
    }

    /// When time alone makes another status of it; null for never.
    public static @Nullable Instant nextEdge(Policy policy, Instant now) {
        Freeze freeze = policy.freezeAt(now);
        return Stream.concat(
                        policy.exemptions().stream().map(Policy.Exemption::until),
                        Stream.of(freeze.active() ? freeze.until() : freeze.next())
                                .filter(edge -> edge != null))
                .filter(edge -> edge.isAfter(now))
                .min(Comparator.naturalOrder())
                .orElse(null);
    }
}
