// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.Problem;
import java.util.Locale;

/// One reason to refuse a request: the rule that it breaks, and what is wrong.
public record Refusal(Rule rule, Problem problem) {
    /// The rules, with the HTTP code of a refusal; the name in lower case goes into audit annotations and metrics.
    public enum Rule {
        /// A key of ours that a user changed.
        PROTECTED_KEY(403),
        /// No such key.
        UNKNOWN_KEY(422),
        /// A key on a kind of object, or a field, that it does not belong on.
        WRONG_PLACE(422),
        /// A value that its key does not allow.
        VALUE(422),
        /// A version's name that is missing, too long, edited, or said in two ways.
        VERSION(422),
        /// A Service that cannot be a root Service.
        ROOT(422),
        /// A right that the requester lacks for what we would do for them (design section 6).
        RIGHTS(403),
        /// A right that nobody could be asked about: the API server gave no answer, and may in a moment.
        RIGHTS_UNKNOWN(503),
        /// A rule of a CanaryPolicy.
        POLICY(403),
        /// What the mutating hook would have put right: it was not called, or timed out. The next time it may not.
        MUTATION_SKIPPED(503),
        /// A version is deleted that others cannot carry the traffic of.
        CARRIES_TRAFFIC(409);

        private final int code;

        Rule(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }

        /// As `protected-key`.
        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
