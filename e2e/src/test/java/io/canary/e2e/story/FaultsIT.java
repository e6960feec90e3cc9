// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.load.AdmissionLoad;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.Component;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.Signal;
import io.canary.e2e.watch.Call;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Three replicas as processes on pod addresses, 50 admissions a second, and one fault after another (`make
/// faults`). The recorder of each story checks the invariants on every version of every object meanwhile.
@ReleaseStory
@Tag("faults")
class FaultsIT {
    private static final InstalledProduct PRODUCT = new InstalledProduct(3);
    private static final double RATE = 50;
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration CONVERGED = Duration.ofSeconds(30);
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");

    @BeforeEach
    void threeReplicas(ControlPlane cluster) {
        PRODUCT.scale(cluster, 3);
        PRODUCT.awaitReady(cluster);
    }

    @AfterEach
    void allBack(ControlPlane cluster) {
        pods(cluster).forEach(pod -> signal(cluster, pod, Signal.CONT));
        PRODUCT.awaitReady(cluster);
    }

    // ---- faults of one process

    @Test
    void aFollowerIsKilled(Story story, ControlPlane cluster) {
        release(story);
        Pod killed = follower(story, cluster);
        int restarts = restarts(cluster, killed);
        Outcome outcome = underLoad(story, cluster, () -> "A replica is killed (SIGKILL)", () -> {
            signal(cluster, killed, Signal.KILL);
            story.await("it is started anew", () -> restarts(cluster, killed) > restarts && ready(cluster, killed));
            PRODUCT.awaitReady(cluster);
        });
        onlyChangesOfKeysFailed(outcome);
        assertThat(outcome.failures())
                .as("what was in flight, and what its address got")
                .hasSizeLessThan(15);
    }

    @Test
    void theLeaderIsKilledInAWeightChange(Story story, ControlPlane cluster) {
        release(story);
        String fault = "The leader is killed within a weight change; until the change is whole";
        Outcome outcome = underLoad(story, cluster, () -> fault, () -> {
            Pod leader = leader(story, cluster);
            long mark = story.audit().mark();
            story.annotate("deployment/order-v2", "canary.io/weight=75");
            story.audit().awaitCall(mark, writes(story), Story.SOON);
            signal(cluster, leader, Signal.KILL);
            awaitThreeQuarters(story);
        });
        onlyChangesOfKeysFailed(outcome);
        assertThat(outcome.converged()).isLessThan(LEASE.plusSeconds(5).plus(CONVERGED));
    }

    @Test
    void aReplicaHangs(Story story, ControlPlane cluster) {
        release(story);
        Pod hanging = follower(story, cluster);
        int restarts = restarts(cluster, hanging);
        String fault = "A replica hangs (SIGSTOP) until its liveness probe restarts it";
        Outcome outcome = underLoad(story, cluster, () -> fault, () -> {
            signal(cluster, hanging, Signal.STOP);
            story.await("liveness restarts it", () -> restarts(cluster, hanging) > restarts && ready(cluster, hanging));
            PRODUCT.awaitReady(cluster);
        });
        onlyChangesOfKeysFailed(outcome);
    }

    @Test
    void theLeaderSleepsLongerThanItsLeaseAndWakes(Story story, ControlPlane cluster) {
        release(story);
        Pod leader = leader(story, cluster);
        String holder = holder(cluster);
        int restarts = restarts(cluster, leader);
        long began = System.nanoTime();
        story.annotate("deployment/order-v2", "canary.io/weight=75");
        signal(cluster, leader, Signal.STOP);
        story.await("another leads", () -> !holder.equals(holder(cluster)));
        signal(cluster, leader, Signal.CONT);
        awaitThreeQuarters(story);
        FaultTable.add(
                "The leader sleeps past its lease (15 s) and wakes; until a weight change is whole", since(began));
        assertThat(restarts(cluster, leader))
                .as("it woke, and was not restarted")
                .isEqualTo(restarts);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50", "v1 25 v2 75");
    }

    // ---- what operators do

    @Test
    void aRollingRestartLosesNoCall(Story story, ControlPlane cluster) {
        release(story);
        Outcome outcome = underLoad(story, cluster, () -> "Rolling restart of all replicas", () -> restart(cluster));
        assertThat(outcome.failures()).isEmpty();
    }

