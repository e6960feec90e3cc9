// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.canary.domain.admission.Subject;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.OtherTool;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.webhook.kube.Deployments;
import io.canary.webhook.kube.Metas;
import io.canary.webhook.kube.Routes;
import io.canary.webhook.kube.Services;
import io.canary.webhook.kube.TestJson;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reconciler and webhook read the same object by different translators, from the client's models and from the JSON
/// of a review. Every file of `translators/` is read by both, and the facts are equal.
class TranslatorsAgreeTest {
    private static final Path FOLDER = Path.of("src/test/resources/translators");
    private static final Map<String, String> RESOURCES =
            Map.of("Deployment", "deployments", "Service", "services", "HTTPRoute", "httproutes");

    static List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void everyKindIsThere() throws IOException {
        assertThat(files())
                .anyMatch(file -> file.startsWith("deployment-"))
                .anyMatch(file -> file.startsWith("service-"))
                .anyMatch(file -> file.startsWith("httproute-"));
    }

    @ParameterizedTest
    @MethodSource("files")
    void bothTranslatorsReadTheSame(String file) throws IOException {
        String yaml = Files.readString(FOLDER.resolve(file));
        switch (reviewed(yaml)) {
            case Subject.Workload workload ->
                assertThat(withoutTemplate(workload.facts()))
                        .isEqualTo(withoutTemplate(Deployments.facts(TestJson.yaml(yaml, Deployment.class))));
            case Subject.Service service ->
                assertThat(service.facts()).isEqualTo(Services.facts(TestJson.yaml(yaml, Service.class)));
            case Subject.Route route -> {
                GenericKubernetesResource resource = TestJson.yaml(yaml, GenericKubernetesResource.class);
                assertThat(route)
                        .isEqualTo(new Subject.Route(
                                resource.getKind(),
                                Metas.name(resource),
                                Metas.labels(resource),
                                Metas.canaryAnnotations(resource),
                                route.spec(),
                                route.original()));
                RouteFacts.Named named = Routes.facts(RouteKind.of(resource.getKind()), resource);
                assertThat(named.route().name()).isEqualTo(route.name());
                assertThat(named.app()).isEqualTo(route.labels().get(CanaryKey.APP.text()));
                assertThat(named.route().ours()).isEqualTo(named.app() != null);
            }
        }
    }

    @Test
    void otherToolsAreKnownByWhatTheyLeave() throws IOException {
        Map<String, OtherTool> expected = Map.of(
                "deployment-run-by-kruise.yaml", OtherTool.KRUISE_ROLLOUTS,
                "service-run-by-argo-rollouts.yaml", OtherTool.ARGO_ROLLOUTS,
                "service-run-by-flagger.yaml", OtherTool.FLAGGER);
        Map<String, OtherTool> read = new HashMap<>();
        for (String file : files()) {
            OtherTool tool = switch (reviewed(Files.readString(FOLDER.resolve(file)))) {
                case Subject.Workload workload -> workload.facts().tool();
                case Subject.Service service -> service.facts().tool();
                case Subject.Route _ -> null;
            };
            if (tool != null) {
                read.put(file, tool);
            }
        }
        assertThat(read).isEqualTo(expected);
    }

    @Test
    void imagesAreReadAsTheyAreWritten() throws IOException {
        assertThat(reviewed(Files.readString(FOLDER.resolve("deployment-images.yaml"))))
                .isInstanceOfSatisfying(Subject.Workload.class, workload -> {
                    assertThat(workload.containers())
                            .containsExactly(
                                    new Subject.Container("web", "localhost:5000/order:2.4.0@sha256:aa"),
                                    new Subject.Container("untagged", "order"),
                                    new Subject.Container("none", ""),
                                    new Subject.Container("nothing", ""),
                                    new Subject.Container("digest", "order@sha256:bb"),
                                    new Subject.Container("log", "log:1@sha256:dd"));
                    assertThat(workload.facts().images())
                            .containsExactly(
                                    "localhost:5000/order:2.4.0@sha256:aa",
                                    "order",
                                    "order@sha256:bb",
                                    "log:1@sha256:dd",
                                    "before:1@sha256:cc");
                });
    }

    /// The object in `yaml` as the webhook reads it from a review.
    private static Subject reviewed(String yaml) {
        JsonNode object = Reviews.JSON.valueToTree(TestJson.yaml(yaml, Map.class));
        String kind = object.path("kind").asString("");
        String apiVersion = object.path("apiVersion").asString("");
        String group = apiVersion.contains("/") ? apiVersion.substring(0, apiVersion.indexOf('/')) : "";
        ObjectNode review = Reviews.review("UPDATE", object, object);
        Reviews.at(review, "request", "kind").put("group", group).put("kind", kind);
        Reviews.at(review, "request", "resource").put("group", group).put("resource", RESOURCES.get(kind));
        return switch (AdmissionCodec.decode(Reviews.bytes(review), "canary")) {
            case AdmissionCodec.Decoded.Asked asked -> asked.change().subject();
            case AdmissionCodec.Decoded.OfPolicy of -> fail(of.toString());
            case AdmissionCodec.Decoded.Contradictory contradictory -> fail(contradictory.why());
            case AdmissionCodec.Decoded.NotAReview(String why) -> fail(why);
        };
    }

    /// A review's pod template is not kept: it has a hash of its own kind, which tells old from new there alone. Nor is
    /// who
    /// owns which field.
    private static DeploymentFacts withoutTemplate(DeploymentFacts facts) {
        return new DeploymentFacts(
                facts.namespace(),
                facts.name(),
                facts.uid(),
                facts.created(),
                facts.labels(),
                facts.annotations(),
                facts.selector(),
                facts.templateLabels(),
                facts.replicas(),
                "",
                facts.images(),
                facts.progressDeadline(),
                facts.paused(),
                facts.deleting(),
                facts.controller(),
                facts.tool(),
                null);
    }
}
