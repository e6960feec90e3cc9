// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.PodBehaviour;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Lanes in the mesh, as the sample has them (design section 8): asserted on the routes, which a mesh follows.
@ReleaseStory
class LaneIT {
    private static final Path SAMPLES = InstalledProduct.root().resolve("manifests/samples/lane");

    @Test
    void everyAppWithAVersionOfTheLaneHonoursIt(Story story) throws IOException {
        for (String app : new String[] {"front", "order", "stock"}) {
            story.apply(Files.readString(SAMPLES.resolve(app + ".yaml")));
        }
        story.awaitReplicas(Map.of("front-v1", 2, "front-v2", 1, "order-v1", 2, "stock-v1", 2, "stock-v2", 1));
        story.await("stock has a rule for the lane", () -> refs(story, "stock").equals("stock-v2 stock-v1"));
        assertThat(headers(story, "stock"))
                .isEqualTo("x-canary-lane=blue baggage=^(.*, *)?canary-lane=blue( *[;,].*)?$ ");
        story.await("front has one for alice too", () -> refs(story, "front").equals("front-v2 front-v2 front-v1"));
        assertThat(headers(story, "front")).startsWith("x-user-id=alice x-canary-lane=blue baggage=");
        assertThat(jsonpath(story, "front", "{.spec.rules[0].filters[0].requestHeaderModifier.set[0].value}"))
                .isEqualTo("blue");
        assertThat(story.kubectl("get", "httproutes", "-o", "name").stdout()).doesNotContain("order");

        story.cluster().behave("app=stock,version=v2", PodBehaviour.NEVER_READY);
        story.await("who is in the lane gets v1", () -> refs(story, "stock").equals("stock-v1"));
        story.cluster().behave("app=stock,version=v2", PodBehaviour.READY);
        story.await("and v2 again", () -> refs(story, "stock").equals("stock-v2 stock-v1"));
        story.annotate("deployment/stock-v2", "canary.io/lane-");
        story.await(
                "all is handed back",
                () -> !story.kubectl("get", "httproutes", "-o", "name").stdout().contains("stock"));
    }

    private static String refs(Story story, String app) {
        return jsonpath(story, app, "{.spec.rules[*].backendRefs[*].name}");
    }

    private static String headers(Story story, String app) {
        return jsonpath(story, app, "{range .spec.rules[*].matches[*].headers[*]}{.name}={.value}{\" \"}{end}");
    }

    private static String jsonpath(Story story, String app, String path) {
        return story.kubectl("get", "httproute", app, "--ignore-not-found", "-o", "jsonpath=" + path)
                .stdout();
    }
}