    @Test
    void authoritiesRotateAndReplicasGoWhileNoCallIsLost(Story story, ControlPlane cluster) {
        release(story);
        environment(cluster, Map.of("CANARY_CA_LIFETIME", "4m", "CANARY_CERTIFICATE_LIFETIME", "60s"));
        story.await(
                "those with other lifetimes are gone",
                () -> PRODUCT.pods(cluster).size() == 3);
        deleteSecrets(cluster);
        Set<String> authorities = new HashSet<>();
        Set<String> leaves = new HashSet<>();
        Supplier<String> fault = () ->
                "Certificates of 60 s, %d served in turn, and %d authorities; a rolling restart; the leader's pod deleted"
                        .formatted(leaves.size(), authorities.size());
        try {
            Outcome outcome = underLoad(story, cluster, fault, () -> {
                long began = System.nanoTime();
                story.awaitAfter(
                        LONG,
                        "three authorities were rotated in, beside the two before and the two that they follow",
                        () -> {
                            authorities.addAll(trusted(cluster));
                            leaves.add(serving(cluster, "tls.crt"));
                            return authorities.size() >= 7 && since(began).compareTo(Duration.ofMinutes(5)) > 0;
                        });
                restart(cluster);
                Pod leader = leader(story, cluster);
                kubectl(cluster, "delete", "pod", name(leader), "--wait=false");
                story.await("another leads", () -> !holder(cluster).isEmpty() && !leads(cluster, leader));
                PRODUCT.awaitReady(cluster);
            });
            assertThat(outcome.failures()).isEmpty();
        } finally {
            deleteSecrets(cluster);
            environment(cluster, Map.of("CANARY_CA_LIFETIME", "", "CANARY_CERTIFICATE_LIFETIME", ""));
        }
    }

    @Test
    void bothSecretsAreDeleted(Story story, ControlPlane cluster) {
        release(story);
        String before = serving(cluster, "tls.crt");
        String fault = "Both Secrets with our certificates are deleted; until all serve by new ones";
        Outcome outcome = underLoad(story, cluster, () -> fault, () -> {
            deleteSecrets(cluster);
            story.awaitAfter(Duration.ofMinutes(2), "each replica serves by the new ones", () -> {
                String now = serving(cluster, "tls.crt");
                return !now.isEmpty() && !now.equals(before) && served(cluster).equals(Set.of(now.strip()));
            });
        });
        assertThat(outcome.failures()).isEmpty();
    }

    @Test
    void aBlankedBundleComesBack(Story story, ControlPlane cluster) {
        release(story);
        List<String> before =
                StoredCertificates.blocks(serving(cluster, "ca.crt")).toList();
        String fault = "`caBundle` of the validating configuration is emptied";
        Outcome outcome = underLoad(story, cluster, () -> fault, () -> {
            cluster.client()
                    .admissionRegistration()
                    .v1()
                    .validatingWebhookConfigurations()
                    .withName("canary")
                    .edit(configuration -> {
                        configuration
                                .getWebhooks()
                                .forEach(hook -> hook.getClientConfig().setCaBundle(null));
                        return configuration;
                    });
            story.await("trust is back", () -> trusted(cluster).containsAll(before));
        });
        onlyChangesOfKeysFailed(outcome);
        assertThat(outcome.converged()).as("it is watched, not only looked at").isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void aDeletedConfigurationStaysAwayAndTheReconcilerGoesOn(Story story, ControlPlane cluster) {
        release(story);
        try {
            kubectl(cluster, "delete", "mutatingwebhookconfiguration,validatingwebhookconfiguration", "canary");
            long began = System.nanoTime();
            story.annotate("deployment/order-v2", "canary.io/weight=75");
            story.awaitShares("order", Map.of("v1", 25, "v2", 75));
            FaultTable.add("Both webhook configurations are deleted; a weight change after it", since(began));
            assertThat(StoredCertificates.validatingBundles(cluster)).isEmpty();
            assertThat(StoredCertificates.mutatingBundles(cluster)).isEmpty();
        } finally {
            PRODUCT.install(cluster);
        }
    }

    // ---- the API server

    @Test
    void theApiServerHangsForTwentySeconds(Story story, ControlPlane cluster) {
        release(story);
        Map<String, Integer> restarts = restarts(cluster);
        cluster.stop(Component.API_SERVER);
        LockSupport.parkNanos(Duration.ofSeconds(20).toNanos()); // the fault itself
        cluster.cont(Component.API_SERVER);
        long began = System.nanoTime();
        story.annotate("deployment/order-v2", "canary.io/weight=75");
        awaitThreeQuarters(story);
        PRODUCT.awaitReady(cluster);
        FaultTable.add("The API server hangs for 20 s; from its return until a weight change is whole", since(began));
        assertThat(restarts(cluster)).as("no replica was restarted for it").isEqualTo(restarts);
        assertThat(story.awaitPhase("order", Release.Phase.CANARY).stable()).isEqualTo("v1");
    }

    // ---- what the faults need

    private static void release(Story story) {
        story.serve(QUICK, Workload.of("order", "v1", 4));
        story.apply(Workload.of("order", "v2", 4).weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 2, "order-v2", 2));
    }

