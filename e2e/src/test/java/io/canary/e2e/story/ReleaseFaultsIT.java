// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.PodBehaviour;
import io.canary.e2e.watch.Call;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Users, tools, autoscalers, pods and quotas do to a release under way what they had better not. The stories
/// of one replica have each of these in more detail; here three replicas live through it under load, and another
/// release beside it notices nothing.
@ReleaseStory
@Tag("faults")
class ReleaseFaultsIT extends ThreeReplicas {
    private static final Workload V1 = Workload.of("pay", "v1", 4);
    private static final Workload V2 = Workload.of("pay", "v2", 4).weight("50");
    private static final Map<String, Integer> HALF = Map.of("v1", 50, "v2", 50);
    private static final String ROUTE = "httproute/pay";
    private static final int EDITS = 100;

    @BeforeEach
    void anotherRelease() {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());
        awaitHalf();
    }

    private void awaitHalf() {
        story.awaitShares("pay", HALF);
        story.awaitReplicas(Map.of("pay-v1", 2, "pay-v2", 2));
        story.awaitPhase("pay", Release.Phase.CANARY);
    }

    /// Whatever it is: no call fails of it.
    private void happens(String fault, Runnable happens) {
        underLoad(fault, happens).noCallFailed();
    }

    // ---- tools that want something else

    @Test
    void aToolWritesReplicasAgainAndAgain() {
        happens("A tool sets other replicas again and again; until that is told and ends", () -> {
            int rounds = 0;
            while (!story.inConflict("pay") && rounds++ < 20) {
                story.kubectl("scale", "deployment/pay-v2", "--replicas=3");
                story.await(
                        "it is put right, or told",
                        () -> story.deployment("pay-v2").getSpec().getReplicas() != 3 || story.inConflict("pay"));
            }
            assertThat(rounds).isBetween(3, 5);
            assertThat(story.awaitPhase("pay", Release.Phase.CONFLICT).problems())
                    .singleElement()
                    .asString()
                    .contains("pay-v2", "field manager \"kubectl\"");
            awaitHalf();
        });
    }

    @Test
    void anAutoscalerComesAndGoes() {
        happens("An autoscaler comes in the middle of a release, scales, and goes", () -> {
            int before = AutoscalerIT.ourScalings(story, "pay-v2");
            story.apply(AutoscalerIT.autoscaler("pay-v2", "pay-v2", 3));
            story.awaitReplicas(Map.of("pay-v1", 2, "pay-v2", 3));
            story.awaitQuiet(Duration.ofSeconds(3));
            assertThat(AutoscalerIT.ourScalings(story, "pay-v2"))
                    .as("its count is its own")
                    .isEqualTo(before);
            story.kubectl("delete", "hpa/pay-v2");
            awaitHalf();
        });
    }

    @Test
    void ourRouteIsDeleted() {
        String uid = story.route("pay").getMetadata().getUid();
        happens("Our route is deleted at weight 50", () -> {
            story.kubectl("delete", ROUTE);
            story.await(
                    "there is a new one",
                    () -> !routeUid().equals(uid) && !routeUid().isEmpty());
            assertThat(story.refs("pay")).isEqualTo(Map.of("pay-v1", 50, "pay-v2", 50));
        });
        assertThat(story.shareHistory("pay")).containsExactly("v1 100", "v1 50 v2 50");
    }

    private String routeUid() {
        return story.kubectl("get", ROUTE, "--ignore-not-found", "--output=jsonpath={.metadata.uid}")
                .stdout();
    }

    @Test
    void weightsAreEditedAndARuleIsAdded() {
        happens("Weights are edited to 0 and 0, then to 70 and 70, with a rule added", () -> {
            story.editWeights("pay", 0, 0);
            story.await("they are back", this::routeIsHalf);
            story.patch(ROUTE, """
                    [{"op": "add", "path": "/spec/rules/0", "value": {
                        "matches": [{"path": {"type": "Exact", "value": "/old"}}],
                        "filters": [{"type": "RequestRedirect", "requestRedirect": {"statusCode": 301, "hostname": "new"}}]}},
                     {"op": "replace", "path": "/spec/rules/1/backendRefs/0/weight", "value": 70},
                     {"op": "replace", "path": "/spec/rules/1/backendRefs/1/weight", "value": 70}]""");
            story.await(
                    "they are back in the last rule",
                    () -> rules().getLast().toString().contains("weight=50"));
        });
        awaitHalf();
        List<Map<String, Object>> rules = rules();
        assertThat(rules).hasSize(2);
        assertThat(rules.getLast().toString()).contains("weight=50").doesNotContain("weight=70");
        assertThat(rules.getFirst().toString()).contains("/old", "hostname=new").doesNotContain("pay-v");
    }

    private List<Map<String, Object>> rules() {
        return story.route("pay").get("spec", "rules");
    }

    private boolean routeIsHalf() {
        return story.refs("pay").equals(Map.of("pay-v1", 50, "pay-v2", 50));
    }

    // ---- objects go

    @Test
    void theRootServiceGoesIsHeadlessAndSelectsNothing() {
        happens("The root Service goes, comes back headless, selects nothing, is well again", () -> {
            story.kubectl("delete", "service/pay");
            awaitHeld("Service pay is missing");
            story.apply(Workload.rootService("pay", Map.of()).replace("spec:", "spec:\n  clusterIP: None"));
            awaitHeld("Service pay is headless");
            story.kubectl("delete", "service/pay");
            story.apply(Workload.rootService("pay", QUICK));
            story.merge("service/pay", "{\"spec\": {\"selector\": {\"app\": \"nothing\"}}}");
            awaitHeld("Service pay selects the pods of no version");
            story.merge("service/pay", "{\"spec\": {\"selector\": {\"app\": \"pay\"}}}");
            awaitHalf();
        });
        assertThat(story.calls()
                        .where(call -> call.verb().startsWith("delete"))
                        .succeeded()
                        .all())
                .isEmpty();
        assertThat(story.shareHistory("pay")).containsExactly("v1 100", "v1 50 v2 50");
    }

    private void awaitHeld(String why) {
        story.awaitRelease("pay", why, release -> release.problems().contains(why));
    }

    @Test
    void versionsAreDeleted() {
        happens("v2 is deleted at weight 50, and comes back; then stable; then all", () -> {
            assertThat(story.refused(story.cluster().kubectl("delete", "deployment/pay-v2")))
                    .contains("carries 50 % of the traffic of pay");
            story.collect("pay-v2");
            story.awaitShares("pay", Map.of("v1", 100));
            story.awaitReplicas(Map.of("pay-v1", 4));
            story.apply(V2.yaml());
            awaitHalf();
            story.collect("pay-v1");
            story.awaitShares("pay", Map.of("v2", 100));
            story.awaitReplicas(Map.of("pay-v2", 4));
            story.kubectl("delete", "service/pay", "deployment/pay-v2");
            story.await(
                    "nothing of ours is left of pay",
                    () -> Ours.left(story).stream().noneMatch(left -> left.contains("/pay")));
        });
        assertThat(story.shareHistory("pay"))
                .containsExactly("v1 100", "v1 50 v2 50", "v1 100", "v1 50 v2 50", "v2 100");
    }

    @Test
    void theGatewayApiGoesAndComesBack() {
        try {
            happens("The Gateway API is removed in the middle of a release, and added again", () -> {
                cluster.gatewayApi().remove();
                story.awaitRelease(
                        "pay",
                        "traffic follows pods",
                        release -> release.mode() == Release.Mode.REPLICA && release.inForceIsAsked());
                cluster.gatewayApi().install();
                List.of("pay", "order").forEach(app -> {
                    story.awaitRelease(app, "traffic follows routes", r -> r.mode() == Release.Mode.ROUTE);
                    story.awaitShares(app, HALF);
                });
            });
        } finally {
            cluster.gatewayApi().install();
        }
        assertThat(story.recorder().replicaHistory("pay-v1")).containsExactly(4, 2);
    }

    /// The namespace controller looks again after 5, 10, 20 and 40 s, as long as anything is left in it.
    @Test
    void aNamespaceIsDeleted() {
        String gone = story.cluster().namespace() + "-gone";
        cluster.kubectl("create", "namespace", gone).orThrow();
        try {
            deleteInTheMiddle(gone);
        } finally {
            cluster.client().namespaces().withName(gone).delete();
        }
    }

    private void deleteInTheMiddle(String gone) {
        long mark = story.audit().mark();
        String all = String.join("\n---\n", Workload.rootService("pay", QUICK), V1.yaml(), V2.yaml());
        story.await(
                "an app is there",
                () -> cluster.kubectl(all, List.of("apply", "--namespace=" + gone, "--filename=-"))
                        .succeeded());
        story.await("it is in release", () -> phaseIn(gone).equals("Canary"));
        Instant asked = Instant.now();
        happens(
                "A namespace is deleted in the middle of a release; until it is gone",
                () -> cluster.kubectl("delete", "namespace", gone, "--timeout=4m")
                        .orThrow());
        int minutes = 1 + Duration.between(asked, Instant.now()).toMinutesPart();
        assertThat(story.audit()
                        .since(mark)
                        .in(gone)
                        .where(call -> call.verb().startsWith("delete")
                                && call.code() >= 400
                                && call.code() != 404
                                && call.code() != 409)
                        .all())
                .as("deletes that were refused")
                .isEmpty();
        assertThat(story.audit()
                        .since(mark)
                        .in(gone)
                        .by(InstalledProduct.USER)
                        .where(call -> call.isWrite() && call.code() == 403)
                        .count())
                .as("our creates in a namespace that goes")
                .isLessThanOrEqualTo(4 * minutes);
    }

    private String phaseIn(String namespace) {
        return cluster.kubectl(
                        "get",
                        "release/pay",
                        "--namespace=" + namespace,
                        "--ignore-not-found",
                        "--output=jsonpath={.status.phase}")
                .stdout();
    }

    // ---- pods that fail

    @Test
    void theCanaryFlaps() {
        happens("All pods of v2 flap at 1 Hz; are well; fail again, and are held at 0", () -> {
            behave(PodBehaviour.flapping(Duration.ofSeconds(1)));
            story.awaitShares("pay", Map.of("v1", 100));
            lasts(Duration.ofSeconds(10));
            assertThat(story.shareHistory("pay")).containsExactly("v1 100", "v1 50 v2 50", "v1 100");
            behave(PodBehaviour.READY);
            awaitHalf();
            behave(PodBehaviour.NEVER_READY);
            story.awaitPhase("pay", Release.Phase.DEGRADED);
            story.awaitShares("pay", Map.of("v1", 100));
            behave(PodBehaviour.READY);
            story.awaitReadyFor("pay-v2", Duration.ofSeconds(32));
            assertThat(story.shares("pay")).isEqualTo(Map.of("v1", 100.0));
            story.annotate("deployment/pay-v2", "canary.io/weight=25");
            story.awaitShares("pay", Map.of("v1", 75, "v2", 25));
            story.awaitReplicas(Map.of("pay-v1", 3, "pay-v2", 1));
        });
    }

    /// How the present pods of v2 behave from now on.
    private void behave(PodBehaviour how) {
        story.cluster().behave("app=pay,version=v2", how);
    }

    /// As a drain evicts them, and a quota lets none come again: neither for v2 nor for v1, which needs more then.
    @Test
    void aDrainTakesAllPodsOfTheCanary() {
        happens("All pods of v2 are evicted, a quota refuses others; until it is lifted", () -> {
            long others = story.podsOf("pay-v1") + story.podsOf("order-v1") + story.podsOf("order-v2");
            story.apply("""
                    apiVersion: v1
                    kind: ResourceQuota
                    metadata: {name: few}
                    spec: {hard: {pods: "%d"}}
                    """.formatted(others));
            story.await(
                    "the quota counts",
                    () -> story.kubectl("get", "resourcequota/few", "--output=jsonpath={.status.hard.pods}")
                            .stdout()
                            .equals(Long.toString(others)));
            evictAllOfTheCanary();
            story.awaitShares("pay", Map.of("v1", 100));
            story.awaitQuiet(Duration.ofSeconds(3));
            assertThat(story.deployment("pay-v1").getSpec().getReplicas()).isEqualTo(4);
            assertThat(story.recorder().readyEndpoints("pay-v1")).isEqualTo(2);
            story.kubectl("delete", "resourcequota/few");
            awaitHalf();
        });
        assertThat(story.shareHistory("pay")).containsExactly("v1 100", "v1 50 v2 50", "v1 100", "v1 50 v2 50");
    }

    private void evictAllOfTheCanary() {
        List<Pod> pods = cluster.client()
                .pods()
                .inNamespace(story.cluster().namespace())
                .withLabelSelector("app=pay,version=v2")
                .list()
                .getItems();
        pods.forEach(pod -> assertThat(cluster.client()
                        .pods()
                        .inNamespace(story.cluster().namespace())
                        .withName(name(pod))
                        .evict())
                .isTrue());
    }

    // ---- what no hook would have let through

    /// Written while the hooks are away: everything that Canary reads, as nobody should write it.
    @Test
    void objectsAreFullOfNonsense() {
        Map<String, Integer> restarts = restarts();
        try {
            kubectl("delete", "mutatingwebhookconfiguration,validatingwebhookconfiguration", "canary");
            kubectl("delete", "validatingadmissionpolicybinding/canary-core");
            story.await(
                    "anything may be written",
                    () -> story.cluster()
                            .kubectl("annotate", "--overwrite", "deployment/pay-v2", "canary.io/weight=ten")
                            .succeeded());
            story.annotate(
                    "deployment/pay-v2",
                    "canary.io/total=-9",
                    "canary.io/spent={",
                    "canary.io/users=[[[",
                    "canary.io/hosts=..",
                    "canary.io/version=☃");
            story.annotate(
                    "service/pay",
                    "canary.io/stable=nobody",
                    "canary.io/scale-down-delay=soon",
                    "canary.io/replicas=99999999999999999999");
            story.annotate(ROUTE, "canary.io/original={\"rules\": [{\"refs\": 7", "canary.io/managed=perhaps");
            story.patch(ROUTE, """
                    [{"op": "replace", "path": "/spec/rules/0/backendRefs", "value": []}]""");
            long began = System.nanoTime();
            askForThreeQuarters();
            awaitThreeQuarters();
            FaultTable.add("An app is full of nonsense that no hook saw; a weight change of another", since(began));
            assertThat(restarts()).isEqualTo(restarts);
        } finally {
            PRODUCT.install(cluster);
        }
    }

    // ---- wishes that contradict each other

    @Test
    void aWeightIsChangedTenTimesASecond() {
        int before = moves().size();
        happens("A weight is changed ten times a second, for ten seconds", () -> {
            for (int i = 0; i < EDITS; i++) {
                story.weigh("pay-v2", i % 2 == 0 ? "60" : "10");
                lasts(Duration.ofMillis(100));
            }
            story.weigh("pay-v2", "50");
            awaitHalf();
        });
        List<Call> moves = moves();
        assertThat(moves.size()).as("it is followed").isGreaterThan(before);
        for (int i = before + 1; i < moves.size(); i++) {
            assertThat(moves.get(i).requestReceived())
                    .as("the route moves once a second at most")
                    .isAfterOrEqualTo(moves.get(i - 1).requestReceived().plusMillis(900));
        }
    }

    private List<Call> moves() {
        return story.calls()
                .writes()
                .succeeded()
                .on("httproutes")
                .where(call -> call.name().equals("pay"))
                .all();
    }

    @Test
    void twoPromoteAtOnce() {
        story.apply(Workload.of("pay", "v3", 4).weight("25").yaml());
        story.awaitShares("pay", Map.of("v1", 25, "v2", 50, "v3", 25));
        List<CommandResult> both = new ArrayList<>();
        happens("Two users promote two versions at once", () -> {
            both.addAll(
                    atOnce(List.of("promote", "pay", "--version", "v2"), List.of("promote", "pay", "--version", "v3")));
            String won = stable();
            story.await("the promoted one is stable", () -> {
                Release release = story.release("pay");
                return release != null && won.equals(release.stable()) && release.inForceIsAsked();
            });
        });
        assertThat(both).as("one of them was told so").anyMatch(CommandResult::succeeded);
    }

    @Test
    void oneAbortsAndOnePromotes() {
        List<CommandResult> both = new ArrayList<>();
        happens("One user aborts, and another promotes at once", () -> {
            both.addAll(atOnce(List.of("abort", "pay"), List.of("promote", "pay", "--version", "v2")));
            story.awaitRelease(
                    "pay",
                    "it is one of the two",
                    release -> release.inForceIsAsked()
                            && (release.phase() == Release.Phase.ABORTED || "v2".equals(release.stable())));
        });
        assertThat(both.getFirst().succeeded()).as("stopping gets through").isTrue();
    }

    private String stable() {
        return story.kubectl("get", "service/pay", "--output=jsonpath={.metadata.annotations.canary\\.io/stable}")
                .stdout();
    }

    private List<CommandResult> atOnce(List<String> one, List<String> other) {
        return List.of(one, other).stream()
                .map(line -> CompletableFuture.supplyAsync(
                        () -> story.canary(line.toArray(String[]::new)), Thread::startVirtualThread))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();
    }
}
