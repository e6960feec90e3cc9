// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.share;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Release;
import io.canary.domain.app.Settings;
import io.canary.domain.app.Version;
import org.jspecify.annotations.Nullable;

/// The number of pods that the versions of an app share (design section 4).
public final class Total {
    /// While it cannot be known: nobody has a share yet. 0 is a total: its user scaled the app to nothing.
    public static final int UNKNOWN = -1;

    private Total() {}

    /// The key on the root Service; else what was recorded when the move began; else, at rest, stable's own count; at
    /// the first entry the sum over the versions that have a share.
    ///
    /// @param stable the version that is asked to be stable, or null
    /// @param inForce what traffic follows now
    public static int of(App app, Settings settings, @Nullable String stable, Shares inForce) {
        if (settings.replicas() != null) {
            return settings.replicas();
        }
        Integer marked = app.versions().stream()
                .filter(v -> v.get(CanaryKey.TOTAL) != null)
                .sorted((a, b) ->
                        Boolean.compare(b.name().equals(stable), a.name().equals(stable)))
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
        // Of who is asked to be stable the count says nothing, where none was yet: it may have no pods.
        if (release != null && release.atRest() && stable != null && release.stable() != null) {
            // Nor does that of a stable that was created anew, which starts at 0.
            return app.version(release.stable())
                    .filter(v -> app.recorded(v).isPresent())
                    .filter(v -> v.autoscaler() == null || v.ready() > 0)
                    .map(Total::count)
                    .orElse(told(release));
        }
        int sum = app.versions().stream()
                .filter(v -> inForce.of(v.name()) > 0)
                .mapToInt(Total::count)
                .sum();
        if (sum > 0) {
            return sum;
        }
        if (release == null || !release.atRest()) {
            return UNKNOWN;
        }
        boolean toNothing = app.versions().stream()
                .filter(v -> inForce.of(v.name()) > 0 && v.autoscaler() == null)
                .anyMatch(v -> app.recorded(v).isPresent());
        return toNothing ? 0 : told(release);
    }

    private static int told(Release release) {
        return release.total() > 0 ? release.total() : UNKNOWN;
    }

    private static int count(Version version) {
        return version.autoscaler() == null ? version.replicas() : version.ready();
    }
}
