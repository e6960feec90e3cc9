// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.PodBehaviour;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Pods that fail: before they are ready nothing moves to them, and afterwards what they had leaves them at once
/// (issue 3, 5.4; design 5.3 and 5.5).
@ReleaseStory
class FailureIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");

    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");

    // ---- not ready yet

    @Test
    void podsThatAreNeverReadyLeaveTheOldWeightsAndLaterOnesStillMoveThem(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.behaving(PodBehaviour.NEVER_READY).progressDeadline(5).yaml());

        Release degraded = story.awaitPhase("order", Release.Phase.DEGRADED);
        assertThat(degraded.message()).isEqualTo("v2: 0 of 1 pods ready");
        assertThat(status(degraded, "v2").degraded()).isTrue();
        assertThat(status(degraded, "v2").asked()).isEqualTo(1_000);
        assertThat(status(degraded, "v2").inForce()).isZero();
        assertThat(status(degraded, "v2").waitsSince()).isNotNull();
        story.awaitEvent("Degraded", "v2 is degraded: 0 of 1 pods ready");
        assertThat(story.kubectl("get", "release", "order", "-o", "wide").stdout())
                .contains("Degraded", "0 of 1 pods ready");
        story.kubectl("wait", "release/order", "--for=condition=Degraded", "--timeout=10s");
        assertThat(story.shareHistory("order")).containsExactly("v1 100");
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10);

        story.behave("v2", PodBehaviour.READY);
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        story.awaitPhase("order", Release.Phase.CANARY);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10");
    }

    @Test
    void raiseWithAnImageThatIsMissingLeavesTheWeightThatWasReached(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));

        // The image first: else the Deployment first grows to five pods of the image that works, and may be ready for
        // 50.
        Workload broken =
                V2.image("broken").behaving(PodBehaviour.IMAGE_MISSING).progressDeadline(5);
        story.apply(broken.yaml());
        story.await(
                "its pod is there", () -> story.kubectl("get", "pods").stdout().contains("ImagePullBackOff"));
        story.apply(broken.weight("50").yaml());

        Release degraded = story.awaitPhase("order", Release.Phase.DEGRADED);
        assertThat(degraded.message()).matches("v2: \\d of 5 pods ready");
        assertThat(story.deployment("order-v2").getSpec().getReplicas()).isEqualTo(5);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10");
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 9);

        story.apply(V2.weight("50").image("mended").progressDeadline(5).yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void podsThatComeSlowlyAreWaitedForWithoutADegradedPhase(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("30")
                .behaving(PodBehaviour.readyAfter(Duration.ofSeconds(6)))
                .yaml());

        Release waits = story.awaitRelease(
                "order", "v2 waits for its pods", r -> r.message().equals("v2: 0 of 3 pods ready"));
        assertThat(waits.phase()).isEqualTo(Release.Phase.PROGRESSING);
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 70 v2 30");
        story.awaitReplicas(Map.of("order-v1", 7, "order-v2", 3));
        assertThat(story.events("Degraded")).isEmpty();
    }

    @Test
    void versionWhosePodsAreNotAllReadyGetsNothingOfARaise(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("50").behaving(PodBehaviour.NEVER_READY).yaml());
        story.await("5 pods of v2", () -> story.podsOf("order-v2") == 5);

        story.makeReady("order-v2", 4);
        story.awaitRelease("order", "4 of 5", r -> r.message().equals("v2: 4 of 5 pods ready"));
        story.awaitReadyFor("order-v2", Duration.ofSeconds(4));
        assertThat(story.shareHistory("order")).containsExactly("v1 100");

        story.makeReady("order-v2", 1);
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50");
    }

    @Test
    void pausedDeploymentWaitsUntilItIsResumed(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        story.kubectl("rollout", "pause", "deployment/order-v2");

        String warned =
                story.annotate("deployment/order-v2", "canary.io/weight=50").stderr();

        assertThat(warned).contains("Warning: spec.paused: the weight waits until the Deployment is resumed");
        story.awaitRelease(
                "order",
                "v2 is paused",
                r -> r.message().equals("v2: Deployment order-v2 is paused (spec.paused)")
                        && r.phase() == Release.Phase.PROGRESSING);
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 5));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10");

        story.kubectl("rollout", "resume", "deployment/order-v2");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
    }

    // ---- ready no more

    @Test
    void withdrawnWeightReturnsAfter30SecondsEvenWhilePausedButNotAbove(Story story) {
        reach(story, "30");

        story.behave("v2", PodBehaviour.NEVER_READY);
        story.awaitShares("order", Map.of("v1", 100));
        Release withdrawn =
                story.awaitRelease("order", "v2 lost it", r -> status(r, "v2").withdrawal() != null);
        assertThat(status(withdrawn, "v2").waitsFor()).isEqualTo("0 of 3 pods ready");
        assertThat(withdrawn.history().getLast().reason()).isEqualTo("withdrawn: v2 has no ready endpoint");
        story.awaitEvent("Moved", "v1 100 (was v1 70, v2 30): withdrawn: v2 has no ready endpoint, by canary");
        story.awaitReplicas(Map.of("order-v1", 10));

        story.annotate("service/order", "canary.io/paused=look first");
        story.annotate("deployment/order-v2", "canary.io/weight=50");
        story.behave("v2", PodBehaviour.READY);
        story.awaitRelease(
                "order",
                "v2 returns",
                r -> status(r, "v2")
                        .waitsFor()
                        .equals(
                                "its weight was withdrawn when its last endpoint went; it returns after 30 s of readiness"));
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
        story.awaitPhase("order", Release.Phase.PAUSED);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 70 v2 30", "v1 100", "v1 70 v2 30");

        story.annotate("service/order", "canary.io/paused-");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
    }

    @Test
    void withdrawnWeightReturnsToWhatIsAskedWhereThatIsLess(Story story) {
        reach(story, "30");
        story.behave("v2", PodBehaviour.NEVER_READY);
        story.awaitShares("order", Map.of("v1", 100));

        story.annotate("deployment/order-v2", "canary.io/weight=20");
        story.behave("v2", PodBehaviour.READY);

        story.awaitShares("order", Map.of("v1", 80, "v2", 20));
        story.awaitReplicas(Map.of("order-v1", 8, "order-v2", 2));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 70 v2 30", "v1 100", "v1 80 v2 20");
    }

    @Test
    void secondWithdrawalHoldsAVersionAtZeroUntilItsWeightChanges(Story story) {
        withdrawTwice(story);
        Release held = story.awaitPhase("order", Release.Phase.DEGRADED);
        assertThat(status(held, "v2").waitsFor())
                .isEqualTo("it lost all its endpoints twice within 10 minutes; held at 0 until its weight or pod"
                        + " template changes");
        story.awaitEvent("Degraded", "v2 is degraded: it lost all its endpoints twice within 10 minutes");

        story.behave("v2", PodBehaviour.READY);
        story.awaitReadyFor("order-v2", Duration.ofSeconds(32));
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 100.0));

        story.annotate("deployment/order-v2", "canary.io/weight=20");
        story.awaitShares("order", Map.of("v1", 80, "v2", 20));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void secondWithdrawalHoldsAVersionAtZeroUntilItsTemplateChanges(Story story) {
        withdrawTwice(story);
        story.awaitPhase("order", Release.Phase.DEGRADED);

        story.apply(V2.weight("30").image("mended").yaml());

        story.awaitReadyFor("order-v2", Duration.ofSeconds(25));
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 100.0));
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void flappingPodsGetNoWeightUntilTheyStayReady(Story story) {
        reach(story, "10");

        story.behave("v2", PodBehaviour.flapping(Duration.ofSeconds(3)));
        story.awaitShares("order", Map.of("v1", 100));
        story.await("v2 is ready again", () -> story.recorder().readyEndpoints("order-v2") == 1);
        story.await("v2 is lost again", () -> story.recorder().readyEndpoints("order-v2") == 0);
        story.await("v2 is ready again", () -> story.recorder().readyEndpoints("order-v2") == 1);
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 100.0));

        story.behave("v2", PodBehaviour.READY);
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10", "v1 100", "v1 90 v2 10");
    }

    @Test
    void crashLoopLosesItsWeightAndKeepsItsPods(Story story) {
        reach(story, "30");

        story.behave("v2", PodBehaviour.CRASH_LOOP);

        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 10));
        story.await(
                "v2 restarts",
                () -> story.kubectl("get", "pods", "-l", "version=v2").stdout().contains("CrashLoopBackOff"));
        assertThat(story.deployment("order-v2").getSpec().getReplicas()).isEqualTo(3);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 70 v2 30", "v1 100");
    }

    // ---- stable without endpoints

    @Test
    void whenStableLosesItsEndpointsTheOthersTakeTwiceTheirPartOfThePods(Story story) {
        Workload v3 = Workload.of("order", "v3", 1).weight("10");
        story.serve(QUICK, V1);
        story.apply(V2.weight("30").yaml(), v3.yaml());
        story.awaitReplicas(Map.of("order-v1", 6, "order-v2", 3, "order-v3", 1));
        story.awaitShares("order", Map.of("v1", 60, "v2", 30, "v3", 10));

        story.behave("v1", PodBehaviour.NEVER_READY);
        story.awaitShares("order", Map.of("v1", 20, "v2", 60, "v3", 20));

        story.behave("v1", PodBehaviour.READY);
        story.awaitShares("order", Map.of("v1", 60, "v2", 30, "v3", 10));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void whenStableLosesItsEndpointsDuringAnAbortNobodyTakesItsShare(Story story) {
        reach(story, "30");
        story.annotate("service/order", "canary.io/abort=bad");
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0));

        story.behave("v1", PodBehaviour.NEVER_READY);
        story.awaitRelease("order", "v1 has no pods", r -> status(r, "v1").ready() == 0);

        var _ = story.awaitQuiet(Duration.ofSeconds(3));
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 100.0));
        assertThat(story.replicas("order-v2")).isZero();
    }

    @Test
    void whenNobodyIsReadyTheRouteStays(Story story) {
        // All pods that there will be are there: none starts while the others lose readiness.
        story.serve(Map.of("canary.io/scale-down-delay", "10m"), V1);
        story.apply(V2.weight("30").yaml());
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));

        story.cluster().behave("app=order", PodBehaviour.NEVER_READY);
        story.awaitRelease(
                "order", "nobody is ready", r -> r.versions().stream().allMatch(v -> v.ready() == 0));
        Map<String, Double> left = story.shares("order");
        var _ = story.awaitQuiet(Duration.ofSeconds(3));
        assertThat(story.shares("order")).isEqualTo(left);

        story.cluster().behave("app=order", PodBehaviour.READY);
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
    }

    private static void withdrawTwice(Story story) {
        reach(story, "30");
        story.behave("v2", PodBehaviour.NEVER_READY);
        story.awaitShares("order", Map.of("v1", 100));
        story.behave("v2", PodBehaviour.READY);
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
        story.behave("v2", PodBehaviour.NEVER_READY);
        story.awaitShares("order", Map.of("v1", 100));
    }

    private static void reach(Story story, String weight) {
        int pods = Integer.parseInt(weight) / 10;
        story.serve(QUICK, V1);
        story.apply(V2.weight(weight).yaml());
        story.awaitReplicas(Map.of("order-v1", 10 - pods, "order-v2", pods));
        story.awaitPhase("order", Release.Phase.CANARY);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 " + (100 - 10 * pods) + " v2 " + weight);
    }

    private static Release.VersionStatus status(Release release, String version) {
        return release.version(version).orElseThrow();
    }
}
