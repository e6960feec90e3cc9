// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

/// Whether a version may rise, and how far.
///
/// @param ceiling basis points up to which it may
/// @param reason what it waits for, or empty
/// @param pods whether it waits for its pods: then the progress deadline runs
record Gate(int ceiling, String reason, boolean pods) {
    static Gate open(int ceiling) {
        return new Gate(ceiling, "", false);
    }

    static Gate shut(String reason) {
        return new Gate(0, reason, false);
    }

    static Gate waiting(String reason) {
        return new Gate(0, reason, true);
    }
}
