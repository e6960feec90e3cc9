// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.ClusterUser;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.TestAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The hooks ask callers for a certificate, and the API server, which always has one in the testbed, shows it
/// (admission.md T12). What is refused in detail stands in `ClientCheckTest`.
@ReleaseStory
@Tag("alone")
class ClientCertificateIT {
    private static final InstalledProduct PRODUCT = new InstalledProduct();
    private static final byte[] NO_REVIEW = "{}".getBytes(UTF_8);

    @AfterEach
    void everybodyMayCall(ControlPlane cluster) {
        PRODUCT.environment(cluster, Map.of("CANARY_CLIENT_CA", "", "CANARY_CLIENT_NAMES", ""));
        PRODUCT.awaitReady(cluster);
    }

    @Test
    void theApiServerIsLetInAndNobodyElse(Story story, ControlPlane cluster) throws Exception {
        ask(cluster, authorities(cluster, cluster.authority()));
        PRODUCT.awaitReady(cluster); // which it becomes by calling itself, and proves by a call of the API server's

        assertThat(HookConnection.postAs(cluster, client(cluster, ClusterUser.HOOK_CALLER), "/mutate", NO_REVIEW)
                        .status())
                .as("let in, to be told that this is no review")
                .isEqualTo(400);
        assertThat(HookConnection.post(cluster, "/mutate", NO_REVIEW).status())
                .as("a pod without a certificate")
                .isZero();
        assertThat(HookConnection.postAs(cluster, client(cluster, ClusterUser.ADMIN), "/mutate", NO_REVIEW)
                        .status())
                .as("the same authority, another name")
                .isZero();
        assertThat(HookConnection.postAs(
                                cluster,
                                new TestAuthority("canary-testbed").client(ClusterUser.HOOK_CALLER),
                                "/mutate",
                                NO_REVIEW)
                        .status())
                .as("the same names, another authority")
                .isZero();
        for (String reason : new String[] {"none", "name", "untrusted"}) {
            story.await(
                    "it is counted: " + reason,
                    () -> metrics(cluster)
                            .contains("canary_admission_clients_refused_total{reason=\"" + reason + "\"} 1.0"));
        }
        assertThat(read(log(cluster)))
                .contains("a client was refused for its certificate")
                .contains("CN=admin");
        story.awaitAfter(
                Duration.ofSeconds(60),
                "the API server is seen to call",
                () -> metrics(cluster).contains("canary_self_test 1.0"));
    }

    @Test
    void otherAuthoritiesAreTakenFromTheFileWhileRunning(Story story, ControlPlane cluster) {
        ask(cluster, authorities(cluster, cluster.authority()));
        PRODUCT.awaitReady(cluster);
        TestAuthority other = new TestAuthority("other");
        String before = pod(cluster);

        authorities(cluster, cluster.authority(), other);
        story.awaitAfter(
                Duration.ofSeconds(10),
                "both authorities are trusted",
                () -> status(cluster, other.client(ClusterUser.HOOK_CALLER)) == 400);
        assertThat(status(cluster, client(cluster, ClusterUser.HOOK_CALLER))).isEqualTo(400);

        authorities(cluster, other);
        story.awaitAfter(
                Duration.ofSeconds(10),
                "the first is not any more",
                () -> status(cluster, client(cluster, ClusterUser.HOOK_CALLER)) == 0);
        assertThat(pod(cluster)).isEqualTo(before);
    }

    /// The same file each time, changed in one step as the kubelet changes what it mounts.
    private static Path authorities(ControlPlane cluster, TestAuthority... trusted) {
        try {
            StringBuilder pem = new StringBuilder();
            for (TestAuthority authority : trusted) {
                pem.append(authority.certificatePem());
            }
            Path fresh = Files.writeString(cluster.folder().resolve(".clients.pem"), pem);
            return Files.move(fresh, cluster.folder().resolve("clients.pem"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void ask(ControlPlane cluster, Path authorities) {
        PRODUCT.environment(
                cluster,
                Map.of(
                        "CANARY_CLIENT_CA", authorities.toString(),
                        "CANARY_CLIENT_NAMES", ClusterUser.HOOK_CALLER.name()));
    }

    private static int status(ControlPlane cluster, TestAuthority.Credentials shown) {
        try {
            return HookConnection.postAs(cluster, shown, "/mutate", NO_REVIEW).status();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TestAuthority.Credentials client(ControlPlane cluster, ClusterUser user) {
        return cluster.authority().client(user);
    }

    /// The one pod and how often it was started.
    private static String pod(ControlPlane cluster) {
        var pod = PRODUCT.pods(cluster).getFirst();
        return pod.getMetadata().getUid()
                + pod.getStatus().getContainerStatuses().getFirst().getRestartCount();
    }

    private static String metrics(ControlPlane cluster) {
        return HookConnection.metrics(
                PRODUCT.pods(cluster).getFirst().getStatus().getPodIP());
    }

    private static Path log(ControlPlane cluster) {
        return cluster.processes()
                .log(
                        InstalledProduct.NAMESPACE,
                        PRODUCT.pods(cluster).getFirst().getMetadata().getName());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
