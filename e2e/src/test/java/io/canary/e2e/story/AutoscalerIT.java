// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A HorizontalPodAutoscaler on a version owns its replicas: we write only across zero (issue 3, 5.5; design 4). No
/// metrics are served here, so it holds its `minReplicas`, by which these tests drive it; by load: [AutoscalerLoadIT].
@ReleaseStory
class AutoscalerIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");

    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");

    @Test
    void autoscaledVersionIsScaledByUsOnlyAcrossZero(Story story) {
        story.serve(QUICK, V1);
        story.apply(autoscaler("order-v2", 2));

        String warned = story.apply(V2.yaml()).stderr();

        assertThat(warned).contains("Warning: replicas of order-v2 are its autoscaler's (order-v2)");
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 2));

        story.merge("hpa/order-v2", """
                {"spec": {"minReplicas": 4}}""");
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 4));
        var _ = story.awaitQuiet(Duration.ofSeconds(3));
        assertThat(story.replicas("order-v2")).isEqualTo(4);

        story.annotate("deployment/order-v2", "canary.io/weight=0");
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0));
        story.awaitPhase("order", Release.Phase.STABLE);
        assertThat(story.recorder().replicaHistory("order-v2")).containsExactly(0, 2, 4, 0);
        assertThat(ourScalings(story, "order-v2")).isEqualTo(2);
    }

    @Test
    void fileOfAnAutoscaledVersionAppliedAgainKeepsItsCount(Story story) {
        story.serve(QUICK, V1);
        story.apply(autoscaler("order-v2", 2), V2.yaml());
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 2));

        String warned = story.apply(V2.yaml()).stderr();

        assertThat(warned).contains("Warning: replicas stay 2: replicas of order-v2 are its autoscaler's");
        assertThat(story.recorder().replicaHistory("order-v2")).containsExactly(0, 2);
    }

    @Test
    void autoscaledStableIsLeftAloneAndItsReadyPodsAreTheTotal(Story story) {
        story.serve(QUICK, V1.replicas(4));
        story.apply(autoscaler("order-v1", 4));
        story.awaitPhase("order", Release.Phase.STABLE);

        story.apply(V2.weight("50").yaml());

        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v2", 2));
        story.awaitRelease("order", "the total is 4", r -> r.total() == 4 && r.phase() == Release.Phase.CANARY);
        var _ = story.awaitQuiet(Duration.ofSeconds(3));
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(4);
    }

    /// Neither is scaled by us but across zero: v2 to start, v1 when its weight has left it, and back.
    @Test
    void bothVersionsMayHaveOne(Story story) {
        story.serve(QUICK, V1.replicas(4));
        story.apply(autoscaler("order-v1", 4), autoscaler("order-v2", 2));
        story.apply(V2.weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.merge("hpa/order-v2", """
                {"spec": {"minReplicas": 4}}""");
        story.awaitReplicas(Map.of("order-v1", 4, "order-v2", 4));

        story.canary("promote", "order", "--wait").orThrow();
        story.awaitShares("order", Map.of("v2", 100));
        story.awaitReplicas(Map.of("order-v1", 0, "order-v2", 4));

        story.canary("undo", "order", "--yes", "--wait").orThrow();
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 4, "order-v2", 0));
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(4, 0, 4);
        assertThat(story.recorder().replicaHistory("order-v2")).containsExactly(0, 2, 4, 0);
    }

    /// In the middle of a release: what it says is not undone (F16).
    @Test
    void oneThatComesLaterTakesOver(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("30").yaml());
        story.awaitReplicas(Map.of("order-v1", 7, "order-v2", 3));
        story.awaitPhase("order", Release.Phase.CANARY);

        story.apply(autoscaler("order-v2", 5));
        story.awaitReplicas(Map.of("order-v1", 7, "order-v2", 5));
        var _ = story.awaitQuiet(Duration.ofSeconds(3));
        assertThat(story.recorder().replicaHistory("order-v2")).containsExactly(0, 3, 5);

        story.annotate("deployment/order-v2", "canary.io/weight=50");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
    }

    /// As KEDA makes it for a ScaledObject, under a name of its own, and takes it away again.
    @Test
    void theOneThatKedaMakesIsFoundByItsTarget(Story story) {
        story.serve(QUICK, V1);
        story.apply(autoscaler("keda-hpa-order-v2", "order-v2", 2));

        String warned = story.apply(V2.yaml()).stderr();

        assertThat(warned).contains("Warning: replicas of order-v2 are its autoscaler's (keda-hpa-order-v2)");
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 2));
        story.kubectl("delete", "hpa/keda-hpa-order-v2");
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
    }

    static int ourScalings(Story story, String deployment) {
        return story.calls()
                .on("deployments/scale")
                .where(call -> call.name().equals(deployment))
                .succeeded()
                .count();
    }

    private static String autoscaler(String deployment, int least) {
        return autoscaler(deployment, deployment, least);
    }

    static String autoscaler(String name, String deployment, int least) {
        return """
                apiVersion: autoscaling/v2
                kind: HorizontalPodAutoscaler
                metadata: {name: %s}
                spec:
                  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}
                  minReplicas: %d
                  maxReplicas: 20
                """.formatted(name, deployment, least);
    }
}
