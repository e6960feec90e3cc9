// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.stream.IntStream;

/// The nodes of the cluster: those whose pods KWOK plays, and those whose pods are processes.
public final class Nodes {
    static final String TYPE = "type";
    static final String KWOK = "kwok";
    static final String PROCESS = "process";

    /// The taint of process nodes; a pod that is to be a process tolerates it and selects `type=process`.
    public static final String PROCESS_TAINT = "canary.test/process";

    private static final int ZONES = 3;

    private Nodes() {}

    static void createKwok(KubernetesClient client, int count) {
        IntStream.range(0, count)
                .forEach(i -> client.nodes().resource(node(KWOK, i).build()).create());
    }

    static NodeBuilder node(String type, int index) {
        var name = type + "-" + index;
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels(TYPE, type)
                .addToLabels("kubernetes.io/hostname", name)
                .addToLabels("kubernetes.io/os", "linux")
                .addToLabels("topology.kubernetes.io/zone", "zone-" + index % ZONES)
                .endMetadata()
                .withNewStatus()
                .withAllocatable(capacity())
                .withCapacity(capacity())
                .endStatus();
    }

    static boolean ready(Node node) {
        return node.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"));
    }

    private static Map<String, Quantity> capacity() {
        return Map.of("cpu", new Quantity("1000"), "memory", new Quantity("1Ti"), "pods", new Quantity("1000000"));
    }
}
