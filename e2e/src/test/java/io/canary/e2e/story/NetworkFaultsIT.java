// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.load.HangingRequest;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.Component;
import io.canary.e2e.testbed.PodBehaviour;
import io.canary.e2e.testbed.Signal;
import io.canary.e2e.testbed.Wire;
import io.canary.e2e.watch.Call;
import io.canary.e2e.watch.Calls;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The API server hangs, crawls, refuses, forgets, or is out of reach of replicas.
@ReleaseStory
@Tag("faults")
class NetworkFaultsIT extends ThreeReplicas {
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    // ---- the API server

    @Test
    void theApiServerHangsForTwentySeconds() {
        Map<String, Integer> restarts = restarts();
        cluster.stop(Component.API_SERVER);
        lasts(Duration.ofSeconds(20));
        cluster.cont(Component.API_SERVER);
        converges("The API server hangs for 20 s; from its return until a weight change is whole");
        assertThat(restarts()).as("no replica was restarted for it").isEqualTo(restarts);
        assertThat(story.awaitPhase("order", Release.Phase.CANARY).stable()).isEqualTo("v1");
    }

    @Test
    void aReplicaStartsWhileTheApiServerIsAway() {
        Pod killed = follower();
        int restarts = restarts(killed);
        cluster.stop(Component.API_SERVER);
        signal(killed, Signal.KILL);
        lasts(Duration.ofSeconds(20));
        cluster.cont(Component.API_SERVER);
        long began = System.nanoTime();
        story.await("it is ready", () -> restarts(killed) > restarts && ready(killed));
        FaultTable.add("A replica starts while the API server hangs; from its return until it is ready", since(began));
        assertThat(restarts(killed)).as("no crash loop").isLessThanOrEqualTo(restarts + 3);
        converges("A weight change after that");
    }

    @Test
    void theApiServerAnswersSlowly() {
        Map<String, Integer> restarts = restarts();
        askForThreeQuarters();
        long began = System.nanoTime();
        while (since(began).compareTo(Duration.ofSeconds(30)) < 0) {
            cluster.stop(Component.API_SERVER);
            lasts(Duration.ofSeconds(2));
            cluster.cont(Component.API_SERVER);
            lasts(Duration.ofMillis(200));
        }
        long over = System.nanoTime();
        awaitThreeQuarters();
        PRODUCT.awaitReady(cluster);
        FaultTable.add("The API server takes 2 s for each answer, for 30 s; from its end on", since(over));
        assertThat(restarts()).isEqualTo(restarts);
        onlyThisWay();
    }

    /// Priority and fairness has one seat for our writes, and another request sits on it: 429 with `Retry-After: 1`.
    @Test
    void theApiServerRefusesOurWritesForAWhile() {
        String seat = oneSeat("create, update, patch, delete", "apps, gateway.networking.k8s.io", "[\"*\"]", false);
        cluster.kubectl(seat, List.of("apply", "-f", "-")).orThrow();
        long over;
        try (HangingRequest _ = onTheSeat("/apis/gateway.networking.k8s.io/v1/namespaces/%s/httproutes"
                .formatted(story.cluster().namespace()))) {
            long mark = story.audit().mark();
            askForThreeQuarters();
            lasts(Duration.ofSeconds(15));
            List<Call> refused = story.audit()
                    .since(mark)
                    .where(ours().and(call -> call.code() == TOO_MANY_REQUESTS))
                    .all();
            assertThat(refused).as("asked again").hasSizeGreaterThan(2);
            for (int i = 1; i < refused.size(); i++) {
                assertThat(refused.get(i).requestReceived())
                        .as("not sooner than asked for")
                        .isAfter(refused.get(i - 1).requestReceived().plusMillis(900));
            }
            assertThat(story.shares("order")).isEqualTo(Map.of("v1", 50.0, "v2", 50.0));
        } finally {
            cluster.kubectl(seat, List.of("delete", "-f", "-")).orThrow();
            over = System.nanoTime();
        }
        awaitThreeQuarters();
        FaultTable.add("The API server refuses our writes (429) for 15 s; from its end on", since(over));
        onlyThisWay();
    }

