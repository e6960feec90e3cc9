// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Settings;
import io.canary.domain.app.Version;
import io.canary.domain.app.Weight;
import io.canary.domain.route.Mirroring;
import io.canary.domain.route.Mode;
import io.canary.domain.share.Asked;
import io.canary.domain.share.Measurement;
import io.canary.domain.share.ReplicaSplit;
import io.canary.domain.share.Shares;
import io.canary.domain.share.Total;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where an app stands: what was measured and what is asked, before anything is decided.
///
/// @param handBack whether no user key is left
/// @param inForce what traffic follows now
/// @param total pods that the versions share; [Total#UNKNOWN] while it cannot be known
/// @param ruled why policies let a version that would rise not do so, by version
record Situation(
        App app,
        ServiceFacts root,
        Settings settings,
        Mode mode,
        boolean handBack,
        Shares inForce,
        Asked asked,
        int total,
        Map<String, String> ruled) {
    Situation {
        ruled = Map.copyOf(ruled);
    }

    /// The same where policies hold these versions.
    Situation with(Map<String, String> held) {
        return new Situation(app, root, settings, mode, handBack, inForce, asked, total, held);
    }

    /// How much the versions in `shares` need of the total. An app that its user scaled to 0 stays there until a
    /// second version gets a share.
    Map<String, Integer> parts(Shares shares) {
        boolean off = total == 0
                && asked.stable() != null
                && shares.equals(Shares.all(asked.stable()))
                && inForce.equals(asked.shares());
        return total == Total.UNKNOWN || off || shares.isNone()
                ? Map.of()
                : ReplicaSplit.of(total, shares.basisPoints(), newestFirst());
    }

    List<String> newestFirst() {
        return Measurement.newestFirst(app);
    }

    /// The endpoints of `version` that count: in route mode those of its own Service.
    int ready(Version version) {
        return mode.value() == Release.Mode.REPLICA ? version.ready() : version.serviceReady();
    }

    /// The pods that a version without a share has for its canary users and domains, on top of the total: where
    /// routes send them to it (design section 4). Copies of requests need as many as the same share would. No
    /// route can send anything to pods without the version's label.
    int beside(Version version) {
        if (!mode.routed() || handBack || !version.labelled() || asked.shares().of(version.name()) > 0) {
            return 0;
        }
        int copies = Mirroring.asked(version)
                .filter(_ -> !Mirroring.stopped(app))
                .map(percent -> (int) Math.max(1, Math.ceilDiv((long) Math.max(0, total) * percent, 100L)))
                .orElse(0);
        return Math.max(version.enters() ? 1 : 0, copies);
    }

    boolean paused() {
        return settings.paused() != null && !handBack;
    }

    boolean aborted() {
        return settings.abort() != null && !handBack;
    }

    /// Whether the move to the asked stable is a retreat: to the stable of record, or by undo.
    boolean undo() {
        return asked.stable() != null && asked.promotion() && Asked.undoes(app, asked.stable());
    }

    /// Whether advances are held: by the user, and in replica mode by pods of no version, which take traffic too.
    boolean held() {
        return paused() || (mode.value() == Release.Mode.REPLICA && app.foreignReady() > 0);
    }

    /// What is to be reached now: what is asked, while advances are held without them.
    Shares goal() {
        String receiver = receiver();
        boolean some = held() || !ruled.isEmpty();
        if (!some || receiver == null || inForce.isNone()) {
            return some && inForce.isNone() ? inForce : asked.shares();
        }
        Map<String, Integer> goal = new HashMap<>();
        for (String v : asked.shares().versions()) {
            int share = asked.shares().of(v);
            goal.put(v, held() || ruled.containsKey(v) ? Math.min(share, inForce.of(v)) : share);
        }
        goal.remove(receiver);
        int others = goal.values().stream().mapToInt(Integer::intValue).sum();
        goal.put(receiver, Weight.ALL - others);
        return new Shares(goal);
    }

    /// Whether the goal is a retreat: only its receiver rises.
    boolean retreating() {
        Shares goal = goal();
        boolean stays = held() || (asked.stable() != null && ruled.containsKey(asked.stable()));
        String receiver = asked.promotion() && !undo() && !stays ? null : receiver();
        return goal.versions().stream().allMatch(v -> v.equals(receiver) || goal.of(v) <= inForce.of(v));
    }

    /// The version that a retreat moves share to; null where none can be told.
    private @Nullable String receiver() {
        return asked.promotion() && !undo() ? asked.record() : asked.stable();
    }

    /// Whether `version` is ours to scale: a user's key, our total, or it is or was stable.
    boolean scales(Version version) {
        boolean stable = version.name().equals(asked.stable()) || version.name().equals(asked.record());
        return version.hasUserKey() || version.get(CanaryKey.TOTAL) != null || (stable && !Asked.guesses(app));
    }
}
