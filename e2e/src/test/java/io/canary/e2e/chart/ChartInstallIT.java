// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.junit.CanaryCluster;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.Await;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.ControlPlane;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `helm install`, `upgrade` and `uninstall` on a real control plane, the product's pods as processes, in
/// another namespace than that of `manifests/`.
@CanaryCluster(product = false)
@Tag("chart")
class ChartInstallIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final String NAMESPACE = "release-tools";
    private static final String RELEASES = "customresourcedefinition/releases.canary.io";
    private static final String POLICIES = "customresourcedefinition/canarypolicies.canary.io";
    private static final List<String> ON_PROCESS_NODES = List.of(
            "--set=replicaCount=1",
            "--set=nodeSelector.type=process",
            "--set=tolerations[0].key=" + InstalledProduct.NODE_TAINT,
            "--set=tolerations[0].operator=Exists",
            "--wait",
            "--timeout=90s");

    @AfterEach
    void takeOut(ControlPlane cluster) {
        for (String namespace : List.of(NAMESPACE, InstalledProduct.NAMESPACE)) {
            new Helm(cluster).run("uninstall", "canary", "--namespace=" + namespace, "--ignore-not-found", "--wait");
            cluster.kubectl("delete", "namespace", namespace, "--ignore-not-found");
        }
        cluster.kubectl("delete", RELEASES, POLICIES, "--ignore-not-found");
    }

    @Test
    void installUpgradeUninstall(ControlPlane cluster, @TempDir Path folder) throws IOException {
        cluster.processes().provide("canary/webhook", InstalledProduct.command());
        Path older = older(folder);

        helm(cluster, "install", NAMESPACE, older, "--create-namespace");
        awaitAnswer(cluster);
        String trusted = caBundles(cluster);
        assertThat(trusted).matches("[A-Za-z0-9+/=]{100,} [A-Za-z0-9+/=]{100,} .*");
        assertThat(shortNames(cluster)).isEmpty();
        assertThat(cluster.kubectl("get", "lease", "canary", "--namespace=" + NAMESPACE, "--output=name")
                        .stdout())
                .isNotEmpty();

        // By server-side apply, then as Helm 3 does it, by a patch of what differs.
        for (String serverSide : List.of("true", "false")) {
            String level = serverSide.equals("true") ? "debug" : "warn";
            helm(
                    cluster,
                    "upgrade",
                    NAMESPACE,
                    Helm.chart(),
                    "--server-side=" + serverSide,
                    "--set=extraEnv[0].name=CANARY_LOG_LEVEL",
                    "--set=extraEnv[0].value=" + level);
            assertThat(caBundles(cluster))
                    .as("caBundle, --server-side=" + serverSide)
                    .isEqualTo(trusted);
            assertThat(shortNames(cluster)).as("the CRD is the newer one").isEqualTo("[\"rel\"]");
            assertThat(cluster.kubectl(
                                    "get",
                                    "deployment",
                                    "canary-webhook",
                                    "--namespace=" + NAMESPACE,
                                    "--output=jsonpath={.spec.template.spec.containers[0].env[*].value}")
                            .stdout())
                    .endsWith(level);
            awaitAnswer(cluster);
        }

        cluster.kubectl("""
                        apiVersion: canary.io/v1
                        kind: CanaryPolicy
                        metadata: {name: kept}
                        spec: {maxWeight: 50, validationActions: [Audit]}
                        """, List.of("apply", "-f", "-")).orThrow();
        CommandResult gone = new Helm(cluster)
                .run("uninstall", "canary", "--namespace=" + NAMESPACE, "--wait")
                .orThrow();
        assertThat(gone.stdout() + gone.stderr()).contains("releases.canary.io", "canarypolicies.canary.io");
        assertThat(cluster.kubectl(
                                "get",
                                "validatingwebhookconfigurations,mutatingwebhookconfigurations,validatingadmissionpolicies",
                                "--output=name")
                        .stdout())
                .doesNotContain("canary");
        assertThat(cluster.kubectl("get", "canarypolicy", "kept", "--output=name")
                        .orThrow()
                        .stdout())
                .isEqualTo("canarypolicy.canary.io/kept\n");

        // A release of that name takes the CRDs back.
        helm(cluster, "install", NAMESPACE, Helm.chart());
        awaitAnswer(cluster);
    }

    /// Authorities, Secrets and trust stay what they were, and so nobody is refused meanwhile.
    @Test
    void takesOverWhatKubectlInstalled(ControlPlane cluster) {
        new InstalledProduct().start(cluster);
        String trusted = caBundles(cluster);

        helm(
                cluster,
                "install",
                InstalledProduct.NAMESPACE,
                Helm.chart(),
                "--take-ownership",
                "--force-conflicts",
                "--set=extraEnv[0].name=CANARY_LOG_LEVEL",
                "--set=extraEnv[0].value=debug");

        assertThat(caBundles(cluster)).isEqualTo(trusted);
        assertThat(InstalledProduct.probe(cluster)).contains("did you mean");
        helm(cluster, "upgrade", InstalledProduct.NAMESPACE, Helm.chart());
        assertThat(caBundles(cluster)).isEqualTo(trusted);
        assertThat(InstalledProduct.probe(cluster)).contains("did you mean");
        new Helm(cluster)
                .run("uninstall", "canary", "--namespace=" + InstalledProduct.NAMESPACE, "--wait")
                .orThrow();
        assertThat(cluster.kubectl(
                                "get",
                                "deployments,serviceaccounts,services,networkpolicies",
                                "--namespace=" + InstalledProduct.NAMESPACE,
                                "--output=name")
                        .orThrow()
                        .stdout())
                .isEqualTo("serviceaccount/default\n");
    }

    private static CommandResult helm(ControlPlane cluster, String verb, String namespace, Path chart, String... more) {
        List<String> line = new ArrayList<>(List.of(verb, "canary", chart.toString(), "--namespace=" + namespace));
        line.addAll(ON_PROCESS_NODES);
        line.addAll(Arrays.asList(more));
        return new Helm(cluster).run(line.toArray(String[]::new)).orThrow();
    }

    /// The chart as a file that an older version might be: its Releases have no short name.
    private static Path older(Path folder) throws IOException {
        Path copy = folder.resolve("canary");
        try (Stream<Path> files = Files.walk(Helm.chart(), FileVisitOption.FOLLOW_LINKS)) {
            for (Path file : files.toList()) {
                Path to = copy.resolve(Helm.chart().relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(file, to);
                }
            }
        }
        Path crd = copy.resolve("files/base/30-CustomResourceDefinition-releases.yaml");
        String text = Files.readString(crd);
        assertThat(text).contains("    shortNames: [rel]\n");
        Files.writeString(crd, text.replace("    shortNames: [rel]\n", ""));
        return copy;
    }

    private static void awaitAnswer(ControlPlane cluster) {
        Await.until(
                "the hooks answer",
                LIMIT,
                () -> InstalledProduct.probe(cluster).contains("did you mean"),
                () -> InstalledProduct.probe(cluster));
    }

    private static String shortNames(ControlPlane cluster) {
        return cluster.kubectl("get", RELEASES, "--output=jsonpath={.spec.names.shortNames}")
                .orThrow()
                .stdout();
    }

    private static String caBundles(ControlPlane cluster) {
        return cluster.kubectl(
                        "get",
                        "mutatingwebhookconfiguration/canary",
                        "validatingwebhookconfiguration/canary",
                        "--output=jsonpath={.items[*].webhooks[*].clientConfig.caBundle}")
                .orThrow()
                .stdout();
    }
}
