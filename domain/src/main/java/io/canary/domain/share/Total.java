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
    private Total() {}

    /// The key on the root Service; else what was recorded when the move began; else, at rest, stable's own count; at
    /// the first entry the sum over the versions that serve. 0 while it cannot be known.
    ///
    /// @param stable the version that is asked to be stable, or null
    public static int of(App app, Settings settings, @Nullable String stable) {
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
        if (release != null && release.atRest() && stable != null) {
            String keeper = release.stable() == null ? stable : release.stable();
            return app.version(keeper).map(Total::count).orElse(release.total());
        }
        return app.versions().stream()
                .filter(v -> v.ready() > 0 && !v.deployment().deleting())
                .mapToInt(Total::count)
                .sum();
    }

    private static int count(Version version) {
        return version.autoscaler() == null ? version.replicas() : version.ready();
    }
}
