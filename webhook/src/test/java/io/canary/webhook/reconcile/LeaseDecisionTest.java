// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaseDecisionTest {
    private static final Duration LEASE = Duration.ofSeconds(15);

    private static LeaseRecord held(String holder, Duration duration) {
        return new LeaseRecord("u", 7, holder, duration, null, 2);
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

    /// As it is read back, and must be written again with six decimals.
    @ParameterizedTest
    @ValueSource(
            strings = {"2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05.120000Z", "2026-01-02T03:04:00.000000Z"})
    void timeOfAcquisitionIsWrittenBackAsItWas(String time) {
        Lease lease = Serialization.unmarshal("""
                metadata: {name: canary, uid: u, resourceVersion: "7"}
                spec: {holderIdentity: me, leaseDurationSeconds: 15, acquireTime: "%1$s", renewTime: "%1$s"}
                """.formatted(time), Lease.class);
        assertThat(LeaseRecord.held(LeaseRecord.of(lease), "me", LEASE, Instant.now()))
                .containsEntry("acquireTime", time);
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
