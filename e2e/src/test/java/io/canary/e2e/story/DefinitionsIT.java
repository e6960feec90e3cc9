// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.ControlPlane;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The definition of Releases is of another build than the process, as between the two halves of an upgrade: what it
/// does not know is dropped, and what it adds stays. Releases go on, and nothing is written again and again.
@ReleaseStory
@Tag("alone")
class DefinitionsIT {
    private static final InstalledProduct PRODUCT = new InstalledProduct();
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    private static final String STATUS = "/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/";

    @AfterEach
    void putBack(ControlPlane cluster) {
        PRODUCT.install(cluster);
    }

    @Test
    void anOlderOneKnowsLess(Story story, ControlPlane cluster) {
        define(
                cluster,
                List.of("history", "bypass", "conditions", "problems").stream()
                        .map(field -> "{\"op\": \"remove\", \"path\": \"" + STATUS + field + "\"}")
                        .collect(Collectors.joining(", ", "[", "]")));
        releaseGoesOn(story);
        assertThat(status(story)).contains("\"phase\":\"Canary\"").doesNotContain("\"history\"", "\"conditions\"");
    }

    @Test
    void aNewerOneAddsWhatWeDoNotKnow(Story story, ControlPlane cluster) {
        define(
                cluster,
                "[{\"op\": \"add\", \"path\": \"" + STATUS
                        + "forecast\", \"value\": {\"type\": \"string\", \"default\": \"fair\"}}]");
        try {
            releaseGoesOn(story);
            assertThat(status(story)).contains("\"forecast\":\"fair\"", "\"phase\":\"Canary\"");
        } finally {
            define(cluster, "[{\"op\": \"remove\", \"path\": \"" + STATUS + "forecast\"}]");
        }
    }

    private static void releaseGoesOn(Story story) {
        story.serve(QUICK, Workload.of("order", "v1", 4));
        story.apply(Workload.of("order", "v2", 4).weight("25").yaml());
        story.awaitShares("order", Map.of("v1", 75, "v2", 25));
        story.awaitReplicas(Map.of("order-v1", 3, "order-v2", 1));
        story.awaitPhase("order", Release.Phase.CANARY);
        var _ = story.awaitQuiet(Duration.ofSeconds(5));
    }

    private static String status(Story story) {
        return story.kubectl("get", "release/order", "-o", "jsonpath={.status}").stdout();
    }

    private static void define(ControlPlane cluster, String operations) {
        cluster.kubectl("patch", "crd/releases.canary.io", "--type=json", "--patch=" + operations)
                .orThrow();
    }
}