    private static void awaitThreeQuarters(Story story) {
        story.awaitShares("order", Map.of("v1", 25, "v2", 75));
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 3));
    }

    /// How a fault under load ended.
    ///
    /// @param converged from the fault's begin until all was as it should be
    private record Outcome(AdmissionLoad.Result load, Duration converged) {
        List<AdmissionLoad.Failure> failures() {
            return load.failures();
        }
    }

    /// Calls the hooks while `happens` runs, which returns when all is as it should be again; adds a line to the table.
    ///
    /// @param fault what the line says, asked afterwards
    private static Outcome underLoad(Story story, ControlPlane cluster, Supplier<String> fault, Runnable happens) {
        try (AdmissionLoad load = AdmissionLoad.start(cluster, story.cluster().namespace(), RATE)) {
            long began = System.nanoTime();
            happens.run();
            Duration converged = since(began);
            Outcome outcome = new Outcome(load.stop(), converged);
            FaultTable.add(fault.get(), outcome.load(), outcome.converged());
            return outcome;
        }
    }

    /// Invariant I7: what changes no key of ours never fails because of us.
    private static void onlyChangesOfKeysFailed(Outcome outcome) {
        assertThat(outcome.failures())
                .allSatisfy(failure -> assertThat(failure.text()).contains("canary-must-be-running.canary.io"))
                .allMatch(AdmissionLoad.Failure::changesKeys);
    }

    private static Predicate<Call> writes(Story story) {
        return call -> call.isWrite()
                && call.user().equals(InstalledProduct.USER)
                && call.namespace().equals(story.cluster().namespace());
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static List<Pod> pods(ControlPlane cluster) {
        return PRODUCT.pods(cluster).stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    private static String name(Pod pod) {
        return pod.getMetadata().getName();
    }

    private static void signal(ControlPlane cluster, Pod pod, Signal signal) {
        cluster.processes().signal(InstalledProduct.NAMESPACE, name(pod), signal);
    }

    /// How often each pod's process was started anew, by the pod's name.
    private static Map<String, Integer> restarts(ControlPlane cluster) {
        return pods(cluster).stream()
                .collect(Collectors.toMap(
                        FaultsIT::name,
                        pod -> statuses(pod)
                                .mapToInt(ContainerStatus::getRestartCount)
                                .sum()));
    }

    private static int restarts(ControlPlane cluster, Pod pod) {
        return restarts(cluster).getOrDefault(name(pod), 0);
    }

    /// By the pod itself: its Deployment counts it as ready for a moment after it died.
    private static boolean ready(ControlPlane cluster, Pod pod) {
        return pods(cluster).stream()
                .filter(now -> name(now).equals(name(pod)))
                .anyMatch(now -> statuses(now).allMatch(ContainerStatus::getReady));
    }

    private static Stream<ContainerStatus> statuses(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream();
    }

    private static String holder(ControlPlane cluster) {
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
    private static Pod leader(Story story, ControlPlane cluster) {
        story.await("somebody leads", () -> pods(cluster).stream().anyMatch(pod -> leads(cluster, pod)));
        return pods(cluster).stream()
                .filter(pod -> leads(cluster, pod))
                .findFirst()
                .orElseThrow();
    }

    private static Pod follower(Story story, ControlPlane cluster) {
        Pod leader = leader(story, cluster);
        return pods(cluster).stream()
                .filter(pod -> !name(pod).equals(name(leader)))
                .findFirst()
                .orElseThrow();
    }

    private static boolean leads(ControlPlane cluster, Pod pod) {
        return holder(cluster).startsWith(name(pod) + "_");
    }

    private static void kubectl(ControlPlane cluster, String... words) {
        List<String> line = new ArrayList<>(List.of("--namespace", InstalledProduct.NAMESPACE));
        line.addAll(List.of(words));
        cluster.kubectl(line.toArray(String[]::new)).orThrow();
    }

    private static void restart(ControlPlane cluster) {
        kubectl(cluster, "rollout", "restart", "deployment/canary-webhook");
        kubectl(cluster, "rollout", "status", "deployment/canary-webhook", "--timeout=4m");
    }

    private static void environment(ControlPlane cluster, Map<String, String> variables) {
        List<String> line = new ArrayList<>(List.of("set", "env", "deployment/canary-webhook"));
        variables.forEach((name, value) -> line.add(value.isEmpty() ? name + "-" : name + "=" + value));
        kubectl(cluster, line.toArray(String[]::new));
        kubectl(cluster, "rollout", "status", "deployment/canary-webhook", "--timeout=4m");
    }

    private static void deleteSecrets(ControlPlane cluster) {
        kubectl(cluster, "delete", "secret", StoredCertificates.SERVING, StoredCertificates.AUTHORITIES);
    }

    /// The certificates that API servers trust, by the validating configuration.
    private static List<String> trusted(ControlPlane cluster) {
        return StoredCertificates.validatingBundles(cluster).stream()
                .flatMap(StoredCertificates::blocks)
                .distinct()
                .toList();
    }

    /// A file of the Secret that is served by; empty where there is none.
    private static String serving(ControlPlane cluster, String file) {
        return StoredCertificates.secret(cluster, StoredCertificates.SERVING).getOrDefault(file, "");
    }

    /// The serving certificates of all replicas, as they show them, in PEM.
    private static Set<String> served(ControlPlane cluster) {
        return pods(cluster).stream()
                .map(pod -> HookConnection.certificate(cluster, pod.getStatus().getPodIP()))
                .collect(Collectors.toSet());
    }
}
