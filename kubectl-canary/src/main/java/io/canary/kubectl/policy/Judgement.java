// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.policy.Finding;
import io.canary.domain.policy.Ruling;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// What came of one object.
///
/// @param creates whether it would be new
/// @param moves whether it raises, promotes or otherwise does what policies are asked about
/// @param always what is refused without any policy: a row each
public record Judgement(ObjectKey object, boolean creates, boolean moves, List<Row> always, Ruling ruling) {
    public Judgement {
        always = List.copyOf(always);
    }

    /// One rule that is broken.
    ///
    /// @param policy empty for a rule that holds without any
    public record Row(String policy, String rule, Result result, String value) {
        private static Row of(Finding finding) {
            return new Row(finding.policy(), finding.rule().text(), Result.of(finding.outcome()), finding.value());
        }

        /// As `prod maxWeight Deny`.
        public String text() {
            return (policy.isEmpty() ? "" : policy + " ") + rule + " " + result.text();
        }
    }

    /// What is done about it.
    public enum Result {
        PASS("Pass"),
        DENY("Deny"),
        WARN("Warn"),
        AUDIT("Audit"),
        OVERRIDDEN("Overridden"),
        EXEMPTED("Exempted");

        private final String text;

        Result(String text) {
            this.text = text;
        }

        /// As in the actions of a policy: `Deny`.
        public String text() {
            return text;
        }

        /// What became of a rule that is broken.
        public static Result of(Finding.Outcome outcome) {
            return switch (outcome) {
                case DENIED -> DENY;
                case WARNED -> WARN;
                case AUDITED -> AUDIT;
                case OVERRIDDEN -> OVERRIDDEN;
                case EXEMPTED -> EXEMPTED;
            };
        }
    }

    /// All that is broken, what holds always first.
    public List<Row> rows() {
        return Stream.concat(always.stream(), ruling.findings().stream().map(Row::of))
                .toList();
    }

    public boolean denied() {
        return !always.isEmpty() || ruling.denies();
    }

    /// The weightiest of its results.
    public Result result() {
        return denied()
                ? Result.DENY
                : rows().stream()
                        .map(Row::result)
                        .min(Comparator.naturalOrder())
                        .orElse(Result.PASS);
    }
}
