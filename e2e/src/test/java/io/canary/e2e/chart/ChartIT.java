// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.junit.CanaryCluster;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.ControlPlane;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The chart makes the objects of `manifests/`, and values change in them what they say and nothing else.
@CanaryCluster(product = false)
@Tag("chart")
class ChartIT {
    private static Map<String, Map<String, Object>> kustomized(ControlPlane cluster, String folder) {
        return Yaml.of(cluster.kubectl(
                        "kustomize", InstalledProduct.root().resolve(folder).toString())
                .orThrow()
                .stdout());
    }

    /// Two differences are meant: the namespace is Helm's to make, and the CRDs outlive the release.
    private static void asTheChartHasThem(Map<String, Map<String, Object>> objects) {
        assertThat(objects.remove("Namespace canary-system")).isNotNull();
        objects.forEach((name, object) -> {
            if (name.startsWith("CustomResourceDefinition ")) {
                assertThat(Yaml.at(object, "metadata").put("annotations", Map.of("helm.sh/resource-policy", "keep")))
                        .isNull();
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "manifests, values.yaml",
        "manifests/overlays/ha, values-ha.yaml",
        "manifests/overlays/dev, values-dev.yaml",
    })
    void itMakesTheObjectsOfTheManifests(String folder, String values, ControlPlane cluster) {
        Map<String, Map<String, Object>> expected = kustomized(cluster, folder);
        asTheChartHasThem(expected);

        Map<String, Map<String, Object>> made =
                Yaml.of(new Helm(cluster).template("--values=" + Helm.chart().resolve(values)));

        assertThat(made.keySet()).isEqualTo(expected.keySet());
        made.forEach((name, object) -> assertThat(Yaml.withoutBlankLines(object))
                .as(name)
                .isEqualTo(Yaml.withoutBlankLines(Objects.requireNonNull(expected.get(name)))));
    }

    /// To the letter, which kustomize does not keep.
    @Test
    void itsTextsAreThoseOfTheFiles(ControlPlane cluster) throws IOException {
        StringBuilder files = new StringBuilder();
        try (DirectoryStream<Path> base =
                Files.newDirectoryStream(InstalledProduct.root().resolve("manifests/base"), "[0-9]*.yaml")) {
            for (Path file : base) {
                files.append("---\n").append(Files.readString(file));
            }
        }
        Map<String, Map<String, Object>> expected = Yaml.of(files.toString());
        asTheChartHasThem(expected);

        assertThat(Yaml.of(new Helm(cluster).template())).isEqualTo(expected);
    }

    @Test
    void packedItHasNoLinks(ControlPlane cluster, @TempDir Path folder) throws IOException {
        Helm helm = new Helm(cluster);
        helm.run("package", Helm.chart().toString(), "--destination=" + folder).orThrow();
        try (Stream<Path> files = Files.list(folder)) {
            Path packed = files.findFirst().orElseThrow();
            assertThat(Yaml.of(helm.template(packed))).isEqualTo(Yaml.of(helm.template()));
        }
        CommandResult lint = helm.run("lint", "--strict", Helm.chart().toString());
        assertThat(lint.stdout()).contains("0 chart(s) failed");
    }

    @Test
    void allOfItFollowsTheNamespaceOfTheRelease(ControlPlane cluster) {
        String made = new Helm(cluster).template("--namespace=elsewhere", "--set=monitoring.enabled=true");

        assertThat(made).doesNotContain("canary-system");
        assertThat(Yaml.of(made).values())
                .allSatisfy(object ->
                        assertThat(Yaml.at(object, "metadata").get("namespace")).isIn("elsewhere", null));
        assertThat(made).contains("system:serviceaccount:elsewhere:canary");
    }

    @Test
    void valuesChangeThePods(ControlPlane cluster, @TempDir Path folder) throws IOException {
        String digest = "sha256:" + "a".repeat(64);
        Path values = Files.writeString(folder.resolve("values.yaml"), """
                replicaCount: 2
                image: {repository: registry.example.com/canary, digest: "%s", pullPolicy: Always}
                imagePullSecrets: [{name: registry}]
                resources: {limits: {memory: 512Mi}}
                nodeSelector: {pool: system}
                tolerations: [{key: system, operator: Exists}]
                affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}
                topologySpreadConstraints: []
                priorityClassName: system-cluster-critical
                podAnnotations: {team: platform}
                extraEnv:
                  - {name: JDK_JAVA_OPTIONS, value: -Xmx400m}
                  - {name: CANARY_WORKERS, value: "16"}
                extraVolumes: [{name: clients, configMap: {name: canary-clients}}]
                extraVolumeMounts: [{name: clients, mountPath: /etc/canary/clients}]
                """.formatted(digest));
        Map<String, Map<String, Object>> made = Yaml.of(new Helm(cluster).template("--values=" + values));
        Map<String, Object> spec = Yaml.at(Objects.requireNonNull(made.get("Deployment canary-webhook")), "spec");
        Map<String, Object> template = Yaml.at(spec, "template");
        Map<String, Object> pod = Yaml.at(template, "spec");

        assertThat(spec).containsEntry("replicas", 2);
        assertThat(Yaml.at(Yaml.at(template, "metadata"), "annotations"))
                .containsEntry("team", "platform")
                .containsEntry("prometheus.io/port", "8080");
        assertThat(pod)
                .containsEntry("imagePullSecrets", List.of(Map.of("name", "registry")))
                .containsEntry("nodeSelector", Map.of("pool", "system"))
                .containsEntry("tolerations", List.of(Map.of("key", "system", "operator", "Exists")))
                .containsEntry("priorityClassName", "system-cluster-critical")
                .containsKey("affinity")
                .doesNotContainKey("topologySpreadConstraints");
        Map<String, Object> container = Yaml.first(pod, "containers");
        assertThat(container)
                .containsEntry("image", "registry.example.com/canary@" + digest)
                .containsEntry("imagePullPolicy", "Always")
                .containsEntry(
                        "resources",
                        Map.of(
                                "requests", Map.of("cpu", "250m", "memory", "256Mi"),
                                "limits", Map.of("memory", "512Mi")));
        assertThat(String.valueOf(container.get("env")))
                .containsOnlyOnce("JDK_JAVA_OPTIONS")
                .contains("-Xmx400m", "CANARY_WORKERS", "POD_IP");
        assertThat(String.valueOf(pod.get("volumes"))).contains("canary-clients");
        assertThat(String.valueOf(container.get("volumeMounts"))).contains("/etc/canary/clients");
        assertThat(Yaml.at(Objects.requireNonNull(made.get("PodDisruptionBudget canary-webhook")), "spec"))
                .containsEntry("minAvailable", 1);
    }

    @Test
    void valuesChangeWhatIsAround(ControlPlane cluster) {
        Helm helm = new Helm(cluster);
        Map<String, Map<String, Object>> made = Yaml.of(helm.template(
                "--set=networkPolicy.from[0].ipBlock.cidr=10.0.0.0/28",
                "--set=monitoring.enabled=true",
                "--set=monitoring.labels.release=prometheus"));
        Map<String, Object> policy = Objects.requireNonNull(made.get("NetworkPolicy canary-webhook"));
        assertThat(Yaml.at(policy, "spec").get("ingress"))
                .isEqualTo(List.of(
                        Map.of(
                                "from",
                                List.of(Map.of("ipBlock", Map.of("cidr", "10.0.0.0/28"))),
                                "ports",
                                List.of(Map.of("port", "https"))),
                        Map.of("ports", List.of(Map.of("port", "probes")))));
        for (String name : List.of("ServiceMonitor canary", "PrometheusRule canary")) {
            Map<String, Object> object = Objects.requireNonNull(made.get(name));
            assertThat(Yaml.at(Yaml.at(object, "metadata"), "labels")).containsEntry("release", "prometheus");
        }
        assertThat(made).containsKey("ConfigMap canary-dashboard");

        Set<String> less = Yaml.of(helm.template("--set=networkPolicy.enabled=false", "--set=crds.enabled=false"))
                .keySet();
        assertThat(less).noneMatch(name -> name.startsWith("NetworkPolicy ") || name.startsWith("CustomResource"));
    }

    @ParameterizedTest
    @CsvSource({
        "replicas=3, additional properties 'replicas' not allowed",
        "replicaCount=0, minimum",
        "image.digest=latest, does not match pattern",
    })
    void whatIsNoValueIsRefused(String value, String why, ControlPlane cluster) {
        CommandResult refused = new Helm(cluster).run("template", Helm.chart().toString(), "--set=" + value);

        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.stderr()).contains(why);
    }
}
