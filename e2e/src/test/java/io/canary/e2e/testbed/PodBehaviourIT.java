// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.junit.CanaryCluster;
import io.canary.e2e.junit.Cluster;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@CanaryCluster(product = false)
@ResourceLock(value = "cluster", mode = ResourceAccessMode.READ)
class PodBehaviourIT {
    private static boolean runs(Pod pod) {
        return pod.getStatus().getPhase().equals("Running");
    }

    @Test
    void slowPodsHaveAnAddressFirst(Cluster cluster) {
        var began = Instant.now();
        var app = App.create(cluster, "order", 2, PodBehaviour.readyAfter(Duration.ofSeconds(3)));
        app.awaitPods("running, not ready", 2, pod -> runs(pod) && !App.ready(pod));
        app.awaitReadyEndpoints(2);
        assertThat(Duration.between(began, Instant.now())).isGreaterThan(Duration.ofSeconds(3));
    }

    @Test
    void readinessIsLostAndRegainedTogether(Cluster cluster) {
        var app = App.create(cluster, "order", 3, PodBehaviour.READY);
        app.awaitReadyEndpoints(3);
        cluster.behave(app.selector(), PodBehaviour.NEVER_READY);
        app.awaitReadyEndpoints(0);
        assertThat(app.endpoints()).hasSize(3);
        cluster.behave(app.selector(), PodBehaviour.READY);
        app.awaitReadyEndpoints(3);
    }

    @Test
    void neverReadyPodsRunOnly(Cluster cluster) {
        var app = App.create(cluster, "order", 2, PodBehaviour.NEVER_READY);
        app.awaitPods("running, not ready", 2, pod -> runs(pod) && !App.ready(pod));
        assertThat(app.readyEndpoints()).isZero();
    }

    @Test
    void newPodsFollowTheirTemplate(Cluster cluster) {
        var app = App.create(cluster, "order", 2, PodBehaviour.NEVER_READY);
        app.awaitPods("running, not ready", 2, pod -> runs(pod) && !App.ready(pod));
        cluster.behave(app.selector(), PodBehaviour.READY);
        app.awaitReadyEndpoints(2);
        cluster.kubectl("scale", "deployment", "order", "--replicas=3").orThrow();
        app.awaitPods("running, not ready", 1, pod -> runs(pod) && !App.ready(pod));
    }

    @Test
    void crashingPodsRestartAndRecover(Cluster cluster) {
        var app = App.create(cluster, "order", 1, PodBehaviour.READY);
        app.awaitReadyEndpoints(1);
        cluster.behave(app.selector(), PodBehaviour.CRASH_LOOP);
        app.awaitReadyEndpoints(0);
        app.awaitPods(
                "in CrashLoopBackOff a second time",
                1,
                pod -> runs(pod) && App.waits(pod, "CrashLoopBackOff") && App.restarts(pod) >= 2);
        cluster.behave(app.selector(), PodBehaviour.READY);
        app.awaitReadyEndpoints(1);
        assertThat(app.pods())
                .singleElement()
                .satisfies(pod -> assertThat(App.restarts(pod)).isGreaterThanOrEqualTo(2));
    }

    @Test
    void podsCrashFromTheStart(Cluster cluster) {
        var app = App.create(cluster, "order", 1, PodBehaviour.CRASH_LOOP);
        app.awaitPods("crashing", 1, pod -> App.waits(pod, "CrashLoopBackOff") && App.restarts(pod) >= 2);
        assertThat(app.readyEndpoints()).isZero();
    }

    @Test
    void flappingPodsComeAndGo(Cluster cluster) {
        var app = App.create(cluster, "order", 1, PodBehaviour.flapping(Duration.ofSeconds(1)));
        app.awaitReadyEndpoints(1);
        app.awaitReadyEndpoints(0);
        app.awaitReadyEndpoints(1);
        cluster.behave(app.selector(), PodBehaviour.READY);
        app.awaitReadyEndpoints(1);
    }

    @Test
    void missingImageKeepsPodsPending(Cluster cluster) {
        var app = App.create(cluster, "order", 1, PodBehaviour.IMAGE_MISSING);
        app.awaitPods(
                "without image",
                1,
                pod -> App.waits(pod, "ImagePullBackOff")
                        && pod.getStatus().getPhase().equals("Pending"));
        cluster.behave(app.selector(), PodBehaviour.READY);
        app.awaitReadyEndpoints(1);
    }

    @Test
    void deletedPodsMayServeOnForAWhile(Cluster cluster) {
        var app = App.create(cluster, "order", 1, PodBehaviour.READY.deletedAfter(Duration.ofSeconds(3)));
        app.awaitReadyEndpoints(1);
        var began = Instant.now();
        cluster.kubectl("scale", "deployment", "order", "--replicas=0").orThrow();
        Await.until(
                "the endpoint terminates",
                Duration.ofSeconds(10),
                () -> app.endpoints().stream()
                        .map(endpoint -> endpoint.getConditions())
                        .anyMatch(conditions ->
                                conditions.getTerminating() && conditions.getServing() && !conditions.getReady()));
        app.awaitPods("there", 0, _ -> true);
        assertThat(Duration.between(began, Instant.now())).isGreaterThan(Duration.ofSeconds(3));
    }
}
