// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.traffic.Gateway;
import io.canary.e2e.traffic.Request;
import io.canary.e2e.traffic.RouteKind;
import io.canary.e2e.traffic.Tally;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Bookinfo as in the seed, all three versions of reviews running (issue 3, 5.1).
@ReleaseStory
class BookinfoIT {
    private static final Path SAMPLES = InstalledProduct.root().resolve("manifests/samples/bookinfo");

    private static void bookinfo(Story story) {
        story.kubectl("apply", "-f", SAMPLES.resolve("bookinfo.yaml").toString());
        for (String app : List.of("details", "ratings", "productpage")) {
            story.await(app + " serves", () -> story.recorder().readyEndpoints(app) == 1);
        }
        story.await("reviews serves", () -> story.recorder().readyEndpoints("reviews") == 3);
    }

    private static void halfToV3(Story story) {
        story.annotate("deployment/reviews-v3", "canary.io/weight=50");
        story.annotate("service/reviews", "canary.io/stable=v1", "canary.io/scale-down-delay=1s");
        story.awaitShares("reviews", Map.of("v1", 50, "v3", 50));
        story.awaitReplicas(Map.of("reviews-v1", 1, "reviews-v2", 1, "reviews-v3", 2));
    }

    @Test
    void annotationsLeadToTheSeedsRoute(Story story) {
        bookinfo(story);
        halfToV3(story);

        GenericKubernetesResource route = story.route("reviews");
        assertThat(route.<Object>get("spec", "parentRefs"))
                .isEqualTo(List.of(Map.of("group", "", "kind", "Service", "name", "reviews", "port", 9080)));
        assertThat(route.<List<?>>get("spec", "rules")).hasSize(1);
        assertThat(route.<Object>get("spec", "rules", 0, "backendRefs"))
                .isEqualTo(List.of(ref("reviews-v1"), ref("reviews-v3")));
        assertThat(route.<Object>get("spec", "rules", 0, "matches"))
                .isEqualTo(List.of(Map.of("path", Map.of("type", "PathPrefix", "value", "/"))));
        assertThat(route.getMetadata().getOwnerReferences()).isEmpty();
        // In between v2's share goes to v1 as far as its one pod carries it, until v3 has its second pod.
        assertThat(story.shareHistory("reviews"))
                .startsWith("v1 33 v2 33 v3 34")
                .endsWith("v1 50 v3 50");
        for (String version : List.of("v1", "v3")) {
            Service service = story.service("reviews-" + version);
            assertThat(service.getSpec().getSelector()).isEqualTo(Map.of("app", "reviews", "version", version));
            assertThat(service.getSpec().getPorts())
                    .singleElement()
                    .satisfies(port -> assertThat(port.getPort()).isEqualTo(9080));
            assertThat(service.getSpec().getType()).isEqualTo("ClusterIP");
        }
        assertThat(story.recorder().replicaHistory("reviews-v2")).containsExactly(1);
        story.awaitPhase("reviews", Release.Phase.CANARY);
    }

    private static Map<String, Object> ref(String service) {
        return Map.of("group", "", "kind", "Service", "name", service, "port", 9080, "weight", 50);
    }

    @Test
    void stableAloneMakesTheServicesOfTheOtherApps(Story story) {
        bookinfo(story);
        for (String app : List.of("details", "ratings", "productpage")) {
            story.annotate("service/" + app, "canary.io/stable=v1");
        }
        for (String app : List.of("details", "ratings", "productpage")) {
            story.awaitPhase(app, Release.Phase.STABLE);
            assertThat(story.service(app + "-v1").getSpec().getSelector())
                    .isEqualTo(Map.of("app", app, "version", "v1"));
            assertThat(story.shareHistory(app)).containsExactly("v1 100");
        }
    }

    /// The seed's way in: productpage is split at the Gateway, reviews in the mesh, each by its own app's weights.
    @Test
    void theFrontIsSplitAtTheGateway(Story story) throws IOException {
        bookinfo(story);
        Gateway gateway = story.cluster().gateway();
        String host = gateway.host("bookinfo");
        String[] documents =
                Files.readString(SAMPLES.resolve("bookinfo-gateway.yaml")).split("(?m)^---$", -1);
        story.apply(documents[1]
                .replace("name: bookinfo-gateway", "name: " + Gateway.NAME)
                .replace("  rules:", "  hostnames: [" + host + "]\n  rules:"));
        Request page = Request.to(host).at("/productpage");
        gateway.awaitAnswered(page);
        halfToV3(story);
        story.annotate("service/productpage", "canary.io/stable=v1", "canary.io/replicas=4");
        story.canary(
                        "start",
                        "productpage",
                        "--image=istio/examples-bookinfo-productpage-v1:1.20.0",
                        "--as-version=v2",
                        "--weight=25",
                        "--wait")
                .orThrow();
        gateway.awaitWeights(RouteKind.HTTP, "bookinfo", 0, Map.of("productpage-v1", 75, "productpage-v2", 25));
        Tally tally = gateway.send(400, page);
        assertThat(tally.failures()).isEmpty();
        assertThat(tally.of("v2")).isBetween(75, 125);
        assertThat(gateway.send(1, Request.to(host).at("/elsewhere")).failures())
                .hasSize(1);
        story.awaitShares("reviews", Map.of("v1", 50, "v3", 50));
        story.canary("promote", "productpage", "--wait").orThrow();
        gateway.awaitWeights(RouteKind.HTTP, "bookinfo", 0, Map.of("productpage-v2", 100));
        assertThat(gateway.send(20, page).byVersion().keySet()).containsOnly("v2");
    }

    @Test
    void servicesOfTheUsersOwnAreUsedAndNeverWritten(Story story) {
        bookinfo(story);
        story.kubectl("apply", "-f", SAMPLES.resolve("bookinfo-versions.yaml").toString());
        Map<String, String> before =
                Map.of("v1", version(story, "v1"), "v2", version(story, "v2"), "v3", version(story, "v3"));

        halfToV3(story);
        story.awaitQuiet(Duration.ofSeconds(2));

        assertThat(story.calls().writes().on("services").all()).isEmpty();
        assertThat(Map.of("v1", version(story, "v1"), "v2", version(story, "v2"), "v3", version(story, "v3")))
                .isEqualTo(before);
        assertThat(story.release("reviews")).extracting(Release::problems).isEqualTo(List.of());
    }

    private static String version(Story story, String version) {
        return story.service("reviews-" + version).getMetadata().getResourceVersion();
    }
}
