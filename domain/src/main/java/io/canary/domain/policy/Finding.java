// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

/// A rule of a policy that a change or a state breaks, and what is done about it.
///
/// @param value what was found, and which limit it breaks: `weight 60 > 50`
public record Finding(String policy, PolicyRule rule, Outcome outcome, String value) {
    /// What is done.
    public enum Outcome {
        DENIED,
        WARNED,
        AUDITED,
        /// Passed with a reason by somebody with the right to.
        OVERRIDDEN,
        /// An exception of the policy holds.
        EXEMPTED
    }

    /// As `CanaryPolicy "prod" maxWeight`.
    public String title() {
        return "CanaryPolicy \"" + policy + "\" " + rule.text();
    }

    /// As `prod/maxWeight`: for audit annotations and metrics.
    public String id() {
        return policy + "/" + rule.text();
    }
}
