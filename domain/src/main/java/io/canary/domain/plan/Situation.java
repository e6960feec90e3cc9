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
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where an app stands: what was measured and what is asked, before anything is decided.
///
/// @param handBack whether no user key is left
/// @param inForce what traffic follows now
/// @param total pods that the versions share; 0 while it cannot be known
record Situation(
        App app,
        ServiceFacts root,
        Settings settings,
        Mode mode,
        boolean handBack,
        Shares inForce,
        Asked asked,
        int total) {

    /// How much the versions in `shares` need of the total.
    Map<String, Integer> parts(Shares shares) {
        return total == 0 || shares.isNone()
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

    /// Whether `version` is ours to scale: a user's key, our total, or it is stable.
    boolean scales(Version version) {
        return version.hasUserKey()
                || version.get(CanaryKey.TOTAL) != null
                || version.name().equals(asked.stable());
    }

    /// The total (design section 4): the key on the root Service; else what was recorded when the move began; else,
    /// at rest, stable's own count; at the first entry the sum over the versions that serve.
    static int total(App app, Settings settings, @Nullable String stable) {
        if (settings.replicas() != null) {
            return settings.replicas();
        }
        Integer marked = app.versions().stream()
                .filter(v -> v.get(CanaryKey.TOTAL) != null)
                .sorted((a, b) -> Boolean.compare(b.name().equals(stable), a.name().equals(stable)))
                .findFirst()
                .flatMap(v -> CanaryKey.TOTAL.in(v.deployment().annotations()))
                .flatMap(Settings::count)
                .orElse(null);
        if (marked != null) {
            return marked;
        }
        Release release = app.release();
        if (release != null && !release.atRest() && release.total() > 0) {
            return release.total();
        }
        if (release != null && release.atRest() && stable != null) {
            String keeper = release.stable() == null ? stable : release.stable();
            return app.version(keeper)
                    .map(v -> v.autoscaler() == null ? v.replicas() : v.ready())
                    .orElse(release.total());
        }
        return app.versions().stream()
                .filter(v -> v.ready() > 0 && !v.deployment().deleting())
                .mapToInt(v -> v.autoscaler() == null ? v.replicas() : v.ready())
                .sum();
    }
}
