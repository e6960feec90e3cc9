// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.PodBehaviour;
import io.canary.e2e.watch.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Threats of admission.md section 5 that no other story tries; `SECURITY.md` says where the others are.
@ReleaseStory
class ThreatsIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");

    /// T9: with a namespace in a ref, the route would speak for the Service of another.
    @Test
    void ourRefsNameNoNamespace(Story story) {
        begun(story);
        assertThat(story.kubectl("get", "httproute/order", "-o", "jsonpath={.spec}")
                        .stdout())
                .contains("order-v2")
                .doesNotContain("namespace");
    }

    /// T18: what a finalizer keeps is judged as before.
    @Test
    void aTerminatingVersionIsJudgedLikeAnyOther(Story story) {
        begun(story);
        story.merge("deployment/order-v2", """
                {"metadata": {"finalizers": ["example.com/kept"]}}""");
        story.kubectl("annotate", "--overwrite", "deployment/order-v2", "canary.io/weight=0");
        story.awaitShares("order", Map.of("v1", 100));
        story.kubectl("delete", "deployment/order-v2", "--wait=false");
        try {
            assertThat(story.refused(story.cluster()
                            .kubectl("annotate", "--overwrite", "deployment/order-v2", "canary.io/weight=ten")))
                    .contains("\"ten\" is not a percentage");
            assertThat(story.refused(story.cluster().kubectl("label", "deployment/order-v2", "canary.io/app=other")))
                    .contains("canary.io/app");
        } finally {
            story.merge("deployment/order-v2", """
                    {"metadata": {"finalizers": null}}""");
        }
    }

    /// T21: pods that a quota refuses are waited for, and nothing is written again and again.
    @Test
    void podsThatAQuotaRefusesAreWaitedFor(Story story) {
        story.serve(QUICK, Workload.of("order", "v1", 4));
        quota(story, "pods", 5);
        story.apply(Workload.of("order", "v2", 4).weight("50").yaml());
        story.awaitRelease("order", "it waits", r -> r.message().equals("v2: 1 of 2 pods ready"));
        var _ = story.awaitQuiet(Duration.ofSeconds(5));
        assertThat(story.shareHistory("order")).containsExactly("v1 100");
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(4);

        story.kubectl("delete", "resourcequota/few");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
    }

    /// T21: so are Services. The refusal is told, and tried again ever more rarely.
    @Test
    void servicesThatAQuotaRefusesAreTriedAgainRarely(Story story) {
        quota(story, "services", 1);
        story.apply(
                Workload.rootService("order", QUICK),
                Workload.of("order", "v1", 2).yaml());
        story.apply(Workload.of("order", "v2", 2).weight("50").yaml());
        story.awaitEvent("CannotWrite", "exceeded quota");
        // A change of facts, as a pod that becomes ready, is a reason to try at once.
        story.await("a second passes between two tries", () -> {
            List<Call> tries = refusals(story);
            return tries.size() >= 7 && betweenTheLastTwo(tries).compareTo(Duration.ofSeconds(1)) > 0;
        });
        assertThat(refusals(story)).hasSizeLessThan(20);

        story.kubectl("delete", "resourcequota/few");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    /// What is refused to one version keeps no traffic with another that lost its pods (design 5.4, 5.5).
    @Test
    void aRefusedServiceHoldsUpNoWithdrawal(Story story) {
        begun(story);
        quota(story, "services", 3);
        story.apply(Workload.of("order", "v3", 2).weight("10").yaml());
        story.awaitEvent("CannotWrite", "exceeded quota");

        story.behave("v2", PodBehaviour.NEVER_READY);
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 2));

        story.kubectl("delete", "resourcequota/few");
        story.awaitShares("order", Map.of("v1", 90, "v3", 10));
    }

    private static void quota(Story story, String resource, int count) {
        story.apply("""
                apiVersion: v1
                kind: ResourceQuota
                metadata: {name: few}
                spec: {hard: {%s: "%d"}}
                """.formatted(resource, count));
        story.await(
                "the quota counts",
                () -> story.kubectl("get", "resourcequota/few", "-o", "jsonpath={.status.hard." + resource + "}")
                        .stdout()
                        .equals(Integer.toString(count)));
    }

    private static Duration betweenTheLastTwo(List<Call> tries) {
        return Duration.between(
                tries.get(tries.size() - 2).requestReceived(), tries.getLast().requestReceived());
    }

    private static List<Call> refusals(Story story) {
        return story.calls()
                .where(call -> call.isWrite() && call.resource().equals("services") && !call.succeeded())
                .all();
    }

    private static void begun(Story story) {
        story.serve(QUICK, Workload.of("order", "v1", 2));
        story.apply(Workload.of("order", "v2", 2).weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
    }
}