    /// The answer says 503 with `Retry-After`, and whoever types kubectl does not notice.
    @Test
    void nobodyAnswersWhatUsersMay() {
        String seat = oneSeat("create", "authorization.k8s.io", "[subjectaccessreviews]", true);
        cluster.kubectl(seat, List.of("apply", "-f", "-")).orThrow();
        CompletableFuture<CommandResult> raised;
        long began;
        try (HangingRequest _ = onTheSeat("/apis/authorization.k8s.io/v1/subjectaccessreviews")) {
            long mark = story.audit().mark();
            began = System.nanoTime();
            raised = CompletableFuture.supplyAsync(() ->
                    story.cluster().kubectl("annotate", "--overwrite", "deployment/order-v2", "canary.io/weight=75"));
            story.await(
                    "it was sent away twice",
                    () -> story.audit()
                                    .since(mark)
                                    .on("deployments")
                                    .where(call -> call.code() == UNAVAILABLE)
                                    .count()
                            > 1);
        } finally {
            cluster.kubectl(seat, List.of("delete", "-f", "-")).orThrow();
        }
        raised.join().orThrow();
        awaitThreeQuarters();
        FaultTable.add(
                "Rights cannot be asked about, until `kubectl` was sent away twice; from its call until a weight"
                        + " change is whole",
                since(began));
        onlyThisWay();
    }

    /// A level without seats runs one request all the same, while no other runs.
    private static String oneSeat(String verbs, String groups, String resources, boolean ofCluster) {
        return """
            apiVersion: flowcontrol.apiserver.k8s.io/v1
            kind: PriorityLevelConfiguration
            metadata: {name: canary-one-seat}
            spec:
              type: Limited
              limited:
                nominalConcurrencyShares: 0
                lendablePercent: 0
                borrowingLimitPercent: 0
                limitResponse: {type: Reject}
            ---
            apiVersion: flowcontrol.apiserver.k8s.io/v1
            kind: FlowSchema
            metadata: {name: canary-one-seat}
            spec:
              matchingPrecedence: 10
              priorityLevelConfiguration: {name: canary-one-seat}
              rules:
                - subjects: [{kind: ServiceAccount, serviceAccount: {name: canary, namespace: canary-system}}]
                  resourceRules:
                    - verbs: [%s]
                      apiGroups: [%s]
                      resources: %s
                      clusterScope: %s
                      namespaces: ["*"]
            """.formatted(verbs, groups, resources, ofCluster);
    }

    private HangingRequest onTheSeat(String path) {
        HangingRequest[] taken = new HangingRequest[1];
        story.await("a second one is refused", () -> {
            taken[0] = HangingRequest.post(cluster, InstalledProduct.USER, path);
            try (HangingRequest second = HangingRequest.post(cluster, InstalledProduct.USER, path)) {
                if (second.answered(Duration.ofSeconds(1)).contains(" " + TOO_MANY_REQUESTS + " ")) {
                    return true;
                }
            }
            taken[0].close();
            return false;
        });
        return taken[0];
    }

    /// It comes back with nothing remembered of what its clients had seen: watches end with 410, all is listed
    /// anew, and what was deleted meanwhile is missed by nobody.
    @Test
    void theApiServerForgetsWhatWasSeen() {
        story.apply(Workload.of("order", "v3", 4).weight("0").yaml());
        story.await("v3 has a Service", () -> exists("order-v3"));
        Map<String, Integer> restarts = restarts();
        long mark = story.audit().mark();
        pods().forEach(pod -> signal(pod, Signal.STOP));
        story.kubectl("delete", "deployment/order-v3", "--wait=false").orThrow();
        story.await(
                "v3 is gone",
                () -> story.kubectl("get", "deployment/order-v3", "--ignore-not-found")
                        .stdout()
                        .isEmpty());
        cluster.restart(Component.API_SERVER);
        pods().forEach(pod -> signal(pod, Signal.CONT));
        long began = System.nanoTime();
        story.await("its Service is gone", () -> !exists("order-v3"));
        converges(
                "The API server dies, and with it what watchers could go on from; a Deployment deleted meanwhile;"
                        + " until its Service is gone and a weight change is whole",
                began);
        Calls calls = story.audit().since(mark).by(InstalledProduct.USER);
        assertThat(calls.lists().on("deployments").count()).as("listed anew").isPositive();
        assertThat(restarts()).isEqualTo(restarts);
    }

    // ---- the way to it

    @Test
    void aFollowerCannotReachIt() {
        Pod lost = follower();
        int restarts = restarts(lost);
        try (Wire wire = Wire.open()) {
            Outcome outcome =
                    underLoad("A follower cannot reach the API server until it is not ready; and can again", () -> {
                        wire.cut(address(lost), Wire.Way.BOTH);
                        long began = System.nanoTime();
                        story.awaitAfter(Duration.ofMinutes(1), "it is not ready", () -> !ready(lost));
                        assertThat(since(began)).isLessThan(Duration.ofSeconds(90));
                        wire.heal();
                        story.await("it is ready again", () -> ready(lost));
                    });
            assertThat(outcome.failures()).allMatch(failure -> failure.changesKeys());
        }
        assertThat(restarts(lost)).isEqualTo(restarts);
    }

