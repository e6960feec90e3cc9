// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Release;
import io.canary.domain.app.Version;
import io.canary.domain.app.Weight;
import io.canary.domain.share.ReplicaSplit;
import io.canary.domain.share.Shares;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// When a version may rise: rules 1, 3 and 5 of design section 5.
final class Gates {
    /// A version Service gets its first weight not before it has had a ready endpoint for so long: a mesh learns of
    /// it with a delay.
    static final Duration FIRST_WEIGHT = Duration.ofSeconds(3);

    /// A withdrawn weight returns when its version has been ready for so long.
    static final Duration RETURN = Duration.ofSeconds(30);

    /// Two withdrawals within this time hold a version at 0.
    static final Duration FLAPPING = Duration.ofMinutes(10);

    /// An autoscaled version that has fewer pods than its share needs rises once in this time.
    static final Duration AUTOSCALED = Duration.ofSeconds(60);

    static final String PAUSED = "paused: no advance until " + CanaryKey.PAUSED.text() + " is removed";

    private Gates() {}

    /// What is remembered of `version` now: what the Release says where this process knows nothing of it yet.
    static Memory.OfVersion recall(App app, Memory memory, Version version) {
        Memory.OfVersion known = memory.versions().get(version.uid());
        if (known != null) {
            return known;
        }
        return app.recorded(version)
                .map(s -> new Memory.OfVersion(
                        null,
                        null,
                        null,
                        s.waitsSince(),
                        s.waitsSince() == null ? 0 : s.asked(),
                        !s.waitsFor().equals(PAUSED),
                        null,
                        s.withdrawal(),
                        s.standing()))
                .orElse(Memory.OfVersion.NEW);
    }

    /// The same where traffic is measured: what the Release tells as in force and no route has was taken by a
    /// process that ended before it could tell, or by somebody else. How steady the pods are is not known, so they
    /// wait as after a withdrawal (design 5.5); but it counts for none, and has nothing to return to. What an abort
    /// took cannot be told apart; what its user lowered is none.
    static Memory.OfVersion recall(Situation s, Memory memory, Version version, Instant now) {
        Memory.OfVersion recalled = recall(s.app(), memory, version);
        boolean taken = !memory.versions().containsKey(version.uid())
                && s.mode().value() == Release.Mode.ROUTE
                && s.app().release() != null
                && s.app().release().mode() == Release.Mode.ROUTE
                && tellsShare(s.app(), version)
                && s.inForce().of(version.name()) == 0
                && (version.askedBasisPoints() > 0 || (s.asked().shares().of(version.name()) > 0 && !s.aborted()));
        return taken && recalled.withdrawal() == null
                ? recalled.with(new Release.Withdrawal(0, now.minus(FLAPPING.multipliedBy(2)), null, null))
                : recalled;
    }

    /// Whether the Release gives just this Deployment a share in force.
    static boolean tellsShare(App app, Version version) {
        return app.recorded(version).filter(told -> told.inForce() > 0).isPresent();
    }

    /// `before` with the times of what is seen now.
    static Memory.OfVersion observe(Situation s, Version version, Memory.OfVersion before, Instant now) {
        Release.Withdrawal withdrawal = withdrawal(s, version, before.withdrawal());
        int need = need(s, version, withdrawal);
        boolean serves = version.serviceReady() > 0;
        boolean enough = serves && version.serviceReady() >= enough(version, need);
        // Of a rise before a restart nothing is known but the share: the minute begins again.
        boolean roseBefore = version.autoscaler() != null && s.inForce().of(version.name()) > 0;
        return new Memory.OfVersion(
                serves ? first(before.servesSince(), now) : null,
                enough ? first(before.gateSince(), now) : null,
                s.scales(version) ? before.surplus() : null,
                before.waitsSince(),
                before.waitsFor(),
                before.forPods(),
                roseBefore ? first(before.roseAt(), now) : before.roseAt(),
                withdrawal,
                before.standing());
    }

    /// The gate of a rising version in route mode.
    static Gate of(Situation s, Version v, Memory.OfVersion memory, Watch watch) {
        int asked = s.asked().shares().of(v.name());
        int inForce = s.inForce().of(v.name());
        Release.Withdrawal w = memory.withdrawal();
        int need = need(s, v, w);
        if (!v.labelled()) {
            return Gate.shut(v.unlabelledBecause(s.app().name()));
        }
        if (!VersionServices.usable(s.app(), v)) {
            return Gate.shut("Service " + s.app().serviceOf(v.name()) + " is missing or another's");
        }
        if (w != null && w.heldFor() != null) {
            return Gate.shut("it lost all its endpoints twice within 10 minutes; held at 0 until its weight or pod"
                    + " template changes");
        }
        boolean returning = returns(s, v, w);
        if (s.paused() && !returning) {
            return Gate.shut(PAUSED);
        }
        if (v.deployment().paused()) {
            return Gate.shut("Deployment " + v.deployment().name() + " is paused (spec.paused)");
        }
        if (v.serviceReady() < enough(v, need)) {
            return Gate.waiting(v.serviceReady() + " of " + need + " pods ready");
        }
        if (returning && !watch.over(memory.gateSince(), RETURN)) {
            return Gate.shut("its weight was withdrawn when its last endpoint went; it returns after "
                    + RETURN.toSeconds() + " s of readiness");
        }
        if (returning) {
            // What it had may be more than its pods carry: somebody else's edit of the route, or fewer pods than then.
            return v.autoscaler() != null && v.serviceReady() < enough(need)
                    ? autoscaled(s, v, memory, watch, returnsTo(s, v, w), inForce, need)
                    : Gate.open(returnsTo(s, v, w));
        }
        if (inForce == 0 && w != null && !watch.over(memory.servesSince(), RETURN)) {
            // Who asked for nothing meanwhile has nothing to return to, and pods that are no steadier for it.
            return Gate.shut("it lost its endpoints a while ago; it gets weight after " + RETURN.toSeconds()
                    + " s of readiness");
        }
        if (inForce == 0 && !watch.over(memory.servesSince(), FIRST_WEIGHT)) {
            return Gate.shut("its Service has had endpoints for less than " + FIRST_WEIGHT.toSeconds() + " s");
        }
        if (v.autoscaler() != null && v.serviceReady() < enough(need)) {
            return autoscaled(s, v, memory, watch, asked, inForce, need);
        }
        return Gate.open(asked);
    }

