// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.PodBehaviour;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// One edit of `canary.io/abort` takes everything back to stable, and it stays there (issue 3, 5.4; design 2 and 5.4).
@ReleaseStory
class AbortIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    private static final Map<String, String> PODS_STAY = Map.of("canary.io/scale-down-delay", "10m");

    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");

    @Test
    void abortMovesAllTrafficInOneWriteWhenStableHasThePods(Story story) {
        story.serve(PODS_STAY, V1);
        story.apply(V2.weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));

        story.annotate("service/order", "canary.io/abort=errors at the checkout");

        story.awaitShares("order", Map.of("v1", 100));
        Release aborted = story.awaitPhase("order", Release.Phase.ABORTED);
        assertThat(aborted.history().getLast().reason()).isEqualTo("aborted: errors at the checkout");
        assertThat(aborted.history().getLast().by()).isEqualTo("admin");
        story.awaitEvent("Moved", "v1 100 (was v1 50, v2 50): aborted: errors at the checkout");
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50", "v1 100");
    }

    @Test
    void abortStaysAlthoughTheWeightIsWrittenAgainUntilTheKeyIsRemoved(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("30").yaml());
        story.awaitReplicas(Map.of("order-v1", 7, "order-v2", 3));
        story.annotate("service/order", "canary.io/abort=bad");
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0));

        story.apply(V2.weight("30").yaml());
        story.annotate("deployment/order-v2", "canary.io/weight=60");
        story.apply(V2.weight("40").yaml());
        var _ = story.awaitQuiet(Duration.ofSeconds(3));
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 100.0));
        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0));
        story.awaitPhase("order", Release.Phase.ABORTED);

        story.annotate("service/order", "canary.io/abort-");
        story.awaitShares("order", Map.of("v1", 60, "v2", 40));
        story.awaitReplicas(Map.of("order-v1", 6, "order-v2", 4));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void abortWithTooFewPodsMovesTrafficAsTheyCome(Story story) {
        allOnV2(story);

        story.annotate("service/order", "canary.io/abort=bad");
        story.await("10 pods of v1", () -> story.podsOf("order-v1") == 10);
        story.awaitRelease(
                "order",
                "v1 waits for pods",
                r -> r.message().equals("v1: takes traffic back as its pods come: 0 of 10 ready"));
        assertThat(story.shares("order")).isEqualTo(Map.of("v2", 100.0));

        story.makeReady("order-v1", 2);
        story.awaitShares("order", Map.of("v1", 25, "v2", 75));
        story.makeReady("order-v1", 2);
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.makeReady("order-v1", 4);
        story.awaitShares("order", Map.of("v1", 100));
        story.makeReady("order-v1", 2);

        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0));
        story.awaitPhase("order", Release.Phase.ABORTED);
        var history = story.shareHistory("order");
        assertThat(history).startsWith("v1 100", "v2 100", "v1 25 v2 75");
        var shares = history.stream()
                .skip(1)
                .map(split -> split.startsWith("v1 ") ? Integer.parseInt(split.split(" ", 3)[1]) : 0)
                .toList();
        assertThat(shares).isSorted().endsWith(100);
    }

    @Test
    void abortThatIsStuckForAMinuteLoadsStableTwiceAndSaysSo(Story story) {
        allOnV2(story);
        story.annotate("service/order", "canary.io/abort=bad");
        story.await("10 pods of v1", () -> story.podsOf("order-v1") == 10);
        story.makeReady("order-v1", 4);
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));

        story.awaitAfter(
                Duration.ofSeconds(60),
                "v1 is loaded twice",
                () -> story.shares("order").equals(Map.of("v1", 80.0, "v2", 20.0)));

        Release stuck = story.awaitRelease(
                "order", "v1 is degraded", r -> r.version("v1").orElseThrow().degraded());
        assertThat(stuck.phase()).isEqualTo(Release.Phase.ABORTED);
        story.awaitEvent("Degraded", "v1 is degraded: takes traffic back as its pods come: 4 of 10 ready");
        assertThat(story.shareHistory("order")).endsWith("v1 50 v2 50", "v1 80 v2 20");
        story.makeReady("order-v1", 6);
        story.awaitShares("order", Map.of("v1", 100));
    }

    @Test
    void abortToAStableWithoutRoomTakesATenthOfThePodsThatServe(Story story) {
        allOnV2(story);
        story.annotate("service/order", "canary.io/abort=bad");
        story.await("10 pods of v1", () -> story.podsOf("order-v1") == 10);

        story.awaitAfter(
                Duration.ofSeconds(60),
                "v2 makes room",
                () -> story.deployment("order-v2").getSpec().getReplicas() == 9);

        assertThat(story.shares("order")).isEqualTo(Map.of("v2", 100.0));
        story.makeReady("order-v1", 10);
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0));
    }

    /// v2 serves alone, and new pods of v1 become ready only by hand.
    private static void allOnV2(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("100").yaml());
        story.awaitShares("order", Map.of("v2", 100));
        story.awaitReplicas(Map.of("order-v1", 0, "order-v2", 10));
        story.apply(V1.behaving(PodBehaviour.NEVER_READY).yaml());
    }

    @Test
    void undoDuringAnAbortGoesThrough(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("100").yaml());
        story.awaitShares("order", Map.of("v2", 100));
        story.annotate("service/order", "canary.io/stable=v2");
        story.awaitRelease("order", "v2 is stable", r -> "v2".equals(r.stable()) && r.phase() == Release.Phase.STABLE);
        story.annotate("service/order", "canary.io/abort=bad");
        story.awaitPhase("order", Release.Phase.ABORTED);

        story.annotate("service/order", "canary.io/stable=v1");

        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0));
        Release undone = story.awaitRelease("order", "v1 is stable", r -> "v1".equals(r.stable()));
        assertThat(undone.phase()).isEqualTo(Release.Phase.ABORTED);
        assertThat(undone.line()).isEmpty();
    }

    @Test
    void promotionDuringAnAbortWaitsUntilTheKeyIsRemoved(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("30").yaml());
        story.awaitReplicas(Map.of("order-v1", 7, "order-v2", 3));
        story.annotate("service/order", "canary.io/abort=bad");
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0));

        story.annotate("service/order", "canary.io/stable=v2");
        var _ = story.awaitQuiet(Duration.ofSeconds(3));
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 100.0));
        assertThat(story.release("order")).extracting(Release::stable).isEqualTo("v1");

        story.annotate("service/order", "canary.io/abort-");
        story.awaitShares("order", Map.of("v2", 100));
        story.awaitRelease("order", "v2 is stable", r -> "v2".equals(r.stable()) && r.phase() == Release.Phase.STABLE);
    }

    @Test
    void abortGoesThroughWhilePaused(Story story) {
        story.serve(PODS_STAY, V1);
        story.apply(V2.weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.annotate("service/order", "canary.io/paused=lunch");
        story.awaitPhase("order", Release.Phase.PAUSED);

        story.annotate("service/order", "canary.io/abort=bad");

        story.awaitShares("order", Map.of("v1", 100));
        story.awaitPhase("order", Release.Phase.ABORTED);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50", "v1 100");
    }

    @Test
    void abortWhilePausedStartsThePodsThatStableNeeds(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("50").yaml());
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
        story.annotate("service/order", "canary.io/paused=lunch");
        story.awaitPhase("order", Release.Phase.PAUSED);

        story.annotate("service/order", "canary.io/abort=bad");

        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 10));
        var _ = story.awaitQuiet(Duration.ofSeconds(3));
        assertThat(story.replicas("order-v2")).as("no scale-down while paused").isEqualTo(5);

        story.annotate("service/order", "canary.io/paused-");
        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0));
    }
}
