// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.time.Instant;

/// One broken invariant: which, when, at which object, and what was seen.
///
/// @param revision resource version of the sighting at which it showed; 0 for violations told by the audit log
public record Violation(Rule rule, Instant wall, long revision, String object, String what) {
    /// The invariants; numbers in brackets are sections of `design.md` and invariants of `admission.md`.
    public enum Rule {
        /// A write of ours raised the weight of a version without a ready endpoint (5.5, I2).
        RAISED_WITHOUT_ENDPOINTS,
        /// A version Service got its first weight before 3 s with a ready endpoint (5.1).
        FIRST_WEIGHT_TOO_EARLY,
        /// A version without ready endpoints kept weight, user or lane rules (5.5, I2).
        WEIGHT_LINGERS,
        /// A withdrawn weight came back too early (5.5).
        RETURNED_TOO_EARLY,
        /// A weight withdrawn twice came back without an edit (5.5).
        RETURNED_AFTER_FLAPPING,
        /// Weights of a rule of ours do not sum to 100 or 10000, are negative or all 0 (7, I1).
        BAD_WEIGHTS,
        /// Two writers take turns (5.8, I8).
        ALTERNATING_WRITES,
        /// Weights moved while no version had endpoints (5.5, I2).
        MOVED_WHILE_NOBODY_READY,
        /// Replicas went below what the weight on a route needs (5.6, I4).
        SCALED_BELOW_WEIGHT,
        /// Replicas went down before the routes were current (5.6, I4).
        SCALED_BEFORE_STATUS,
        /// Replicas went down before the scale-down delay (5.6, I4).
        SCALED_BEFORE_DELAY,
        /// A route of ours refers to a Service that does not exist (5.1).
        SERVICE_MISSING,
        /// Something of ours has owner references (3).
        OWNER_REFERENCES,
        /// We deleted a Deployment (I3).
        DEPLOYMENT_DELETED,
        /// We wrote a kind of object that is not ours to write (I5).
        FOREIGN_WRITE
    }
}
