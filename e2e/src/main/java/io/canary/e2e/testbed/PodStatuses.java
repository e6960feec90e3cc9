// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// The status that a kubelet writes for a pod with one container.
final class PodStatuses {
    private PodStatuses() {}

    /// The part of a pod's status that changes over its life.
    record View(Container container, String podIp, String phase, boolean ready, int restarts, ContainerState state) {}

    /// As a strategic merge patch of the pod's status.
    static Pod patch(View view, String startTime) {
        return new PodBuilder()
                .withNewStatus()
                .withPhase(view.phase())
                .withHostIP(Addresses.API_SERVER_HOST)
                .withPodIP(view.podIp())
                .addNewPodIP(view.podIp())
                .withStartTime(startTime)
                .addToConditions(condition("Initialized", true))
                .addToConditions(condition("ContainersReady", view.ready()))
                .addToConditions(condition("Ready", view.ready()))
                .addNewContainerStatus()
                .withName(view.container().getName())
                .withImage(view.container().getImage())
                .withImageID("")
                .withReady(view.ready())
                .withStarted(view.state().getRunning() != null)
                .withRestartCount(view.restarts())
                .withState(view.state())
                .endContainerStatus()
                .endStatus()
                .build();
    }

    static ContainerState running() {
        return new ContainerStateBuilder().withNewRunning(now()).build();
    }

    static ContainerState waiting(String reason, String message) {
        return new ContainerStateBuilder().withNewWaiting(message, reason).build();
    }

    static NodeCondition nodeReady() {
        return new NodeConditionBuilder()
                .withType("Ready")
                .withStatus("True")
                .withReason("KubeletReady")
                .withLastHeartbeatTime(now())
                .withLastTransitionTime(now())
                .build();
    }

    static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static PodCondition condition(String type, boolean holds) {
        return new PodConditionBuilder()
                .withType(type)
                .withStatus(holds ? "True" : "False")
                .withLastTransitionTime(now())
                .build();
    }
}
