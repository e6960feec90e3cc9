// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Settings;
import io.canary.domain.app.Version;
import io.canary.domain.route.Mode;
import io.canary.domain.share.Asked;
import io.canary.domain.share.Measurement;
import io.canary.domain.share.ReplicaSplit;
import io.canary.domain.share.Shares;
import io.canary.domain.share.Total;
import java.util.List;
import java.util.Map;

/// Where an app stands: what was measured and what is asked, before anything is decided.
///
/// @param handBack whether no user key is left
/// @param inForce what traffic follows now
/// @param total pods that the versions share; [Total#UNKNOWN] while it cannot be known
record Situation(
        App app,
        ServiceFacts root,
        Settings settings,
        Mode mode,
        boolean handBack,
        Shares inForce,
        Asked asked,
        int total) {
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

    /// Whether nothing but retreats is asked: only the receiver of a retreat rises.
    boolean retreating() {
        String receiver = asked.promotion() && !undo() ? null : asked.stable();
        return asked.shares().versions().stream()
                .allMatch(v -> v.equals(receiver) || asked.shares().of(v) <= inForce.of(v));
    }

    /// Whether `version` is ours to scale: a user's key, our total, or it is or was stable.
    boolean scales(Version version) {
        boolean stable = version.name().equals(asked.stable()) || version.name().equals(asked.record());
        return version.hasUserKey() || version.get(CanaryKey.TOTAL) != null || (stable && !Asked.guesses(app));
    }
}
