// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.watch.MeshMode;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// No controller accepts our route: after 10 s traffic follows pods, and the route stands at what they give.
@ReleaseStory
class MeshlessIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    private static final String SILENCE = "no controller accepts a route of Service order";
    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");

    @Test
    void withoutAMeshPodsCarryTheSharesUntilOneAppears(Story story) {
        story.mesh(MeshMode.OFF);
        story.serve(QUICK, V1);
        story.apply(V2.yaml());

        // Until it is decided no pod of v2 starts.
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitRelease("order", "undecided", r -> r.mode() == Release.Mode.UNDECIDED);
        assertThat(story.replicas("order-v2")).isZero();
        Release release = story.awaitRelease(
                "order",
                "traffic follows pods, 10 % of them are of v2",
                r -> r.mode() == Release.Mode.REPLICA && effective(r, "v2") == 1000 && r.inForceIsAsked());
        assertThat(release.modeReason()).isEqualTo(SILENCE);
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));

        story.annotate("deployment/order-v2", "canary.io/weight=25");
        story.awaitReplicas(Map.of("order-v1", 7, "order-v2", 3));
        story.awaitRelease("order", "30 % of the pods", r -> effective(r, "v2") == 3000 && r.inForceIsAsked());
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));

        // A mesh comes: it finds what pods gave, and goes to what is asked.
        story.mesh(MeshMode.PROMPT);
        story.awaitRelease("order", "traffic follows routes", r -> r.mode() == Release.Mode.ROUTE);
        story.awaitShares("order", Map.of("v1", 75, "v2", 25));
        story.awaitPhase("order", Release.Phase.CANARY);
        assertThat(story.shareHistory("order")).startsWith("v1 100").endsWith("v1 70 v2 30", "v1 75 v2 25");
    }

    @Test
    void aMeshThatGoesLeavesTrafficToThePodsAsTheyAre(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));

        story.mesh(MeshMode.GONE);
        story.awaitRelease("order", "traffic follows pods", r -> r.mode() == Release.Mode.REPLICA);
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 50.0, "v2", 50.0));
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 5);

        story.annotate("service/order", "canary.io/abort=errors");
        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0));
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitRelease("order", "all is on v1", r -> effective(r, "v1") == 10_000 && r.inForceIsAsked());
    }

    private static int effective(Release release, String version) {
        return release.version(version).map(Release.VersionStatus::effective).orElse(-1);
    }
}
