// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.load.ApiCalls;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.Component;
import io.canary.e2e.testbed.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// All replicas are down, or parts of the control plane stand still, crawl or die.
@ReleaseStory
@Tag("faults")
class ControlPlaneFaultsIT extends ThreeReplicas {
    private static final List<Component> CONTROLLERS = List.of(Component.CONTROLLER_MANAGER, Component.SCHEDULER);

    @Test
    void allReplicasAreDown() {
        Outcome outcome =
                underLoad("All replicas are down for 10 s; until they are back and a weight is changed", () -> {
                    PRODUCT.scale(cluster, 0);
                    lasts(Duration.ofSeconds(10));
                    assertThat(story.shares("order")).isEqualTo(Map.of("v1", 50.0, "v2", 50.0));
                    PRODUCT.scale(cluster, 3);
                    PRODUCT.awaitReady(cluster);
                    askForThreeQuarters();
                    awaitThreeQuarters();
                });
        assertThat(outcome.failures()).as("they were refused").isNotEmpty();
        outcome.onlyChangesOfKeysFailed();
        onlyThisWay();
    }

    @Test
    void etcdIsFrozen() {
        Map<String, Integer> restarts = restarts();
        long mark = story.audit().mark();
        cluster.stop(Component.ETCD);
        lasts(Duration.ofSeconds(20));
        Instant back = Instant.now();
        cluster.cont(Component.ETCD);
        long began = System.nanoTime();
        askForThreeQuarters();
        awaitThreeQuarters();
        FaultTable.add("etcd is frozen for 20 s; from its return until a weight change is whole", since(began));
        assertThat(story.audit()
                        .since(mark)
                        .by(InstalledProduct.USER)
                        .where(call -> call.isWrite() && call.requestReceived().isBefore(back))
                        .count())
                .as("no hot loop: writes that we tried meanwhile, of three replicas that lead or want to")
                .isLessThan(60);
        assertThat(restarts()).as("no replica was restarted for it").isEqualTo(restarts);
        onlyThisWay();
    }

    /// As it does when its disk fails: it panics, and starts again from what it had written.
    @Test
    void etcdDies() {
        Map<String, Integer> restarts = restarts();
        cluster.kill(Component.ETCD);
        lasts(Duration.ofSeconds(5));
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 50.0, "v2", 50.0));
        cluster.restart(Component.ETCD);
        long began = System.nanoTime();
        askForThreeQuarters();
        awaitThreeQuarters();
        FaultTable.add("etcd dies, and starts again after 5 s; from then until a weight change is whole", since(began));
        assertThat(restarts()).as("no replica was restarted for it").isEqualTo(restarts);
        onlyThisWay();
    }

    @Test
    void etcdIsSlow() {
        underLoad("etcd stands still for 0.4 s of each 0.5 s while a weight changes", () -> {
                    Thread slow = Thread.ofPlatform().daemon().start(this::crawl);
                    try {
                        askForThreeQuarters();
                        awaitThreeQuarters();
                    } finally {
                        slow.interrupt();
                        join(slow);
                    }
                })
                .noCallFailed();
        onlyThisWay();
    }

    /// Until interrupted; then etcd goes on.
    private void crawl() {
        while (!Thread.currentThread().isInterrupted()) {
            cluster.stop(Component.ETCD);
            lasts(Duration.ofMillis(400));
            cluster.cont(Component.ETCD);
            lasts(Duration.ofMillis(100));
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Pods are neither made nor placed, and endpoints neither come nor go: what is missing is not taken for success.
    @Test
    void controllersStandStill() {
        underLoad("Controller manager and scheduler stand still for 15 s in a weight change", () -> {
                    CONTROLLERS.forEach(cluster::stop);
                    try {
                        askForThreeQuarters();
                        lasts(Duration.ofSeconds(15));
                        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 50.0, "v2", 50.0));
                    } finally {
                        CONTROLLERS.forEach(cluster::cont);
                    }
                    awaitThreeQuarters();
                })
                .noCallFailed();
        onlyThisWay();
    }

    @Test
    void oneOfTwoApiServersDies() {
        String second = cluster.secondApiServer();
        String path = "/apis/apps/v1/namespaces/" + story.cluster().namespace() + "/deployments/order-v2";
        underLoad("One of two API servers dies just after it took a weight", () -> {
                    try (ApiCalls calls = new ApiCalls(cluster, second)) {
                        calls.merge(path, "{\"metadata\": {\"annotations\": {\"canary.io/weight\": \"75\"}}}")
                                .required();
                        cluster.killSecondApiServer();
                    }
                    awaitThreeQuarters();
                })
                .noCallFailed();
        onlyThisWay();
    }

    /// Between all replicas and the API server, both ways.
    @Test
    void packetsAreLost() {
        try (Wire wire = Wire.open()) {
            underLoad("A tenth of the packets to and from the API server is lost", () -> {
                        pods().forEach(pod -> wire.lose(address(pod), 10));
                        askForThreeQuarters();
                        awaitThreeQuarters();
                    })
                    .onlyChangesOfKeysFailed();
        }
        onlyThisWay();
    }
}
