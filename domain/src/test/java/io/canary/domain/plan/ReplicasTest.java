// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Settings;
import io.canary.domain.app.TestApps;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestServices;
import io.canary.domain.app.Version;
import io.canary.domain.route.Mode;
import io.canary.domain.share.Asked;
import io.canary.domain.share.NextShares;
import io.canary.domain.share.Shares;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicasTest {
    private static final Shares ALL_V1 = Shares.all("v1");

    @ParameterizedTest(name = "{0} of v1's pods ready: v2 and v3 keep {1}")
    @CsvSource({"4, 6", "5, 5", "7, 3", "10, 0"})
    void giversLoseTogetherOnePodForEachThatIsReady(int ready, int kept) {
        Situation s = byReplicas(null, new Shares(Map.of("v1", 4000, "v2", 3000, "v3", 3000)), ALL_V1, ready, 3, 3);
        Map<String, Integer> targets = targets(s);
        assertThat(targets.getOrDefault("v2", 0) + targets.getOrDefault("v3", 0))
                .isEqualTo(kept);
        assertThat(targets).containsEntry("v1", 10);
    }

    /// v2 is scaled to 13 by somebody in the middle of the retreat; one of its pods is ready.
    @Test
    void aGiverThatIsScaledUpCostsAnotherNoPodThatServes() {
        Shares inForce = new Shares(Map.of("v1", 4000, "v2", 1000, "v3", 5000));
        Situation s = byReplicas(null, inForce, ALL_V1, version("v1", 4), version("v2", 13, 1), version("v3", 5));
        assertThat(targets(s)).containsEntry("v1", 10).containsEntry("v2", 1).containsEntry("v3", 5);
    }

    /// v2 shall keep two of its three pods, and none of them is ever ready.
    @Test
    void aGiverThatIsNotReadyDoesNotKeepAnotherFromGiving() {
        Shares inForce = new Shares(Map.of("v1", 3000, "v2", 3000, "v3", 4000));
        Shares asked = new Shares(Map.of("v1", 6000, "v2", 2000, "v3", 2000));
        Situation s = byReplicas(null, inForce, asked, version("v1", 6), version("v2", 3, 0), version("v3", 4));
        assertThat(targets(s)).containsEntry("v1", 6).containsEntry("v2", 2).containsEntry("v3", 2);
    }

    @Test
    void pauseHoldsTheAdvanceAndNotTheRetreatBesideIt() {
        Shares inForce = new Shares(Map.of("v1", 7000, "v2", 3000));
        Shares asked = new Shares(Map.of("v1", 5000, "v3", 5000));
        Situation s = byReplicas("wait", inForce, asked, 7, 3, 0);
        assertThat(s.goal()).isEqualTo(ALL_V1);
        assertThat(s.retreating()).isTrue();
        assertThat(targets(s)).containsEntry("v1", 10).containsEntry("v3", 0);
    }

    @Test
    void pauseHoldsAPromotion() {
        Shares inForce = new Shares(Map.of("v1", 9000, "v2", 1000));
        Situation s = new Situation(
                app("wait", version("v1", 9), version("v2", 1), version("v3", 0)),
                root("wait"),
                Settings.of(root("wait").annotations()),
                mode(),
                false,
                inForce,
                new Asked("v2", "v1", Shares.all("v2"), List.of(), false),
                10,
                Map.of());
        assertThat(s.goal()).isEqualTo(inForce);
    }

    private static Map<String, Integer> targets(Situation s) {
        NextShares next = new NextShares(s.inForce(), 0, Map.of(), false);
        Map<String, Integer> targets = new HashMap<>();
        Replicas.targets(s, next, null, new Replicas.Routes(false, List.of()), Map.of(), new Watch(Instant.EPOCH))
                .forEach(t -> targets.put(t.version().name(), t.to()));
        return targets;
    }

    private static Situation byReplicas(@Nullable String paused, Shares inForce, Shares asked, int v1, int v2, int v3) {
        return byReplicas(paused, inForce, asked, version("v1", v1), version("v2", v2), version("v3", v3));
    }

    private static Situation byReplicas(
            @Nullable String paused, Shares inForce, Shares asked, Version v1, Version v2, Version v3) {
        ServiceFacts root = root(paused);
        return new Situation(
                app(paused, v1, v2, v3),
                root,
                Settings.of(root.annotations()),
                mode(),
                false,
                inForce,
                new Asked("v1", "v1", asked, List.of(), false),
                10,
                Map.of());
    }

    private static Mode mode() {
        return new Mode(Release.Mode.REPLICA, "", null, null);
    }

    private static ServiceFacts root(@Nullable String paused) {
        TestServices root = TestServices.order();
        return (paused == null ? root : root.with("paused", paused)).facts();
    }

    private static App app(@Nullable String paused, Version v1, Version v2, Version v3) {
        return TestApps.of(root(paused), v1, v2, v3).gatewayApi(Map.of()).app();
    }

    private static Version version(String name, int ready) {
        return version(name, ready, ready);
    }

    private static Version version(String name, int replicas, int ready) {
        return TestDeployments.order(name)
                .with("weight", "10")
                .replicas(replicas)
                .version(ready);
    }
}
