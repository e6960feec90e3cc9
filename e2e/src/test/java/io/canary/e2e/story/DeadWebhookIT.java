// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.story.Requester.Answer;
import io.canary.e2e.testbed.ControlPlane;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// With no Canary running, only changes of keys are refused, and the API server says why (issue 3, 5.6).
@ReleaseStory
@Tag("alone")
class DeadWebhookIT {
    private static final InstalledProduct PRODUCT = new InstalledProduct();
    private static final String UNREACHABLE = "failed calling webhook \"canary-must-be-running.canary.io\"";
    private static final Workload V1 = Workload.of("order", "v1", 2);
    private static final Workload V2 = Workload.of("order", "v2", 2).weight("50");
    private static final Workload V3 = Workload.of("order", "v3", 0).weight("0");

    @AfterEach
    void bringItBack(ControlPlane cluster) {
        PRODUCT.scale(cluster, 1);
        PRODUCT.awaitReady(cluster);
    }

    @Test
    void onlyChangesOfKeysAreRefused(Story story, ControlPlane cluster) {
        story.serve(Map.of("canary.io/scale-down-delay", "1s"), V1);
        story.apply(V2.yaml(), V3.yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 1));
        story.annotate("service/order", "canary.io/paused=lunch");
        story.awaitPhase("order", Release.Phase.PAUSED);
        PRODUCT.scale(cluster, 0);
        Requester alice = Requester.in(story).as("alice");

        Map<String, Answer> refused = new LinkedHashMap<>();
        refused.put(
                "a new annotated Deployment",
                alice.create(Workload.of("order", "v4", 1).weight("10").yaml()));
        refused.put("a changed weight", alice.annotate("deployment/order-v2", "canary.io/weight=60"));
        refused.put("a removed weight", alice.annotate("deployment/order-v2", "canary.io/weight-"));
        refused.put("a first key", alice.annotate("deployment/order-v1", "canary.io/weight=10"));
        refused.put("a weight by /status", alice.annotateStatus("deployment/order-v2", "canary.io/weight=60"));
        refused.put("a promotion", alice.annotate("service/order", "canary.io/stable=v2"));
        refused.put(
                "a new annotated Service", alice.create(Workload.rootService("pay", Map.of("canary.io/stable", "v1"))));
        refused.put("resuming", alice.annotate("service/order", "canary.io/paused-"));
        refused.put("a protected key", alice.annotate("deployment/order-v2", "canary.io/total=99"));
        refused.put("another author", alice.annotate("deployment/order-v2", "canary.io/by=eve"));
        refused.put("our label taken off a Service", alice.label("service/order-v2", "canary.io/app-"));
        refused.put(
                "a renamed version",
                alice.patch(
                        "deployment/order-v2",
                        Map.of(
                                "spec",
                                Map.of("template", Map.of("metadata", Map.of("labels", Map.of("team", "blue")))))));
        refused.forEach((what, answer) -> {
            assertThat(answer.allowed()).as(what).isFalse();
            assertThat(answer.message()).as(what).contains(UNREACHABLE);
        });
        assertThat(story.refused(story.cluster()
                        .kubectl("annotate", "--overwrite", "deployment/order-v2", "canary.io/weight=60")))
                .contains(UNREACHABLE);

        // Plain objects.
        story.apply(Workload.of("plain", "v1", 1).yaml(), Workload.rootService("plain", Map.of()));
        story.awaitReplicas(Map.of("plain-v1", 1));
        story.apply(Workload.of("plain", "v1", 2).image("other").yaml());
        story.awaitReplicas(Map.of("plain-v1", 2));
        story.kubectl("delete", "deployment/plain-v1", "service/plain");

        // Annotated ones: image, scale, label, deletion; and the controllers' status updates, or no rollout completes.
        story.kubectl("set", "image", "deployment/order-v2", "order=order:fixed");
        story.kubectl("rollout", "status", "deployment/order-v2", "--timeout=60s");
        story.kubectl("scale", "deployment/order-v2", "--replicas=3");
        story.awaitReplicas(Map.of("order-v2", 3));
        story.kubectl("label", "deployment/order-v2", "service/order", "team=blue");
        story.kubectl("annotate", "deployment/order-v2", "team=blue");
        story.kubectl("delete", "deployment/order-v3");

        // Stopping always gets through.
        story.annotate("service/order", "canary.io/paused=dinner");
        story.annotate("service/order", "canary.io/abort=errors");
        assertThat(alice.annotate("service/order", "canary.io/abort-").message())
                .as("resuming is an advance")
                .contains(UNREACHABLE);
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 50.0, "v2", 50.0));

        PRODUCT.scale(cluster, 1);
        PRODUCT.awaitReady(cluster);

        story.awaitShares("order", Map.of("v1", 100));
        story.annotate("service/order", "canary.io/abort-", "canary.io/paused-");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 1));
    }
}
