// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.load.AdmissionLoad;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.Addresses;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.Signal;
import io.canary.e2e.watch.Call;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// What every fault begins and ends with: three replicas of the product as processes on pod addresses, an app in
/// release, and 50 admissions a second (`make faults`). The recorder of each story checks the invariants on every
/// version of every object meanwhile.
abstract class ThreeReplicas {
    static final InstalledProduct PRODUCT = new InstalledProduct(3);
    static final Duration LONG = Duration.ofMinutes(10);
    static final Duration LEASE = Duration.ofSeconds(15);
    static final Duration CONVERGED = Duration.ofSeconds(30);

    private static final Map<String, Double> HALF = Map.of("v1", 50.0, "v2", 50.0);
    private static final Map<String, Double> THREE_QUARTERS = Map.of("v1", 25.0, "v2", 75.0);
    private static final double RATE = 50;
    static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");

    Story story;
    ControlPlane cluster;

    @BeforeEach
    void threeReplicas(Story story, ControlPlane cluster) {
        this.story = story;
        this.cluster = cluster;
        PRODUCT.scale(cluster, 3);
        PRODUCT.awaitReady(cluster);
        story.serve(QUICK, Workload.of("order", "v1", 4));
        // After a fault before this one a replica may still hold connections to the API server that lead nowhere.
        story.await(
                "v2 is taken",
                () -> story.tryApply(Workload.of("order", "v2", 4).weight("50").yaml())
                        .succeeded());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 2, "order-v2", 2));
    }

    /// Whatever happened: all replicas are back, nothing is written any more, and the split that stands is one that was
    /// asked for, with the pods for it.
    @AfterEach
    void allBackAndAtRest() { // one that was left stopped is restarted by its liveness probe
        PRODUCT.awaitReady(cluster);
        story.awaitQuiet(Duration.ofSeconds(5));
        Map<String, Double> shares = story.shares("order");
        assertThat(shares).isIn(HALF, THREE_QUARTERS);
        story.awaitReplicas(
                shares.equals(HALF) ? Map.of("order-v1", 2, "order-v2", 2) : Map.of("order-v1", 1, "order-v2", 3));
        assertThat(story.awaitPhase("order", Release.Phase.CANARY).stable()).isEqualTo("v1");
    }

    /// Those that are tagged `alone` too run in `make test`, beside stories of one replica.
    @AfterAll
    static void oneReplicaAgain(ControlPlane cluster) {
        PRODUCT.scale(cluster, 1);
        new InstalledProduct().awaitReady(cluster);
    }

    // ---- the release that goes on meanwhile

    /// As a user does who is refused for a moment: where a replica that is lost cannot ask for rights, or does not
    /// answer.
    void askForThreeQuarters() {
        story.await(
                "the change is taken",
                () -> story.cluster()
                        .kubectl("annotate", "--overwrite", "deployment/order-v2", "canary.io/weight=75")
                        .succeeded());
    }

    void awaitThreeQuarters() {
        story.awaitShares("order", Map.of("v1", 25, "v2", 75));
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 3));
    }

    /// The way it would have gone without a fault, and no other.
    void onlyThisWay() {
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50", "v1 25 v2 75");
    }

    /// Calls by the product in the story's namespace.
    Predicate<Call> ours() {
        return call -> call.user().equals(InstalledProduct.USER)
                && call.namespace().equals(story.cluster().namespace());
    }

    // ---- load

    /// How a fault under load ended.
    ///
    /// @param converged from the fault's begin until all was as it should be
    /// @param passedBy hook calls that failed unseen, since those hooks are left out then (`failurePolicy: Ignore`)
    record Outcome(AdmissionLoad.Result load, Duration converged, long passedBy) {
        void noCallFailed() {
            assertThat(failures()).isEmpty();
            assertThat(passedBy).as("hook calls that failed unseen").isZero();
            assertThat(load.again())
                    .as("calls that clients make again by themselves")
                    .isLessThanOrEqualTo(load.calls() / 5_000);
        }

        List<AdmissionLoad.Failure> failures() {
            return load.failures();
        }

        /// Invariant I7: what changes no key of ours never fails because of us.
        void onlyChangesOfKeysFailed() {
            assertThat(failures())
                    .allSatisfy(failure -> assertThat(failure.text()).contains("canary-must-be-running.canary.io"))
                    .allMatch(AdmissionLoad.Failure::changesKeys);
        }
    }

    Outcome underLoad(String fault, Runnable happens) {
        return underLoad(List.of(Addresses.API_SERVER), () -> fault, happens);
    }

    /// Calls the hooks while `happens` runs, which returns when all is as it should be again; adds a line to the table.
    ///
    /// @param servers the API servers to call
    /// @param fault what the line says, asked afterwards
    Outcome underLoad(List<String> servers, Supplier<String> fault, Runnable happens) {
        try (AdmissionLoad load =
                AdmissionLoad.start(cluster, servers, story.cluster().namespace(), RATE)) {
            long began = System.nanoTime();
            happens.run();
            Duration converged = since(began);
            Outcome outcome = new Outcome(load.stop(), converged, load.passedBy());
            FaultTable.add(fault.get(), outcome);
            return outcome;
        }
    }

    static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    /// How long a fault itself lasts; nothing is waited for.
    static void lasts(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }

    // ---- the replicas

    List<Pod> pods() {
        return PRODUCT.pods(cluster).stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    static String name(Pod pod) {
        return pod.getMetadata().getName();
    }

    static String address(Pod pod) {
        return pod.getStatus().getPodIP();
    }

    void signal(Pod pod, Signal signal) {
        cluster.processes().signal(InstalledProduct.NAMESPACE, name(pod), signal);
    }

    /// How often each pod's process was started anew, by the pod's name.
    Map<String, Integer> restarts() {
        return pods().stream()
                .collect(Collectors.toMap(
                        ThreeReplicas::name,
                        pod -> statuses(pod)
                                .mapToInt(ContainerStatus::getRestartCount)
                                .sum()));
    }

    int restarts(Pod pod) {
        return restarts().getOrDefault(name(pod), 0);
    }

    /// By the pod itself: its Deployment counts it as ready for a moment after it died.
    boolean ready(Pod pod) {
        return pods().stream()
                .filter(now -> name(now).equals(name(pod)))
                .anyMatch(now -> statuses(now).allMatch(ContainerStatus::getReady));
    }

    private static Stream<ContainerStatus> statuses(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream();
    }

    String holder() {
        return Objects.toString(
                cluster.client()
                        .leases()
                        .inNamespace(InstalledProduct.NAMESPACE)
                        .withName("canary")
                        .require()
                        .getSpec()
                        .getHolderIdentity(),
                "");
    }

    /// Waits until one of the pods that there are leads: after a restart it may be nobody for a moment.
    Pod leader() {
        story.await("somebody leads", () -> pods().stream().anyMatch(this::leads));
        return pods().stream().filter(this::leads).findFirst().orElseThrow();
    }

    Pod follower() {
        Pod leader = leader();
        return pods().stream()
                .filter(pod -> !name(pod).equals(name(leader)))
                .findFirst()
                .orElseThrow();
    }

    boolean leads(Pod pod) {
        return holder().startsWith(name(pod) + "_");
    }

    // ---- what operators type

    /// In the product's namespace.
    void kubectl(String... words) {
        List<String> line = new ArrayList<>(List.of("--namespace", InstalledProduct.NAMESPACE));
        line.addAll(List.of(words));
        cluster.kubectl(line.toArray(String[]::new)).orThrow();
    }

    void restart() {
        PRODUCT.rollOut(cluster, "rollout restart");
    }

    /// @param variables those with an empty value are taken out
    void environment(Map<String, String> variables) {
        PRODUCT.environment(cluster, variables);
    }

    void deleteSecrets() {
        kubectl("delete", "secret", StoredCertificates.SERVING, StoredCertificates.AUTHORITIES);
    }

    /// The certificates that API servers trust, by the validating configuration.
    List<String> trusted() {
        return StoredCertificates.validatingBundles(cluster).stream()
                .flatMap(StoredCertificates::blocks)
                .distinct()
                .toList();
    }

    /// A file of the Secret that is served by; empty where there is none.
    String serving(String file) {
        return StoredCertificates.secret(cluster, StoredCertificates.SERVING).getOrDefault(file, "");
    }

    /// The serving certificates of all replicas, as they show them, in PEM.
    Set<String> served() {
        return pods().stream()
                .map(pod -> HookConnection.certificate(cluster, address(pod)))
                .collect(Collectors.toSet());
    }

    /// Whether all replicas serve by the same certificate, and another than `before`.
    boolean allServeByAnother(String before) {
        String now = serving("tls.crt");
        return !now.isEmpty() && !now.equals(before) && served().equals(Set.of(now.strip()));
    }
}
