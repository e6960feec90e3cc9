// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LeaseDecisionTest {
    private static final Duration LEASE = Duration.ofSeconds(15);

    private static LeaseRecord held(String holder, Duration duration) {
        return new LeaseRecord("u", 7, holder, duration, "null", "3026-01-01T00:00:00Z", 2);
    }

    @Test
    void firstProcessMakesTheLease() {
        assertThat(LeaseDecision.of(null, "me", Duration.ZERO, LEASE)).isEqualTo(new LeaseDecision.Create());
    }

    @Test
    void holderRenews() {
        assertThat(LeaseDecision.of(held("me", LEASE), "me", Duration.ofDays(1), LEASE))
                .isEqualTo(new LeaseDecision.Renew());
    }

    @Test
    void othersWaitAWholeLeaseByTheirOwnClock() {
        assertThat(LeaseDecision.of(held("other", LEASE), "me", LEASE.minusMillis(1), LEASE))
                .isEqualTo(new LeaseDecision.Follow("other"));
        assertThat(LeaseDecision.of(held("other", LEASE), "me", LEASE, LEASE))
                .isInstanceOf(LeaseDecision.TakeOver.class);
    }

    @Test
    void longerLeaseOfTheHolderIsKept() {
        assertThat(LeaseDecision.of(held("other", Duration.ofMinutes(1)), "me", LEASE, LEASE))
                .isEqualTo(new LeaseDecision.Follow("other"));
    }

    @Test
    void leaseGivenUpIsTakenAtOnce() {
        assertThat(LeaseDecision.of(held("", Duration.ofSeconds(1)), "me", Duration.ZERO, LEASE))
                .isInstanceOf(LeaseDecision.TakeOver.class);
    }

    @Test
    void takeOverCountsAsATransition() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(LeaseRecord.held(held("other", LEASE), "me", LEASE, now))
                .containsEntry("leaseTransitions", 3)
                .containsEntry("holderIdentity", "me");
        assertThat(LeaseRecord.held(held("me", LEASE), "me", LEASE, now)).containsEntry("leaseTransitions", 2);
        assertThat(LeaseRecord.released(held("me", LEASE), now)).containsEntry("holderIdentity", "");
    }
}
