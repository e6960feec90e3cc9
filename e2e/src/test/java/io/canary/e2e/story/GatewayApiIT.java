// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.ControlPlane;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The Gateway API's CRDs are taken out of the cluster and put in again while the product runs (fault F21).
@ReleaseStory
@Tag("alone")
class GatewayApiIT {
    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");

    @AfterEach
    void putItIn(ControlPlane cluster) {
        cluster.gatewayApi().install();
    }

    @Test
    void withoutItTrafficFollowsPodsAndWithItAgainRoutesGoOnFromThere(Story story) {
        ControlPlane cluster = story.cluster().controlPlane();
        story.serve(Map.of("canary.io/scale-down-delay", "1s"), V1);
        story.apply(V2.yaml());
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));

        cluster.gatewayApi().remove();
        Release without = story.awaitRelease(
                "order", "traffic follows pods", r -> r.mode() == Release.Mode.REPLICA && r.inForceIsAsked());
        assertThat(without.modeReason()).isEqualTo("the cluster has no Gateway API");
        assertThat(without.version("v2").map(Release.VersionStatus::effective)).contains(1000);
        assertThat(story.canary("plan", "order", "50").stdout()).contains("deployment/order-v2  replicas 1 -> 5");
        assertThat(story.canary("check", "order").stdout()).contains("warn  CAN101 the Gateway API is not installed");
        assertThat(story.canary("status", "order", "-o", "wide").orThrow().stdout())
                .contains("order-v2-");
        story.annotate("deployment/order-v2", "canary.io/weight=50");
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
        story.awaitRelease(
                "order",
                "half of the pods",
                r -> r.inForceIsAsked()
                        && r.version("v2").filter(v -> v.effective() == 5000).isPresent());

        // Asked for before the CRDs come back, and not in force: the first route must carry what pods give.
        story.annotate("service/order", "canary.io/paused=wait");
        story.annotate("deployment/order-v2", "canary.io/weight=80");
        story.awaitPhase("order", Release.Phase.PAUSED);
        cluster.gatewayApi().install();
        story.awaitRelease("order", "traffic follows routes", r -> r.mode() == Release.Mode.ROUTE);
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.annotate("service/order", "canary.io/paused-");
        story.awaitShares("order", Map.of("v1", 20, "v2", 80));
        story.awaitReplicas(Map.of("order-v1", 2, "order-v2", 8));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10", "v1 50 v2 50", "v1 20 v2 80");
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 9, 5, 2);
        assertThat(story.calls().writes().where(c -> c.verb().equals("delete")).all())
                .isEmpty();
    }
}
