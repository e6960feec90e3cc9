// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.webhook.kube.Metas;
import io.canary.webhook.kube.MicroTime;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a Lease says. Its time of renewal is only told to people: no clock is compared with another's.
///
/// @param uid, version of the object, for the next write
/// @param holder empty when it was given up
/// @param duration how long it holds without a change
/// @param acquired by the holder's clock; null where it does not say
record LeaseRecord(
        String uid,
        long version,
        String holder,
        Duration duration,
        @Nullable Instant acquired,
        int transitions) {
    static LeaseRecord of(Lease lease) {
        LeaseSpec spec = lease.getSpec() == null ? new LeaseSpec() : lease.getSpec();
        Integer seconds = spec.getLeaseDurationSeconds();
        Integer transitions = spec.getLeaseTransitions();
        return new LeaseRecord(
                Metas.uid(lease),
                Metas.version(lease),
                spec.getHolderIdentity() == null ? "" : spec.getHolderIdentity(),
                Duration.ofSeconds(seconds == null ? 0 : seconds),
                spec.getAcquireTime() == null ? null : spec.getAcquireTime().toInstant(),
                transitions == null ? 0 : transitions);
    }

    /// The Lease held by `holder` from `now` on.
    ///
    /// @param last what stands there
    static Map<String, Object> held(LeaseRecord last, String holder, Duration duration, Instant now) {
        boolean renews = last.holder().equals(holder);
        Instant acquired = last.acquired();
        Map<String, Object> spec = spec(holder, duration, now);
        spec.put("acquireTime", MicroTime.of(renews && acquired != null ? acquired : now));
        spec.put("leaseTransitions", last.transitions() + (renews ? 0 : 1));
        return spec;
    }

    /// The Lease given up: held by nobody, so that the next may take it at once.
    static Map<String, Object> released(LeaseRecord last, Instant now) {
        Map<String, Object> spec = spec("", Duration.ofSeconds(1), now);
        spec.put("leaseTransitions", last.transitions());
        return spec;
    }

    private static Map<String, Object> spec(String holder, Duration duration, Instant now) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("holderIdentity", holder);
        spec.put("leaseDurationSeconds", Math.max(1, duration.toSeconds()));
        spec.put("renewTime", MicroTime.of(now));
        return spec;
    }
}
