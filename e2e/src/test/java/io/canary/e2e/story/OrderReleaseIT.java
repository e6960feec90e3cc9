// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.canary.domain.app.Release;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The seed's example: `order:v2` into production, by 10, 50 and 100 percent (issue 3, 5.2).
@ReleaseStory
class OrderReleaseIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");

    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");

    @Test
    void secondVersionGetsTenPercentOfTrafficAndPods(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());

        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        var v2 = story.deployment("order-v2");
        assertThat(v2.getMetadata().getLabels()).containsEntry("version", "v2");
        assertThat(v2.getSpec().getSelector().getMatchLabels()).containsEntry("version", "v2");
        assertThat(v2.getSpec().getTemplate().getMetadata().getLabels()).containsEntry("version", "v2");
        assertThat(story.recorder().replicaHistory("order-v2")).first().isEqualTo(0);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10");
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void trafficAndPodsFollowEachWeightUpToAPromotionAndBack(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));

        story.annotate("deployment/order-v2", "canary.io/weight=50");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));

        story.annotate("deployment/order-v2", "canary.io/weight=100");
        story.awaitShares("order", Map.of("v2", 100));
        story.awaitReplicas(Map.of("order-v1", 0, "order-v2", 10));

        story.annotate("service/order", "canary.io/stable=v2");
        story.awaitRelease("order", "v2 is stable", r -> "v2".equals(r.stable()) && r.phase() == Release.Phase.STABLE);

        story.apply(Workload.of("order", "v3", 10).unlabelled().weight("10").yaml());
        story.awaitShares("order", Map.of("v2", 90, "v3", 10));
        story.awaitReplicas(Map.of("order-v1", 0, "order-v2", 9, "order-v3", 1));

        // Undo: v1 is stable again, and v2 does not come back with its old 100.
        story.annotate("deployment/order-v3", "canary.io/weight=0");
        story.annotate("service/order", "canary.io/stable=v1");
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0, "order-v3", 0));
        story.awaitPhase("order", Release.Phase.STABLE);
        assertThat(story.annotation("order-v2", "canary.io/spent")).isEqualTo("100");
    }

    /// Until its pods carry the label no Service can tell them apart: traffic follows pods. Adopted, it follows routes.
    @Test
    void unlabelledStableIsSplitByPodsUntilItIsAdopted(Story story) {
        story.serve(QUICK, V1.unlabelled());
        story.apply(V2.weight("20").yaml());

        story.awaitReplicas(Map.of("order-v1", 8, "order-v2", 2));
        Release release = story.awaitRelease(
                "order",
                "v2 has 20 % of the pods",
                r -> r.inForceIsAsked()
                        && r.version("v2").filter(v -> v.effective() == 2000).isPresent());
        assertThat(release.mode()).isEqualTo(Release.Mode.REPLICA);
        assertThat(release.modeReason()).contains("v1", "kubectl canary adopt order");

        var warned = story.annotate("deployment/order-v1", "canary.io/version=v1");
        assertThat(warned.stderr()).contains("rolls the pods once");
        story.awaitShares("order", Map.of("v1", 80, "v2", 20));
        story.awaitRelease("order", "route mode", r -> r.mode() == Release.Mode.ROUTE);
        // The first route carries what the endpoints gave while v1's pods roll: 6 to 10 of them beside v2's two.
        assertThat(story.shareHistory("order"))
                .first(as(STRING))
                .matches("v1 (7[5-9]|8[0-4])(\\.[0-9]+)? v2 (1[6-9]|2[0-5])(\\.[0-9]+)?");
        assertThat(story.shareHistory("order")).last().isEqualTo("v1 80 v2 20");

        story.annotate("deployment/order-v2", "canary.io/weight=50");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
    }

    /// The order of design section 5, as the API server was called.
    @Test
    void eachChangeIsWrittenInTheSafeOrder(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));

        assertThat(story.writes())
                .containsSubsequence(
                        "patch services order-v1",
                        "patch httproutes order", // all to v1: it keeps traffic off v2's pods
                        "patch deployments/scale order-v2",
                        "patch httproutes order", // half and half
                        "patch deployments/scale order-v1");
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 5);
        assertThat(story.recorder().replicaHistory("order-v2")).containsExactly(0, 5);
    }
}