    @ParameterizedTest
    @EnumSource(Wire.Way.class)
    void theLeaderCannotReachIt(Wire.Way way) {
        Pod lost = leader();
        String holder = holder();
        int restarts = restarts(lost);
        try (Wire wire = Wire.open()) {
            wire.cut(address(lost), way);
            long began = System.nanoTime();
            story.await("another leads", () -> !holder.equals(holder()));
            askForThreeQuarters();
            awaitThreeQuarters();
            FaultTable.add(
                    switch (way) {
                        case BOTH -> "The leader cannot reach the API server; until a weight change is whole";
                        case TO_API_SERVER -> "The same, but it still hears it";
                        case FROM_API_SERVER -> "The same, but it is still heard";
                    },
                    since(began));
            assertThat(since(began)).isLessThan(LEASE.plusSeconds(5).plus(CONVERGED));
            wire.heal();
            story.await("all are ready", () -> ready(lost));
        }
        PRODUCT.awaitReady(cluster);
        assertThat(restarts(lost)).isEqualTo(restarts);
        onlyThisWay();
    }

    /// Nobody is told: packets of what was open vanish, those too by which our side asks whether the other is there.
    @Test
    void allConnectionsAreForgottenOnTheWay() {
        Map<String, Integer> restarts = restarts();
        try (Wire wire = Wire.open()) {
            pods().forEach(pod -> assertThat(wire.forget(address(pod))).isPositive());
            long began = System.nanoTime();
            askForThreeQuarters();
            story.awaitAfter(
                    Duration.ofSeconds(45),
                    "it is noticed",
                    () -> story.shares("order").equals(Map.of("v1", 25.0, "v2", 75.0)));
            awaitThreeQuarters();
            Duration whole = since(began);
            FaultTable.add(
                    "All connections to the API server are forgotten on the way; until a weight change is whole",
                    whole);
            assertThat(whole).isLessThan(Duration.ofMinutes(1));
        }
        PRODUCT.awaitReady(cluster);
        assertThat(restarts()).isEqualTo(restarts);
        onlyThisWay();
    }

    /// v3 is ready, and about to get its first traffic; then the watches go silent, and it fails. Who leads gives up
    /// its lease, and the next leader knows no more than its own silent watch tells.
    @Test
    void aVersionFailsWhileTheWatchesAreSilent() {
        assertThat(story.tryApply(Workload.of("order", "v3", 4).weight("20").yaml())
                        .succeeded())
                .isTrue();
        story.await("v3 is ready", () -> story.recorder().readyEndpoints("order-v3") > 0);
        long mark = story.audit().mark();
        try (Wire wire = Wire.open()) {
            pods().forEach(pod -> assertThat(wire.forget(address(pod))).isPositive());
            story.behave("v3", PodBehaviour.NEVER_READY);
            long began = System.nanoTime();
            story.audit()
                    .awaitCall(
                            mark,
                            ours().and(call -> call.resource().equals("endpointslices")
                                    && call.name().startsWith("order-v3")
                                    && call.succeeded()),
                            Duration.ofMinutes(2));
            FaultTable.add(
                    "All connections to the API server are forgotten, and a version that is about to get its traffic"
                            + " fails; until it is asked for past the watch",
                    since(began));
            story.awaitAfter(Duration.ofSeconds(45), "the Release tells that it is not ready", () -> {
                Release release = story.release("order");
                return release != null
                        && release.version("v3").filter(v -> v.ready() == 0).isPresent();
            });
        }
        story.kubectl("delete", "deployment/order-v3");
        story.awaitReplicas(Map.of("order-v1", 2, "order-v2", 2));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50");
    }

    // ----

    private void converges(String fault) {
        converges(fault, System.nanoTime());
    }

    private void converges(String fault, long began) {
        askForThreeQuarters();
        awaitThreeQuarters();
        PRODUCT.awaitReady(cluster);
        FaultTable.add(fault, since(began));
        onlyThisWay();
    }

    private boolean exists(String service) {
        return !story.kubectl("get", "service", service, "--ignore-not-found")
                .stdout()
                .isEmpty();
    }
}
