// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.testbed.Signal;
import io.canary.e2e.watch.Call;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Replicas of the product die, hang, sleep, and are led by one with a wrong clock.
@ReleaseStory
@Tag("faults")
class ProcessFaultsIT extends ThreeReplicas {
    @Test
    @Tag("alone")
    void aFollowerIsKilled() {
        Pod killed = follower();
        int restarts = restarts(killed);
        Outcome outcome = underLoad("A replica is killed (SIGKILL)", () -> {
            signal(killed, Signal.KILL);
            story.await("it is started anew", () -> restarts(killed) > restarts && ready(killed));
            PRODUCT.awaitReady(cluster);
        });
        outcome.onlyChangesOfKeysFailed();
        assertThat(outcome.failures())
                .as("what was in flight, and what its address got")
                .hasSizeLessThan(15);
    }

    /// At each of its writes of a weight change: a pod started, the route moved, a pod ended, the Release told.
    @ParameterizedTest
    @CsvSource({
        "the scale-up, deployments/scale, order-v2",
        "the route, httproutes, order",
        "the scale-down, deployments/scale, order-v1",
        "the Release, releases, order",
    })
    void theLeaderIsKilledInAWeightChange(String point, String target, String name) {
        String fault = "The leader is killed after it wrote " + point + "; until the change is whole";
        Predicate<Call> write = ours().and(call ->
                        call.isWrite() && call.succeeded() && call.target().startsWith(target))
                .and(call -> call.name().equals(name));
        Outcome outcome = underLoad(fault, () -> {
            Pod leader = leader();
            long mark = story.audit().mark();
            askForThreeQuarters();
            story.audit().awaitCall(mark, write, Story.SOON);
            signal(leader, Signal.KILL);
            awaitThreeQuarters();
        });
        outcome.onlyChangesOfKeysFailed();
        assertThat(outcome.converged()).isLessThan(LEASE.plusSeconds(5).plus(CONVERGED));
        onlyThisWay();
    }

    @Test
    void aReplicaHangs() {
        Pod hanging = follower();
        int restarts = restarts(hanging);
        Outcome outcome = underLoad("A replica hangs (SIGSTOP) until its liveness probe restarts it", () -> {
            signal(hanging, Signal.STOP);
            story.await("liveness restarts it", () -> restarts(hanging) > restarts && ready(hanging));
            PRODUCT.awaitReady(cluster);
        });
        outcome.onlyChangesOfKeysFailed();
    }

    @Test
    @Tag("alone")
    void theLeaderSleepsLongerThanItsLeaseAndWakes() {
        Pod leader = leader();
        String holder = holder();
        int restarts = restarts(leader);
        long began = System.nanoTime();
        askForThreeQuarters();
        signal(leader, Signal.STOP);
        story.await("another leads", () -> !holder.equals(holder()));
        signal(leader, Signal.CONT);
        awaitThreeQuarters();
        FaultTable.add(
                "The leader sleeps past its lease (15 s) and wakes; until a weight change is whole", since(began));
        assertThat(restarts(leader)).as("it woke, and was not restarted").isEqualTo(restarts);
        onlyThisWay();
    }

    /// As machines do that are suspended: all replicas at once, and longer than until the renewal of what they serve
    /// by.
    @Test
    void allSleepPastARenewal() {
        environment(Map.of("CANARY_CERTIFICATE_LIFETIME", "60s", "CANARY_CA_LIFETIME", "4m"));
        try {
            deleteSecrets();
            story.awaitAfter(Duration.ofMinutes(2), "all serve by a new one", () -> allServeByAnother(""));
            String before = serving("tls.crt");
            Map<String, Integer> restarts = restarts();
            lasts(Duration.ofSeconds(28)); // it is renewed at 40 s
            assertThat(serving("tls.crt")).isEqualTo(before);
            pods().forEach(pod -> signal(pod, Signal.STOP));
            lasts(Duration.ofSeconds(18));
            pods().forEach(pod -> signal(pod, Signal.CONT));
            long woken = System.nanoTime();
            story.await("all serve by another", () -> allServeByAnother(before));
            FaultTable.add(
                    "All replicas sleep past the renewal of their certificate; until it is renewed", since(woken));
            assertThat(since(woken)).isLessThan(Duration.ofSeconds(60));
            assertThat(restarts()).isEqualTo(restarts);
            PRODUCT.awaitReady(cluster);
        } finally {
            deleteSecrets();
            environment(Map.of("CANARY_CERTIFICATE_LIFETIME", "", "CANARY_CA_LIFETIME", ""));
        }
    }

    /// The holder's clock is ten minutes behind, or ahead: nobody takes the Lease from it while it renews, and somebody
    /// does when it stopped. The other process is this test.
    @ParameterizedTest
    @ValueSource(longs = {-10, 10})
    void nobodyComparesClocks(long minutes) {
        long mark = story.audit().mark();
        holds(minutes, Duration.ofSeconds(5)); // until all have seen it
        askForThreeQuarters();
        holds(minutes, LEASE.plusSeconds(5));
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 50.0, "v2", 50.0));
        long stopped = System.nanoTime();
        awaitThreeQuarters();
        FaultTable.add(
                ("The Lease of a leader whose clock is 10 minutes %s, kept by the test; from its end until a weight"
                                + " change is whole")
                        .formatted(minutes < 0 ? "slow" : "fast"),
                since(stopped));
        assertThat(since(stopped)).isLessThan(LEASE.plusSeconds(5).plus(CONVERGED));
        assertThat(story.audit()
                        .since(mark)
                        .where(ours().and(
                                        call -> call.isWrite() && call.target().equals("httproutes")))
                        .count())
                .as("the change is written once")
                .isEqualTo(1);
    }

    private void holds(long minutes, Duration time) {
        long began = System.nanoTime();
        hold(minutes);
        while (since(began).compareTo(time) < 0) {
            lasts(Duration.ofSeconds(1));
            assertThat(holder()).isEqualTo("another");
            hold(minutes);
        }
    }

    private void hold(long minutes) {
        Instant renewed = Instant.now().plus(minutes, ChronoUnit.MINUTES).truncatedTo(ChronoUnit.MICROS);
        String text = renewed.toString();
        kubectl(
                "patch",
                "lease/canary",
                "--type=merge",
                "--patch={\"spec\": {\"holderIdentity\": \"another\", \"leaseDurationSeconds\": 15, \"renewTime\": \""
                        + (text.contains(".") ? text : text.replace("Z", ".000000Z")) + "\"}}");
    }
}
