// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Settings;
import io.canary.domain.app.TestApps;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestReleases;
import io.canary.domain.app.TestServices;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AskedTest {
    private static final Shares MOSTLY_V1 = new Shares(Map.of("v1", 8000, "v2", 1000, "v3", 1000));
    private static final Release V1_STABLE = TestReleases.of(
            "v1",
            10,
            TestReleases.version("v1", 8000, 8),
            TestReleases.version("v2", 1000, 1),
            TestReleases.version("v3", 1000, 1));

    @Test
    void contradictionsHoldAPromotion() {
        App app = app("v2", V1_STABLE, weight("v2", "10"), weight("v3", "60"), weight("v4", "60"));
        Asked asked = asked(app);
        assertThat(asked.problems()).isNotEmpty();
        assertThat(asked.promotion()).isFalse();
        assertThat(asked.shares()).isEqualTo(MOSTLY_V1);
    }

    @Test
    void aPromotionGoesOnceTheContradictionIsGone() {
        Asked asked = asked(app("v2", V1_STABLE, weight("v2", "10"), weight("v3", "60")));
        assertThat(asked.promotion()).isTrue();
        assertThat(asked.shares()).isEqualTo(new Shares(Map.of("v2", 4000, "v3", 6000)));
    }

    @Test
    void anAbortHoldsAPromotion() {
        ServiceFacts root =
                TestServices.order().with("stable", "v2").with("abort", "bad").facts();
        App app = app(root, V1_STABLE, weight("v2", "10"));
        assertThat(asked(app).shares()).isEqualTo(Shares.all("v1"));
    }

    @Test
    void aVersionServiceOfAnotherHoldsNobodyElse() {
        App app = app("v1", V1_STABLE, weight("v2", "50"), weight("v3", "10"));
        Asked asked = asked(app).and(List.of(new Problem("Service order-v3", "is not ours", "")));
        assertThat(asked.problems()).hasSize(1);
        assertThat(asked.shares().of("v2")).isEqualTo(5000);
    }

    private static Asked asked(App app) {
        ServiceFacts root = java.util.Objects.requireNonNull(app.root());
        return Asked.of(app, Settings.of(root.annotations()), MOSTLY_V1, false, List.of());
    }

    private static TestDeployments weight(String version, String weight) {
        return TestDeployments.order(version).with("weight", weight);
    }

    private static App app(String stable, Release release, TestDeployments... canaries) {
        return app(TestServices.order().with("stable", stable).facts(), release, canaries);
    }

    private static App app(ServiceFacts root, Release release, TestDeployments... canaries) {
        return TestApps.of(root)
                .versions(Stream.concat(Stream.of(TestDeployments.order("v1")), Stream.of(canaries))
                        .map(d -> d.version(10)))
                .release(release)
                .app();
    }
}
