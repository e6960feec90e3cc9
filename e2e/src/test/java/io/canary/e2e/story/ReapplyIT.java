// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Files and tools that say `replicas: 10` again and again, and `kubectl scale` (issue 3, 5.5; design 4 and 6).
@ReleaseStory
class ReapplyIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    private static final String SET_THE_TOTAL = ": set the total as canary.io/replicas on Service order";

    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("50");

    // ---- files

    @Test
    void fileOfAnyVersionAppliedAgainKeepsItsCountAndWarns(Story story) {
        halfway(story);

        String canary = story.apply(V2.yaml()).stderr();
        String stable = story.apply(V1.yaml()).stderr();

        assertThat(canary).contains("Warning: replicas stay 5" + SET_THE_TOTAL).doesNotContain("kubectl scale");
        assertThat(stable).contains("Warning: replicas stay 5" + SET_THE_TOTAL).doesNotContain("kubectl scale");
        var _ = story.awaitQuiet(Duration.ofSeconds(2));
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 5);
        assertThat(story.recorder().replicaHistory("order-v2")).containsExactly(0, 5);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50");
    }

    @Test
    void fileOfAVersionThatGaveItsPodsAwayKeepsItsZero(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("100").yaml());
        story.awaitReplicas(Map.of("order-v1", 0, "order-v2", 10));

        String warned = story.apply(V1.yaml()).stderr();

        assertThat(warned).contains("Warning: replicas stay 0" + SET_THE_TOTAL);
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 0);
    }

    @Test
    void imageUpdateInTheSameFileGoesThrough(Story story) {
        halfway(story);

        String warned = story.apply(
                        V1.image("patched").yaml(), V2.image("patched").yaml())
                .stderr();

        assertThat(warned).contains("Warning: replicas stay 5" + SET_THE_TOTAL);
        story.await(
                "the new image runs on both",
                () -> story.imagesOf("order-v1").equals(Set.of("order:patched"))
                        && story.imagesOf("order-v2").equals(Set.of("order:patched")));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 5);
        assertThat(story.recorder().replicaHistory("order-v2")).containsExactly(0, 5);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50");
    }

    @Test
    void replaceByTheOriginalFileKeepsLabelCountAndOurKeys(Story story) {
        halfway(story);
        var before = story.deployment("order-v2").getMetadata().getAnnotations();

        String warned = story.replace(V2.yaml()).stderr();

        assertThat(warned).contains("Warning: replicas stay 5" + SET_THE_TOTAL);
        var after = story.deployment("order-v2");
        assertThat(after.getMetadata().getAnnotations())
                .containsEntry("canary.io/app", "order")
                .containsEntry("canary.io/total", before.get("canary.io/total"))
                .containsEntry("canary.io/weight", "50");
        assertThat(after.getMetadata().getLabels()).containsEntry("version", "v2");
        assertThat(after.getSpec().getSelector().getMatchLabels()).containsEntry("version", "v2");
        assertThat(after.getSpec().getTemplate().getMetadata().getLabels()).containsEntry("version", "v2");
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
        assertThat(story.recorder().replicaHistory("order-v2")).containsExactly(0, 5);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50");
    }

    @Test
    void replaceOfStableByItsFileKeepsCountAndOurKeys(Story story) {
        halfway(story);

        String warned = story.replace(V1.yaml()).stderr();

        assertThat(warned).contains("Warning: replicas stay 5" + SET_THE_TOTAL);
        assertThat(story.annotation("order-v1", "canary.io/app")).isEqualTo("order");
        var _ = story.awaitQuiet(Duration.ofSeconds(2));
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 5);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50");
    }

    @Test
    void gitOpsToolThatForcesItsFileByServerSideApplyChangesNoCount(Story story) {
        story.serve(QUICK, V1);
        story.applyAs("flux", V2.yaml());
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));

        String canary = story.applyAs("flux", V2.yaml()).stderr();
        String stable = story.applyAs("flux", V1.yaml()).stderr();
        String again = story.applyAs("flux", V2.yaml()).stderr();

        assertThat(canary).contains("Warning: replicas stay 5" + SET_THE_TOTAL);
        assertThat(stable).contains("Warning: replicas stay 5" + SET_THE_TOTAL);
        assertThat(again).contains("Warning: replicas stay 5" + SET_THE_TOTAL);
        var _ = story.awaitQuiet(Duration.ofSeconds(2));
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 5);
        assertThat(story.recorder().replicaHistory("order-v2")).containsExactly(0, 5);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50");

        story.applyAs("flux", V2.weight("20").yaml());
        story.awaitShares("order", Map.of("v1", 80, "v2", 20));
        story.awaitReplicas(Map.of("order-v1", 8, "order-v2", 2));
    }

    @Test
    void fileWithAnotherCountAtRestKeepsItAndNamesTheScaleCommand(Story story) {
        story.serve(QUICK, V1);
        story.awaitPhase("order", Release.Phase.STABLE);
        story.await("order-v1 takes part", () -> "order".equals(story.annotation("order-v1", "canary.io/app")));

        String warned = story.apply(V1.replicas(6).yaml()).stderr();

        assertThat(warned)
                .contains("Warning: replicas stay 10" + SET_THE_TOTAL)
                .contains("Warning: or type: kubectl scale deployment order-v1 --replicas=6");
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10);
    }

    // ---- kubectl scale

    @Test
    void scaleInTheMiddleOfAReleaseIsRepaired(Story story) {
        halfway(story);

        story.kubectl("scale", "deployment/order-v1", "--replicas=2");
        story.awaitReplicaHistory("order-v1", 10, 5, 2, 5);
        story.kubectl("scale", "deployment/order-v2", "--replicas=8");
        story.awaitReplicaHistory("order-v2", 0, 5, 8, 5);

        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50");
    }

    /// Somebody's tool scales again and again: after three rounds it is told by its name, and left alone for a while
    /// (F16).
    @Test
    void aToolThatScalesAgainAndAgainIsToldByItsName(Story story) {
        halfway(story);
        int rounds = 0;
        while (!story.inConflict("order") && rounds++ < 20) {
            story.kubectl("scale", "deployment/order-v1", "--replicas=2");
            story.await(
                    "it is put right, or told",
                    () -> story.deployment("order-v1").getSpec().getReplicas() != 2 || story.inConflict("order"));
        }
        Release release = story.awaitPhase("order", Release.Phase.CONFLICT);
        assertThat(rounds).isBetween(3, 5);
        assertThat(release.problems()).singleElement().asString().contains("order-v1", "field manager \"kubectl\"");
        story.awaitEvent("Conflict", "field manager \"kubectl\"");
        // The other gives up: it is put right at the next try.
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void scaleAtRestSetsTheNextTotal(Story story) {
        story.serve(QUICK, V1);
        story.awaitPhase("order", Release.Phase.STABLE);

        story.kubectl("scale", "deployment/order-v1", "--replicas=6");
        story.awaitRelease("order", "the total is 6", r -> r.total() == 6 && r.phase() == Release.Phase.STABLE);
        story.apply(V2.yaml());

        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 3, "order-v2", 3));
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 6, 3);
    }

    @Test
    void fixedTotalAlwaysHolds(Story story) {
        story.serve(Map.of("canary.io/scale-down-delay", "1s", "canary.io/replicas", "10"), V1);
        story.awaitPhase("order", Release.Phase.STABLE);

        story.kubectl("scale", "deployment/order-v1", "--replicas=3");
        story.awaitReplicaHistory("order-v1", 10, 3, 10);
        story.kubectl("scale", "deployment/order-v1", "--replicas=12");
        story.awaitReplicaHistory("order-v1", 10, 3, 10, 12, 10);
    }

    @Test
    void fixedTotalThatIsChangedInTheMiddleIsFollowed(Story story) {
        halfway(story);

        story.annotate("service/order", "canary.io/replicas=6");

        story.awaitReplicas(Map.of("order-v1", 3, "order-v2", 3));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50");
    }

    private static void halfway(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
        story.awaitPhase("order", Release.Phase.CANARY);
    }
}