    /// An autoscaled version with fewer pods than its share needs: its autoscaler adds them as traffic comes, so the
    /// share doubles once a minute (design section 4).
    private static Gate autoscaled(
            Situation s, Version v, Memory.OfVersion memory, Watch watch, int asked, int inForce, int need) {
        String reason =
                "its autoscaler has " + v.serviceReady() + " of " + need + " pods; the share doubles each minute";
        if (memory.roseAt() != null && !watch.over(memory.roseAt(), AUTOSCALED)) {
            return new Gate(inForce, reason, false);
        }
        int carried = (int) Math.min(asked, (long) Weight.ALL * v.serviceReady() / Math.max(1, s.total()));
        int next = Math.min(asked, inForce == 0 ? Math.max(100, carried / 100 * 100) : 2 * inForce);
        return new Gate(Math.min(asked, next), next < asked ? reason : "", false);
    }

    /// What is left of a withdrawal after edits: one of weight or pod template lifts the hold, though it makes the pods
    /// no steadier; and a version that asks for nothing has nothing to return to.
    private static Release.@Nullable Withdrawal withdrawal(
            Situation s, Version version, Release.@Nullable Withdrawal w) {
        if (w == null) {
            return null;
        }
        boolean asksNothing = s.asked().shares().of(version.name()) == 0 && !s.aborted();
        String heldFor = w.heldFor() == null || w.heldFor().equals(version.fingerprint()) ? w.heldFor() : null;
        return new Release.Withdrawal(asksNothing ? 0 : w.had(), w.at(), w.before(), heldFor);
    }

    static boolean returns(Situation s, Version v, Release.@Nullable Withdrawal w) {
        return w != null && w.had() > 0 && s.inForce().of(v.name()) == 0;
    }

    /// The smaller of what is asked and what it had before its weight was withdrawn.
    private static int returnsTo(Situation s, Version v, Release.@Nullable Withdrawal w) {
        int asked = s.asked().shares().of(v.name());
        return w == null ? asked : Math.min(asked, w.had());
    }

    /// The pods that `v` needs for its next share: what is asked, or what a withdrawn weight returns to. So a raise
    /// that was asked meanwhile does not hold back the return.
    private static int need(Situation s, Version v, Release.@Nullable Withdrawal w) {
        Shares shares = s.asked().shares();
        String stable = s.asked().stable();
        if (returns(s, v, w) && stable != null && !stable.equals(v.name())) {
            Map<String, Integer> next = new HashMap<>(shares.basisPoints());
            int left = shares.of(v.name()) - returnsTo(s, v, w);
            next.put(v.name(), returnsTo(s, v, w));
            next.merge(stable, left, Integer::sum);
            shares = new Shares(next);
        }
        return s.parts(shares).getOrDefault(v.name(), 0);
    }

    /// How many endpoints open the gate of `version`, for a share that needs `need` pods.
    static int enough(Version version, int need) {
        return version.autoscaler() == null
                ? Math.max(1, ReplicaSplit.enough(need))
                : Math.max(1, version.autoscaler().minReplicas());
    }

    private static int enough(int need) {
        return Math.max(1, ReplicaSplit.enough(need));
    }

    /// The record of a withdrawal of `had` basis points at `now`, after `before`. What has not been given back since
    /// is the same loss, whose write was refused or got no answer, or which somebody undid.
    static Release.Withdrawal withdraw(Version version, Release.@Nullable Withdrawal before, int had, Instant now) {
        if (before != null && before.had() > 0) {
            return new Release.Withdrawal(had, now, before.before(), before.heldFor());
        }
        // Without a sign: who wrote it may have had a clock ahead of ours, by a moment or by hours.
        boolean again =
                before != null && Duration.between(before.at(), now).abs().compareTo(FLAPPING) < 0;
        return new Release.Withdrawal(
                had, now, before == null ? null : before.at(), again ? version.fingerprint() : null);
    }

    static Instant first(@Nullable Instant before, Instant now) {
        return before == null ? now : before;
    }

    /// Ready endpoints that may take traffic: none while a version without a share is too new for its first weight.
    static int trusted(Situation s, Version v, Map<String, Memory.OfVersion> memory, Watch watch) {
        if (s.inForce().of(v.name()) > 0) {
            return v.serviceReady();
        }
        Memory.OfVersion m = memory.getOrDefault(v.uid(), Memory.OfVersion.NEW);
        boolean old = v.serviceReady() > 0 && watch.over(m.servesSince(), FIRST_WEIGHT);
        return old && v.labelled() && VersionServices.usable(s.app(), v) ? v.serviceReady() : 0;
    }
}
