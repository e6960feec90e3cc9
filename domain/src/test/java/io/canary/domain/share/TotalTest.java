// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.domain.app.Release;
import io.canary.domain.app.Settings;
import io.canary.domain.app.TestApps;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestReleases;
import io.canary.domain.app.TestServices;
import io.canary.domain.app.Version;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TotalTest {
    private static final TestDeployments V1 = TestDeployments.order("v1");

    @Test
    void atRestScalingStableSetsTheTotal() {
        Release release = atRest(TestReleases.version("v1", 10_000, 10));
        assertThat(total(release, V1.replicas(7).version(7))).isEqualTo(7);
    }

    @Test
    void theCountOfAStableMadeAnewSaysNothing() {
        assertThat(total(atRest(), V1.replicas(0).version(0))).isEqualTo(10);
    }

    /// No stable was of record, as v1 and v2 both asked for nothing; v2 is named now. Its 0 pods are no total, by which
    /// v1 would lose those that serve.
    @Test
    void theCountOfAStableThatIsOnlyAskedForSaysNothing() {
        Release release = atRestWith(null, TestReleases.version("v1", 10_000, 10), TestReleases.version("v2", 0, 0));
        Version v2 = TestDeployments.order("v2").replicas(0).version(0);
        assertThat(total(release, "v2", V1.replicas(10).version(10), v2)).isEqualTo(10);
    }

    @Test
    void theMarkOutlivesTheRelease() {
        assertThat(total(null, V1.with("total", "12").replicas(3).version(3))).isEqualTo(12);
    }

    private static int total(@Nullable Release release, Version v1) {
        return total(release, "v1", v1);
    }

    private static int total(@Nullable Release release, String stable, Version... versions) {
        App app = TestApps.of(TestServices.order().facts(), versions)
                .release(release)
                .app();
        return Total.of(app, Settings.of(Map.of()), stable, Shares.all("v1"));
    }

    private static Release atRest(Release.VersionStatus... versions) {
        return atRestWith("v1", versions);
    }

    private static Release atRestWith(@Nullable String stable, Release.VersionStatus... versions) {
        Release r = TestReleases.of("v1", 10, versions);
        return new Release(
                r.phase(),
                r.message(),
                stable,
                r.line(),
                r.total(),
                r.mode(),
                r.modeReason(),
                true,
                r.versions(),
                r.problems(),
                r.foreignPods(),
                r.bypass(),
                r.routes(),
                r.history());
    }
}
