// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.Addresses;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Operators restart, upgrade, rotate and delete, on purpose or by mistake.
@ReleaseStory
@Tag("faults")
class OperatorFaultsIT extends ThreeReplicas {
    private static final String NEXT = "canary/next:1";

    @Test
    @Tag("alone")
    void aRollingRestartLosesNoCall() {
        Outcome outcome = underLoad("Rolling restart of all replicas", this::restart);
        outcome.noCallFailed();
    }

    @Test
    void authoritiesRotateAndReplicasGoWhileNoCallIsLost() {
        cluster.processes()
                .provide("canary/next", InstalledProduct.copy(cluster.folder().resolve("next")));
        String before = pods().getFirst().getSpec().getContainers().getFirst().getImage();
        String second = cluster.secondApiServer();
        environment(Map.of("CANARY_CA_LIFETIME", "4m", "CANARY_CERTIFICATE_LIFETIME", "60s"));
        deleteSecrets();
        Set<String> authorities = new HashSet<>();
        Set<String> leaves = new HashSet<>();
        Supplier<String> fault = () -> ("Two API servers; certificates of 60 s, %d served in turn, and %d authorities;"
                        + " a rolling restart; an upgrade; the leader's pod deleted")
                .formatted(leaves.size(), authorities.size());
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Integer> typed = CompletableFuture.supplyAsync(() -> typeUntil(over));
        try {
            Outcome outcome = underLoad(List.of(Addresses.API_SERVER, second), fault, () -> {
                long began = System.nanoTime();
                story.awaitAfter(
                        LONG,
                        "three authorities were rotated in, beside the two before and the two that they follow",
                        () -> {
                            authorities.addAll(trusted());
                            leaves.add(serving("tls.crt"));
                            return authorities.size() >= 7 && since(began).compareTo(Duration.ofMinutes(5)) > 0;
                        });
                restart();
                image(NEXT);
                Pod leader = leader();
                kubectl("delete", "pod", name(leader), "--wait=false");
                story.await("another leads", () -> !holder().isEmpty() && !leads(leader));
                PRODUCT.awaitReady(cluster);
            });
            over.set(true);
            assertThat(typed.join())
                    .as("calls by kubectl, none of which failed")
                    .isGreaterThan(50);
            outcome.noCallFailed();
        } finally {
            over.set(true);
            image(before);
            deleteSecrets();
            environment(Map.of("CANARY_CA_LIFETIME", "", "CANARY_CERTIFICATE_LIFETIME", ""));
        }
    }

    /// As a person does at a terminal, again and again: a weight that both hooks are asked about.
    private int typeUntil(AtomicBoolean over) {
        int calls = 0;
        while (!over.get()) {
            String weight = "canary.io/weight=" + (60 + calls % 30);
            story.kubectl("annotate", "--dry-run=server", "--overwrite", "deployment/order-v2", weight);
            calls++;
            lasts(Duration.ofSeconds(1));
        }
        return calls;
    }

    private void image(String image) {
        PRODUCT.rollOut(cluster, "set image", "webhook=" + image);
    }

    @Test
    void bothSecretsAreDeleted() {
        String before = serving("tls.crt");
        Outcome outcome =
                underLoad("Both Secrets with our certificates are deleted; until all serve by new ones", () -> {
                    deleteSecrets();
                    story.awaitAfter(
                            Duration.ofMinutes(2),
                            "each replica serves by the new ones",
                            () -> allServeByAnother(before));
                });
        outcome.noCallFailed();
    }

    @Test
    @Tag("alone")
    void aBlankedBundleComesBack() {
        List<String> before = StoredCertificates.blocks(serving("ca.crt")).toList();
        Outcome outcome = underLoad("`caBundle` of the validating configuration is emptied", () -> {
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
            story.await("trust is back", () -> trusted().containsAll(before));
        });
        outcome.onlyChangesOfKeysFailed();
        assertThat(outcome.converged()).as("it is watched, not only looked at").isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void aPolicyThatIsChangedByHandIsToldAndNotFought() {
        awaitChanges(0);
        try {
            Outcome outcome = underLoad("A `failurePolicy` is changed by hand; until all replicas tell it", () -> {
                failurePolicy("Ignore");
                awaitChanges(1);
            });
            outcome.noCallFailed();
            assertThat(cluster.kubectl(
                                    "get",
                                    "validatingwebhookconfiguration/canary",
                                    "--output=jsonpath={.webhooks[0].failurePolicy}")
                            .stdout())
                    .isEqualTo("Ignore");
        } finally {
            failurePolicy("Fail");
        }
        awaitChanges(0);
    }

    private void failurePolicy(String policy) {
        kubectl(
                "patch",
                "validatingwebhookconfiguration/canary",
                "--type=json",
                "--patch=[{\"op\": \"replace\", \"path\": \"/webhooks/0/failurePolicy\", \"value\": \"" + policy
                        + "\"}]");
    }

    private void awaitChanges(int count) {
        String line = "canary_webhook_configuration_changes " + (double) count + "\n";
        story.await(
                "each replica tells " + count,
                () -> pods().stream()
                        .allMatch(pod -> HookConnection.metrics(address(pod)).contains(line)));
    }

    @Test
    void aDeletedConfigurationStaysAwayAndTheReconcilerGoesOn() {
        try {
            kubectl("delete", "mutatingwebhookconfiguration,validatingwebhookconfiguration", "canary");
            long began = System.nanoTime();
            askForThreeQuarters();
            story.awaitShares("order", Map.of("v1", 25, "v2", 75));
            FaultTable.add("Both webhook configurations are deleted; a weight change after it", since(began));
            story.await(
                    "each replica tells that the hooks are not asked",
                    () -> pods().stream()
                            .allMatch(
                                    pod -> HookConnection.metrics(address(pod)).contains("canary_self_test 0.0\n")));
            assertThat(StoredCertificates.validatingBundles(cluster)).isEmpty();
            assertThat(StoredCertificates.mutatingBundles(cluster)).isEmpty();
        } finally {
            PRODUCT.install(cluster);
        }
    }
}
