// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static io.canary.e2e.story.AutoscalerIT.autoscaler;
import static io.canary.e2e.story.AutoscalerIT.ourScalings;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.testbed.MetricsApi;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// HorizontalPodAutoscalers that follow what [MetricsApi] says. Alone: the metrics APIs are the whole cluster's.
@ReleaseStory
@Tag("alone")
class AutoscalerLoadIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    private static final String QUEUE = "s0-queue";

    /// Autoscalers lower only after five minutes by default.
    private static final String AT_ONCE = """
              behavior: {scaleDown: {stabilizationWindowSeconds: 0}}
            """;

    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");

    /// The load moves with the shares, and each autoscaler follows it; we scale across zero and nothing else.
    @Test
    void loadDrivesBothThroughARelease(Story story) {
        MetricsApi metrics = story.cluster().controlPlane().metrics();
        String namespace = story.cluster().namespace();
        metrics.cpu(namespace, "order-v1", 400);
        metrics.cpu(namespace, "order-v2", 200);
        story.serve(QUICK, V1.replicas(4));
        story.apply(byCpu("order-v1"), byCpu("order-v2"));
        story.apply(V2.weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));

        metrics.cpu(namespace, "order-v1", 200);
        metrics.cpu(namespace, "order-v2", 600);
        story.awaitReplicas(Map.of("order-v1", 2, "order-v2", 6));
        metrics.cpu(namespace, "order-v2", 300);
        story.awaitReplicas(Map.of("order-v1", 2, "order-v2", 3));
        assertThat(ourScalings(story, "order-v1")).isZero();
        assertThat(ourScalings(story, "order-v2")).isEqualTo(1);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50");

        story.canary("promote", "order", "--wait").orThrow();
        metrics.cpu(namespace, "order-v2", 500);
        story.awaitShares("order", Map.of("v2", 100));
        story.awaitReplicas(Map.of("order-v1", 0, "order-v2", 5));
        var _ = story.awaitQuiet(Duration.ofSeconds(3));
        assertThat(story.replicas("order-v1"))
                .as("an autoscaler leaves 0 alone")
                .isZero();
        assertThat(ourScalings(story, "order-v1")).isEqualTo(1);
        assertThat(ourScalings(story, "order-v2")).isEqualTo(1);
    }

    /// As KEDA drives one: by a number from outside.
    @Test
    void aQueueDrivesIt(Story story) {
        MetricsApi metrics = story.cluster().controlPlane().metrics();
        String namespace = story.cluster().namespace();
        metrics.external(namespace, QUEUE, 0);
        story.serve(QUICK, V1);
        story.apply(byQueue("order-v2"), V2.yaml());
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));

        metrics.external(namespace, QUEUE, 40);
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 4));
        metrics.external(namespace, QUEUE, 0);
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        assertThat(ourScalings(story, "order-v2")).isEqualTo(1);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10");
    }

    /// A tenth of a core for each pod.
    private static String byCpu(String deployment) {
        return autoscaler(deployment, deployment, 1) + """
                  metrics:
                    - type: Resource
                      resource: {name: cpu, target: {type: AverageValue, averageValue: 100m}}
                """ + AT_ONCE;
    }

    /// Ten entries of the queue for each pod, under the name that KEDA would give it.
    private static String byQueue(String deployment) {
        return autoscaler("keda-hpa-" + deployment, deployment, 1) + """
                  metrics:
                    - type: External
                      external: {metric: {name: s0-queue}, target: {type: AverageValue, averageValue: 10}}
                """ + AT_ONCE;
    }
}
