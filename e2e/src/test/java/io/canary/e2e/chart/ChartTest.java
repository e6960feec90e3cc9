// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.product.InstalledProduct;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What keeps chart and `manifests/` together, without Helm: the objects stand once, and the values'
/// defaults, which stand twice, are the same. `ChartIT` compares what Helm makes of it (`make test-chart`).
class ChartTest {
    private static final Path ROOT = InstalledProduct.root();

    private static Map<String, Object> yaml(Path file) throws IOException {
        return Yaml.map(Files.readString(file));
    }

    private static Map<String, Object> values() throws IOException {
        return yaml(Helm.chart().resolve("values.yaml"));
    }

    private static Map<String, Object> pods() throws IOException {
        Map<String, Object> deployment = yaml(ROOT.resolve("manifests/base/50-Deployment.yaml"));
        return Yaml.at(Yaml.at(Yaml.at(deployment, "spec"), "template"), "spec");
    }

    @ParameterizedTest
    @CsvSource({
        "base, manifests/base",
        "ha, manifests/overlays/ha",
        "monitoring, manifests/components/monitoring",
    })
    void itsFilesAreThoseOfTheManifests(String link, String folder) throws IOException {
        Path path = Helm.chart().resolve("files").resolve(link);

        assertThat(Files.isSymbolicLink(path)).isTrue();
        assertThat(path.toRealPath()).isEqualTo(ROOT.resolve(folder).toRealPath());
    }

    @Test
    void defaultsAreThoseOfTheManifests() throws IOException {
        Map<String, Object> values = values();
        Map<String, Object> container = Yaml.first(pods(), "containers");
        Map<String, Object> image = Yaml.at(values, "image");
        String version = String.valueOf(yaml(Helm.chart().resolve("Chart.yaml")).get("appVersion"));

        assertThat(values.get("replicaCount"))
                .isEqualTo(Yaml.at(yaml(ROOT.resolve("manifests/base/50-Deployment.yaml")), "spec")
                        .get("replicas"));
        assertThat(image.get("repository") + ":" + version).isEqualTo(container.get("image"));
        assertThat(image.get("pullPolicy")).isEqualTo(container.get("imagePullPolicy"));
        assertThat(values.get("resources")).isEqualTo(container.get("resources"));
        assertThat(values.get("topologySpreadConstraints")).isEqualTo(pods().get("topologySpreadConstraints"));
    }

    /// The schema refuses what it does not name, so that a value written wrongly is not ignored.
    @Test
    void theSchemaNamesEveryValue() throws IOException {
        Map<String, Object> schema = yaml(Helm.chart().resolve("values.schema.json"));
        Map<String, Object> properties = Yaml.at(schema, "properties");
        TreeSet<String> named = new TreeSet<>(properties.keySet());
        named.remove("global"); // Helm's own, where the chart is part of another

        assertThat(schema).containsEntry("additionalProperties", false);
        assertThat(named).isEqualTo(new TreeSet<>(values().keySet()));
        for (String group : List.of("image", "networkPolicy", "monitoring", "priorityClass", "crds")) {
            Map<String, Object> inner = Yaml.at(properties, group);
            assertThat(inner).as(group).containsEntry("additionalProperties", false);
            assertThat(Yaml.at(inner, "properties").keySet())
                    .as(group)
                    .isEqualTo(Yaml.at(values(), group).keySet());
        }
    }

    @Test
    void itsVersionIsTheProjects() throws IOException {
        String project = Files.readString(ROOT.resolve("pom.xml"));
        Object version =
                Objects.requireNonNull(yaml(Helm.chart().resolve("Chart.yaml")).get("version"));

        assertThat(project).containsPattern("<version>" + version + "(-SNAPSHOT)?</version>");
    }
}
