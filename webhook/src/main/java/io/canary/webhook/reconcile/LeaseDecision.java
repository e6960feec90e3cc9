// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What to do about the Lease.
sealed interface LeaseDecision {
    /// Nobody has made one yet.
    record Create() implements LeaseDecision {}

    /// It is ours: write it again.
    record Renew() implements LeaseDecision {}

    /// It is free or was left: take it.
    record TakeOver(String why) implements LeaseDecision {}

    /// Another holds it.
    record Follow(String holder) implements LeaseDecision {}

    /// What to do at this moment.
    ///
    /// @param record what was read last, or null where there is none
    /// @param unchanged how long it has been the same, by our own clock; the other's clock may be wrong
    /// @param ours how long we take a lease to hold, at least
    static LeaseDecision of(@Nullable LeaseRecord record, String identity, Duration unchanged, Duration ours) {
        if (record == null) {
            return new Create();
        }
        if (record.holder().equals(identity)) {
            return new Renew();
        }
        if (record.holder().isEmpty()) {
            return new TakeOver("it was given up");
        }
        Duration holds = record.duration().compareTo(ours) > 0 ? record.duration() : ours;
        return unchanged.compareTo(holds) >= 0
                ? new TakeOver(record.holder() + " has not renewed it for " + unchanged.toSeconds() + " s")
                : new Follow(record.holder());
    }
}
