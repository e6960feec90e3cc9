// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.demo.YourCluster;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.ControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `make demo KUBECONFIG=path IMAGE=image` where Canary is not there: it is brought, and taken away again
/// (issue 7).
@ReleaseStory
@Tag("alone")
class DemoInstallIT {
    @AfterEach
    void putItIn(ControlPlane cluster) {
        new InstalledProduct().start(cluster);
    }

    @Test
    void canaryComesAndGoesWithTheDemo(Story story, @TempDir Path folder) throws IOException {
        story.canary("uninstall", "--yes").orThrow();
        story.await("Canary is gone", () -> left(story).isEmpty());

        Demonstration.Told imageless = Demonstration.by("imageless-user", story).run("--yes");
        assertThat(imageless.code()).isEqualTo(YourCluster.USAGE);
        assertThat(imageless.text()).contains("no image is published", "IMAGE=registry.example.com");
        assertThat(left(story)).isEmpty();

        // In the place of the story a shell, which has all that a person would need.
        Path seen = folder.resolve("seen");
        Path shell = Files.writeString(folder.resolve("shell"), """
                #!/bin/sh
                kubectl canary promote reviews --version=v1 >%1$s && kubectl get deployments --output=name >>%1$s
                """.formatted(seen));
        assertThat(shell.toFile().setExecutable(true)).isTrue();
        Demonstration demo = Demonstration.by("installing-user", story);
        CompletableFuture<Demonstration.Told> telling = CompletableFuture.supplyAsync(() -> demo.run(
                Map.of("INTERACTIVE", "1", "SHELL", shell.toString()), "--yes", "--image", "canary/webhook:demo"));
        story.await(
                "the Deployment is there",
                () -> telling.isDone() || !deployment(story).isEmpty());
        if (!telling.isDone()) {
            PluginInstallIT.onProcessNodes(story);
        }
        Demonstration.Told told = telling.join();

        assertThat(told.code()).as(told.text()).isZero();
        assertThat(told.text()).contains("installs Canary, image canary/webhook:demo", "Canary is removed");
        assertThat(Files.readString(seen)).contains("canary.io/stable=v1", "deployment.apps/reviews-v3");
        assertThat(left(story)).isEmpty();
        assertThat(story.kubectl("get", "namespaces", "--output=name").stdout()).doesNotContain("namespace/canary-");
    }

    private static String deployment(Story story) {
        return story.kubectl(
                        "get",
                        "deployment",
                        InstalledProduct.DEPLOYMENT,
                        "--namespace=" + InstalledProduct.NAMESPACE,
                        "--ignore-not-found",
                        "--output=name")
                .stdout();
    }

    private static String left(Story story) {
        return story.kubectl(
                        "get",
                        "namespace/" + InstalledProduct.NAMESPACE,
                        "crd/releases.canary.io",
                        "crd/canarypolicies.canary.io",
                        "validatingwebhookconfiguration/canary",
                        "mutatingwebhookconfiguration/canary",
                        "clusterrole/canary",
                        "--ignore-not-found",
                        "--output=name")
                .stdout();
    }
}
