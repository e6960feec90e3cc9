// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.json.JsonObject;
import io.canary.webhook.kube.Deployments;
import io.canary.webhook.kube.Routes;
import io.canary.webhook.kube.Services;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The plugin reads kubectl's JSON by a translator of its own; it sees what the controller sees, so that a plan shown
/// is the plan that runs. The files are those by which webhook and reconciler are compared.
class PluginReadsAlikeTest {
    private static final Path FOLDER = Path.of("../webhook/src/test/resources/translators");
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    static List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void thePluginReadsWhatTheControllerReads(String file) throws IOException {
        String yaml = Files.readString(FOLDER.resolve(file));
        GenericKubernetesResource generic = SERIALIZATION.unmarshal(yaml, GenericKubernetesResource.class);
        JsonObject json = JsonObject.of(Json.read(SERIALIZATION.asJson(generic)));
        switch (generic.getKind()) {
            case "Deployment" ->
                assertThat(KubeJson.deployment(json))
                        .isEqualTo(Deployments.facts(SERIALIZATION.unmarshal(yaml, Deployment.class)));
            case "Service" -> {
                ServiceFacts read = Services.facts(SERIALIZATION.unmarshal(yaml, Service.class));
                assertThat(KubeJson.service(json)).isEqualTo(read);
            }
            default -> {
                RouteKind kind = RouteKind.of(generic.getKind());
                assertThat(KubeJson.route(kind, json)).isEqualTo(Routes.facts(kind, generic));
            }
        }
    }
}
