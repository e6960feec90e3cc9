// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `canary.io/paused` holds advances and scale-downs, never a retreat (issue 3, 5.4; design 2).
@ReleaseStory
class PauseIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");

    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");

    @Test
    void pauseHoldsAnAdvanceAndItsPodsUntilItIsRemoved(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        story.annotate("service/order", "canary.io/paused=the release manager is at lunch");

        story.annotate("deployment/order-v2", "canary.io/weight=50");

        Release paused = story.awaitRelease(
                "order",
                "v2 waits",
                r -> r.message().equals("v2: paused: no advance until canary.io/paused is removed"));
        assertThat(paused.phase()).isEqualTo(Release.Phase.PAUSED);
        assertThat(paused.version("v2").orElseThrow().asked()).isEqualTo(5_000);
        var _ = story.awaitQuiet(Duration.ofSeconds(4));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10");
        assertThat(story.replicas("order-v2")).isEqualTo(1);

        story.annotate("service/order", "canary.io/paused-");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10", "v1 50 v2 50");
    }

    @Test
    void pauseHoldsAPromotion(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        story.annotate("service/order", "canary.io/paused=wait");

        story.annotate("service/order", "canary.io/stable=v2");
        var _ = story.awaitQuiet(Duration.ofSeconds(4));
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 90.0, "v2", 10.0));
        assertThat(story.release("order")).extracting(Release::stable).isEqualTo("v1");

        story.annotate("service/order", "canary.io/paused-");
        story.awaitShares("order", Map.of("v2", 100));
    }

    @Test
    void newVersionStartsNoPodsWhilePaused(Story story) {
        story.serve(Map.of("canary.io/scale-down-delay", "1s", "canary.io/paused", "not today"), V1);
        story.awaitPhase("order", Release.Phase.PAUSED);

        story.apply(V2.yaml());

        story.awaitRelease("order", "v2 waits", r -> r.message().startsWith("v2: paused"));
        var _ = story.awaitQuiet(Duration.ofSeconds(3));
        assertThat(story.recorder().replicaHistory("order-v2")).containsExactly(0);
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10);
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 100.0));
    }

    @Test
    void pauseHoldsAScaleDownUntilItIsRemoved(Story story) {
        story.serve(Map.of("canary.io/scale-down-delay", "10m"), V1);
        story.apply(V2.weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));

        story.annotate("service/order", "canary.io/paused=wait");
        story.awaitPhase("order", Release.Phase.PAUSED);
        story.annotate("service/order", "canary.io/scale-down-delay=1s");
        var _ = story.awaitQuiet(Duration.ofSeconds(3));
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10);

        story.annotate("service/order", "canary.io/paused-");
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
    }

    @Test
    void retreatGoesThroughWhilePausedAndItsPodsStay(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("30").yaml());
        story.awaitReplicas(Map.of("order-v1", 7, "order-v2", 3));
        story.annotate("service/order", "canary.io/paused=wait");
        story.awaitPhase("order", Release.Phase.PAUSED);

        story.annotate("deployment/order-v2", "canary.io/weight=20");

        story.awaitShares("order", Map.of("v1", 80, "v2", 20));
        story.awaitReplicas(Map.of("order-v1", 8));
        var _ = story.awaitQuiet(Duration.ofSeconds(3));
        assertThat(story.replicas("order-v2")).as("no scale-down while paused").isEqualTo(3);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 70 v2 30", "v1 80 v2 20");
    }
}
