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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
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
        try (AdmissionLoad load = AdmissionLoad.start(cluster, story.cluster().namespace(), RATE)) {
            Pod killed = follower(story, cluster);
            int restarts = restarts(cluster, killed);
            long began = System.nanoTime();
            signal(cluster, killed, Signal.KILL);
            story.await("it is started anew", () -> restarts(cluster, killed) > restarts);
            PRODUCT.awaitReady(cluster);
            Duration converged = since(began);
            AdmissionLoad.Result result = load.stop();
            FaultTable.add("A replica is killed (SIGKILL)", result, converged);
            onlyKeyedCallsFailed(result);
            assertThat(result.failures())
                    .as("what was in flight, and what its address got")
                    .hasSizeLessThan(15);
        }
    }

    @Test
    void theLeaderIsKilledInAWeightChange(Story story, ControlPlane cluster) {
        release(story);
        try (AdmissionLoad load = AdmissionLoad.start(cluster, story.cluster().namespace(), RATE)) {
            Pod leader = leader(cluster);
            long mark = story.audit().mark();
            story.annotate("deployment/order-v2", "canary.io/weight=75");
            story.audit().awaitCall(mark, writes(story), Story.SOON);
            long began = System.nanoTime();
            signal(cluster, leader, Signal.KILL);
            story.awaitShares("order", Map.of("v1", 25, "v2", 75));
            story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 3));
            Duration converged = since(began);
            AdmissionLoad.Result result = load.stop();
            FaultTable.add("The leader is killed within a weight change", result, converged);
            onlyKeyedCallsFailed(result);
            assertThat(converged).isLessThan(LEASE.plusSeconds(5).plus(CONVERGED));
        }
    }

    @Test
    void aReplicaHangs(Story story, ControlPlane cluster) {
        release(story);
        try (AdmissionLoad load = AdmissionLoad.start(cluster, story.cluster().namespace(), RATE)) {
            Pod hanging = follower(story, cluster);
            int restarts = restarts(cluster, hanging);
            long began = System.nanoTime();
            signal(cluster, hanging, Signal.STOP);
            story.await("liveness restarts it", () -> restarts(cluster, hanging) > restarts);
            PRODUCT.awaitReady(cluster);
            Duration converged = since(began);
            AdmissionLoad.Result result = load.stop();
            FaultTable.add("A replica hangs (SIGSTOP) until its liveness probe restarts it", result, converged);
            onlyKeyedCallsFailed(result);
        }
    }

    @Test
    void theLeaderSleepsLongerThanItsLeaseAndWakes(Story story, ControlPlane cluster) {
        release(story);
        Pod leader = leader(cluster);
        String holder = holder(cluster);
        long began = System.nanoTime();
        // Restarted by its kubelet it would not wake: it sleeps between two probes, again and again.
        story.annotate("deployment/order-v2", "canary.io/weight=75");
        signal(cluster, leader, Signal.STOP);
        story.await("another leads", () -> !holder.equals(holder(cluster)));
        signal(cluster, leader, Signal.CONT);
        story.awaitShares("order", Map.of("v1", 25, "v2", 75));
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 3));
        Duration converged = since(began);
        FaultTable.add(
                "The leader sleeps past its lease and wakes",
                new AdmissionLoad.Result(0, List.of(), Duration.ZERO),
                converged);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50", "v1 25 v2 75");
    }

    // ---- what operators do

    @Test
    void aRollingRestartLosesNoCall(Story story, ControlPlane cluster) {
        release(story);
        try (AdmissionLoad load = AdmissionLoad.start(cluster, story.cluster().namespace(), RATE)) {
            long began = System.nanoTime();
            restart(cluster);
            Duration converged = since(began);
            AdmissionLoad.Result result = load.stop();
            FaultTable.add("Rolling restart of all replicas", result, converged);
            assertThat(result.failures()).isEmpty();
        }
    }

    @Test
    void authoritiesRotateAndReplicasGoWhileNoCallIsLost(Story story, ControlPlane cluster) {
        release(story);
        environment(cluster, Map.of("CANARY_CA_LIFETIME", "4m", "CANARY_CERTIFICATE_LIFETIME", "60s"));
        story.await(
                "those with other lifetimes are gone",
                () -> PRODUCT.pods(cluster).size() == 3);
        kubectl(cluster, "delete", "secret", "canary-webhook-tls", "canary-webhook-ca");
        try (AdmissionLoad load = AdmissionLoad.start(cluster, story.cluster().namespace(), RATE)) {
            long began = System.nanoTime();
            Set<String> issuers = new HashSet<>();
            Set<String> leaves = new HashSet<>();
            story.awaitAfter(
                    LONG,
                    "three authorities were rotated in, beside the two before and the two that they follow",
                    () -> {
                        issuers.addAll(bundle(cluster));
                        leaves.add(secret(cluster, "tls.crt"));
                        return issuers.size() >= 7 && since(began).compareTo(Duration.ofMinutes(5)) > 0;
                    });
            restart(cluster);
            story.await("somebody leads", () -> !holder(cluster).isEmpty());
            String holder = holder(cluster);
            kubectl(cluster, "delete", "pod", name(leader(cluster)), "--wait=false");
            story.await(
                    "another leads",
                    () -> !holder(cluster).isEmpty() && !holder(cluster).equals(holder));
            PRODUCT.awaitReady(cluster);
            Duration converged = since(began);
            AdmissionLoad.Result result = load.stop();
            FaultTable.add(
                    "Certificates of 60 s, %d served in turn, and %d authorities; a rolling restart; the leader's pod deleted"
                            .formatted(leaves.size(), issuers.size()),
                    result,
                    converged);
            assertThat(result.failures()).isEmpty();
        } finally {
            kubectl(cluster, "delete", "secret", "canary-webhook-tls", "canary-webhook-ca");
            environment(cluster, Map.of("CANARY_CA_LIFETIME", "", "CANARY_CERTIFICATE_LIFETIME", ""));
        }
    }

    @Test
    void bothSecretsAreDeleted(Story story, ControlPlane cluster) {
        release(story);
        try (AdmissionLoad load = AdmissionLoad.start(cluster, story.cluster().namespace(), RATE)) {
            String before = secret(cluster, "tls.crt");
            long began = System.nanoTime();
            kubectl(cluster, "delete", "secret", "canary-webhook-tls", "canary-webhook-ca");
            story.awaitAfter(Duration.ofMinutes(2), "each replica serves by the new ones", () -> {
                String now = secret(cluster, "tls.crt");
                return !now.isEmpty() && !now.equals(before) && served(cluster).equals(Set.of(now.strip()));
            });
            Duration converged = since(began);
            AdmissionLoad.Result result = load.stop();
            FaultTable.add("Both Secrets with our certificates are deleted", result, converged);
            assertThat(result.failures()).isEmpty();
        }
    }

    @Test
    void aBlankedBundleComesBack(Story story, ControlPlane cluster) {
        release(story);
        try (AdmissionLoad load = AdmissionLoad.start(cluster, story.cluster().namespace(), RATE)) {
            List<String> before = blocks(secret(cluster, "ca.crt")).toList();
            long began = System.nanoTime();
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
            story.await("trust is back", () -> bundle(cluster).containsAll(before));
            Duration converged = since(began);
            AdmissionLoad.Result result = load.stop();
            FaultTable.add("caBundle of the validating configuration is emptied", result, converged);
            onlyKeyedCallsFailed(result);
            assertThat(converged).as("it is watched, not only looked at").isLessThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void aDeletedConfigurationStaysAwayAndTheReconcilerGoesOn(Story story, ControlPlane cluster) {
        release(story);
        try {
            kubectl(cluster, "delete", "mutatingwebhookconfiguration,validatingwebhookconfiguration", "canary");
            long began = System.nanoTime();
            story.annotate("deployment/order-v2", "canary.io/weight=75");
            story.awaitShares("order", Map.of("v1", 25, "v2", 75));
            FaultTable.add(
                    "Both webhook configurations are deleted",
                    new AdmissionLoad.Result(0, List.of(), Duration.ZERO),
                    since(began));
            assertThat(bundle(cluster)).isEmpty();
        } finally {
            PRODUCT.install(cluster);
        }
    }

    // ---- the API server

    @Test
    void theApiServerHangsForTwentySeconds(Story story, ControlPlane cluster) {
        release(story);
        long began = System.nanoTime();
        cluster.stop(Component.API_SERVER);
        await(Duration.ofSeconds(20));
        cluster.cont(Component.API_SERVER);
        story.annotate("deployment/order-v2", "canary.io/weight=75");
        story.awaitShares("order", Map.of("v1", 25, "v2", 75));
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 3));
        PRODUCT.awaitReady(cluster);
        Duration converged = since(began).minusSeconds(20);
        FaultTable.add(
                "The API server hangs for 20 s; from its return",
                new AdmissionLoad.Result(0, List.of(), Duration.ZERO),
                converged);
        pods(cluster).forEach(pod -> assertThat(restarts(cluster, pod)).isZero());
        assertThat(story.awaitPhase("order", Release.Phase.CANARY).stable()).isEqualTo("v1");
    }

    // ---- what the faults need

    private static void release(Story story) {
        story.serve(QUICK, Workload.of("order", "v1", 4));
        story.apply(Workload.of("order", "v2", 4).weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 2, "order-v2", 2));
    }

    /// Invariant I7: what has no key of ours never fails because of us.
    private static void onlyKeyedCallsFailed(AdmissionLoad.Result result) {
        assertThat(result.failures())
                .allSatisfy(failure -> assertThat(failure.text()).contains("canary-must-be-running.canary.io"))
                .noneMatch(failure -> failure.number() % 4 == 3);
    }

    private static Predicate<Call> writes(Story story) {
        return call -> call.isWrite()
                && call.user().equals(InstalledProduct.USER)
                && call.namespace().equals(story.cluster().namespace());
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    /// A fault that lasts.
    private static void await(Duration time) {
        LockSupport.parkNanos(time.toNanos());
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

    private static int restarts(ControlPlane cluster, Pod pod) {
        return pods(cluster).stream()
                .filter(now -> name(now).equals(name(pod)))
                .flatMap(now -> now.getStatus().getContainerStatuses().stream())
                .mapToInt(ContainerStatus::getRestartCount)
                .sum();
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

    private static Pod leader(ControlPlane cluster) {
        return pods(cluster).stream()
                .filter(pod -> holder(cluster).startsWith(name(pod) + "_"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nobody leads: " + holder(cluster)));
    }

    private static Pod follower(Story story, ControlPlane cluster) {
        story.await("somebody leads", () -> !holder(cluster).isEmpty());
        return pods(cluster).stream()
                .filter(pod -> !holder(cluster).startsWith(name(pod) + "_"))
                .findFirst()
                .orElseThrow();
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

    /// The PEM blocks that the API server trusts, by the validating configuration.
    private static List<String> bundle(ControlPlane cluster) {
        var configuration = cluster.client()
                .admissionRegistration()
                .v1()
                .validatingWebhookConfigurations()
                .withName("canary")
                .get();
        if (configuration == null) {
            return List.of();
        }
        return configuration.getWebhooks().stream()
                .map(hook -> Objects.toString(hook.getClientConfig().getCaBundle(), ""))
                .map(text -> new String(Base64.getDecoder().decode(text), StandardCharsets.US_ASCII))
                .flatMap(FaultsIT::blocks)
                .distinct()
                .toList();
    }

    private static Stream<String> blocks(String pem) {
        return Arrays.stream(pem.split("(?<=-----END CERTIFICATE-----\n)")).filter(block -> !block.isBlank());
    }

    private static String secret(ControlPlane cluster, String file) {
        var secret = cluster.client()
                .secrets()
                .inNamespace(InstalledProduct.NAMESPACE)
                .withName("canary-webhook-tls")
                .get();
        return secret == null
                ? ""
                : new String(Base64.getDecoder().decode(secret.getData().get(file)), StandardCharsets.US_ASCII);
    }

    /// The serving certificates of all replicas, as they show them, in PEM.
    private static Set<String> served(ControlPlane cluster) {
        return pods(cluster).stream()
                .map(pod -> HookConnection.certificate(cluster, pod.getStatus().getPodIP()))
                .collect(Collectors.toSet());
    }
}
