// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A small kubelet whose pods are real processes: each on an address of its own, with its ServiceAccount token
/// where pods have it, probed, restarted, and ended as pods are.
///
/// Its nodes are labelled `type=process` and tainted `canary.test/process:NoSchedule`: pods need both in their
/// spec. One container a pod, no volumes; what its image starts is told by `provide`.
public final class ProcessKubelet implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessKubelet.class);
    private static final Duration RENEW_EVERY = Duration.ofSeconds(10);
    private static final Duration READY_LIMIT = Duration.ofSeconds(30);
    private static final int LEASE_SECONDS = 40;
    private static final String LEASES = "kube-node-lease";

    private final KubernetesClient client;
    private final Path folder;
    private final Images images = new Images();
    private final List<String> nodes;
    private final PodAddresses addresses = new PodAddresses();
    private final Map<String, PodRunner> runners = new ConcurrentHashMap<>();
    private final List<SharedIndexInformer<Pod>> informers = new ArrayList<>();
    private final ScheduledExecutorService heartbeat = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("heartbeat").factory());

    ProcessKubelet(ControlPlane cluster, int nodes) {
        this.client = cluster.newClient(ClusterUser.PROCESS_KUBELET);
        this.folder = cluster.folder().resolve("pods");
        this.nodes =
                IntStream.range(0, nodes).mapToObj(i -> Nodes.PROCESS + "-" + i).toList();
    }

    /// From now on this image (`canary/webhook:1`, or `canary/webhook` for all its tags) starts this command line.
    /// A container's `args` are appended, its `command` replaces it.
    public void provide(String image, List<String> entrypoint) {
        images.provide(image, entrypoint);
    }

    /// Registers the nodes and returns when pods can be bound to them.
    ProcessKubelet start() {
        IntStream.range(0, nodes.size()).forEach(this::register);
        renewLeases();
        var _ = heartbeat.scheduleAtFixedRate(
                this::renewLeases, RENEW_EVERY.toSeconds(), RENEW_EVERY.toSeconds(), TimeUnit.SECONDS);
        nodes.forEach(node -> informers.add(
                client.pods().inAnyNamespace().withField("spec.nodeName", node).inform(new PodEvents())));
        Await.until(
                "the process nodes can be scheduled on",
                READY_LIMIT,
                () -> nodes.stream().allMatch(this::schedulable));
        return this;
    }

    /// Sends a signal to a pod's process; the kubelet treats what follows as it would any exit.
    public void signal(String namespace, String pod, Signal signal) {
        signal.to(runner(namespace, pod).pid());
    }

    public long pid(String namespace, String pod) {
        return runner(namespace, pod).pid();
    }

    /// What the pod's process wrote, over all its restarts.
    public Path log(String namespace, String pod) {
        return runner(namespace, pod).log();
    }

    /// The folder with one folder for each pod ever run: its log and its files.
    public Path folder() {
        return folder;
    }

    /// Ends all processes at once; nodes and pods stay in the API.
    @Override
    public void close() {
        heartbeat.shutdownNow();
        informers.forEach(SharedIndexInformer::close);
        runners.values().forEach(PodRunner::abandon);
        client.close();
    }

    private PodRunner runner(String namespace, String pod) {
        return runners.values().stream()
                .filter(runner -> runner.is(namespace, pod))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("no process runs for the pod " + namespace + "/" + pod));
    }

    private void register(int index) {
        Node node = Nodes.node(Nodes.PROCESS, index)
                .withNewSpec()
                .addNewTaint()
                .withKey(Nodes.PROCESS_TAINT)
                .withEffect("NoSchedule")
                .endTaint()
                .endSpec()
                .build();
        client.nodes().resource(node).serverSideApply();
        var status = new NodeBuilder()
                .withNewStatus()
                .withCapacity(node.getStatus().getCapacity())
                .withAllocatable(node.getStatus().getAllocatable())
                .addNewAddress(Addresses.API_SERVER_HOST, "InternalIP")
                .withConditions(PodStatuses.nodeReady())
                .endStatus()
                .build();
        client.nodes()
                .withName(node.getMetadata().getName())
                .subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), Serialization.asJson(status));
    }

    private boolean schedulable(String name) {
        var node = client.nodes().withName(name).get();
        return node != null
                && Nodes.ready(node)
                && node.getSpec().getTaints().stream()
                        .allMatch(taint -> taint.getKey().equals(Nodes.PROCESS_TAINT));
    }

    private void renewLeases() {
        for (var node : nodes) {
            var lease = new LeaseBuilder()
                    .withNewMetadata()
                    .withName(node)
                    .withNamespace(LEASES)
                    .endMetadata()
                    .withNewSpec()
                    .withHolderIdentity(node)
                    .withLeaseDurationSeconds(LEASE_SECONDS)
                    .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                    .endSpec()
                    .build();
            try {
                client.resource(lease).forceConflicts().serverSideApply();
            } catch (KubernetesClientException e) {
                LOG.info("The lease of a node was not renewed: {}: {}", node, e.getMessage());
            }
        }
    }

    private final class PodEvents implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            runners.computeIfAbsent(pod.getMetadata().getUid(), _ -> startRunner(pod))
                    .observe(pod);
        }

        @Override
        public void onUpdate(Pod before, Pod pod) {
            onAdd(pod);
        }

        @Override
        public void onDelete(Pod pod, boolean finalStateUnknown) {
            var runner = runners.remove(pod.getMetadata().getUid());
            if (runner != null) {
                runner.abandon();
            }
        }
    }

    private PodRunner startRunner(Pod pod) {
        var runner = new PodRunner(client, pod, new PodFolder(folder, pod), images, addresses);
        Thread.ofVirtual().name("pod-" + pod.getMetadata().getName()).start(runner::run);
        return runner;
    }
}
