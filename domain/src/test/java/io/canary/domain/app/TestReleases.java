// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.List;

/// Releases for tests.
public final class TestReleases {
    private TestReleases() {}

    /// One that records `stable` and nothing else.
    public static Release stable(String stable) {
        return of(stable, 10);
    }

    /// One that records `stable`, `total` and what the versions have.
    public static Release of(String stable, int total, Release.VersionStatus... versions) {
        return new Release(
                Release.Phase.CANARY,
                "",
                stable,
                List.of(),
                total,
                Release.Mode.ROUTE,
                "",
                false,
                List.of(versions),
                List.of(),
                0,
                List.of(),
                List.of(),
                List.of());
    }

    /// A version with `inForce` basis points and `ready` pods.
    public static Release.VersionStatus version(String name, int inForce, int ready) {
        return new Release.VersionStatus(
                name,
                "order-" + name,
                "uid-" + name,
                inForce,
                inForce,
                inForce,
                ready,
                ready,
                ready,
                "",
                null,
                false,
                null,
                Release.Standing.NONE);
    }

    /// `release` with these earlier stables.
    public static Release line(Release release, List<String> line) {
        return new Release(
                release.phase(),
                release.message(),
                release.stable(),
                line,
                release.total(),
                release.mode(),
                release.modeReason(),
                release.atRest(),
                release.versions(),
                release.problems(),
                release.foreignPods(),
                release.bypass(),
                release.routes(),
                release.history());
    }
}
