// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.app.Release;
import io.canary.domain.app.Release.VersionStatus;
import io.canary.domain.app.Weight;
import java.util.Comparator;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/// The texts behind the columns of `kubectl get releases` that no JSON path can make.
final class ReleaseColumns {
    private ReleaseColumns() {}

    /// As `v2 20, v3 30`: who asks for a share beside the stable.
    static String asked(Release release) {
        return shares(release, VersionStatus::asked);
    }

    /// Like [#asked], of what traffic follows now.
    static String inForce(Release release) {
        return shares(release, VersionStatus::inForce);
    }

    private static String shares(Release release, ToIntFunction<VersionStatus> share) {
        String others = release.versions().stream()
                .filter(v -> !v.name().equals(release.stable()) && share.applyAsInt(v) > 0)
                .sorted(Comparator.comparing(VersionStatus::name))
                .map(v -> v.name() + " " + Weight.percent(share.applyAsInt(v)))
                .collect(Collectors.joining(", "));
        return others.isEmpty() && release.stable() != null ? release.stable() + " 100" : others;
    }

    /// As `8/10`: ready pods of those that the versions need now.
    static String ready(Release release) {
        int need = 0;
        int ready = 0;
        for (VersionStatus version : release.versions()) {
            if (version.need() > 0) {
                need += version.need();
                ready += Math.min(version.ready(), version.need()); // pods that wait out their delay count for nothing
            }
        }
        return ready + "/" + (need == 0 ? release.total() : need);
    }
}
