// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.ControlPlane;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The plugin takes Canary out of the cluster, meets a cluster without it, and puts it in again (issue 4).
@ReleaseStory
@Tag("alone")
class PluginInstallIT {
    private static final String ON_PROCESS_NODES = """
            {"spec": {"template": {"spec": {"nodeSelector": {"type": "process"},
             "tolerations": [{"key": "%s", "operator": "Exists"}]}}}}
            """.formatted(InstalledProduct.NODE_TAINT);

    @AfterEach
    void putItIn(ControlPlane cluster) {
        new InstalledProduct().start(cluster);
    }

    @Test
    void uninstallAndInstall(Story story) {
        story.serve(Map.of("canary.io/scale-down-delay", "1s"), Workload.of("order", "v1", 10));
        story.apply(Workload.of("order", "v2", 10).weight("20").yaml());
        story.awaitShares("order", Map.of("v1", 80, "v2", 20));

        CommandResult alone = story.canary("uninstall");
        assertThat(alone.exitCode()).isEqualTo(64);
        assertThat(alone.stderr()).endsWith("hint: kubectl canary uninstall --yes\n");
        CommandResult gone = story.canary("uninstall", "--yes").orThrow();
        assertThat(gone.stdout().lines())
                .as("what the API server asks is gone before what answers, definitions last")
                .first()
                .asString()
                .contains("validatingadmissionpolicy");
        assertThat(gone.stdout()).contains("validatingwebhookconfiguration").endsWith("deleted\n");
        assertThat(gone.stderr()).contains("apps keep the split that was in force");
        story.await("the CRD is gone", () -> story.canary("list").stderr().contains("not installed"));

        withoutIt(story);
        // what Canary made stays, and so does the split
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 80.0, "v2", 20.0));

        assertThat(story.canary("install", "--dry-run=client").orThrow().stdout())
                .contains("kind: CustomResourceDefinition", "kind: ValidatingWebhookConfiguration");
        story.kubectl("wait", "--for=delete", "namespace/" + InstalledProduct.NAMESPACE, "--timeout=60s");
        story.canary("install", "--replicas=1").orThrow();
        CommandResult early = story.canary("install", "--replicas=1", "--wait", "--timeout=1s");
        assertThat(early.exitCode()).isEqualTo(124);
        onProcessNodes(story);
        CommandResult installed = story.canary("install", "--replicas=1", "--wait", "--timeout=2m");
        assertThat(installed.exitCode()).as(installed.stderr()).isZero();
        assertThat(installed.stderr()).endsWith("Canary is installed and answers\n");

        story.canary("check").orThrow();
        CommandResult version = story.canary("version").orThrow();
        assertThat(version.stdout()).contains("controller: ", "kubernetes: v1.36.4");
        // it measures what is in force and goes on from there
        story.canary("set", "weight", "order", "50", "--wait").orThrow();
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 80 v2 20", "v1 50 v2 50");
    }

    /// Where pods are processes, for the manifests know nothing of the testbed's nodes.
    static void onProcessNodes(Story story) {
        story.kubectl(
                "patch",
                "deployment",
                InstalledProduct.DEPLOYMENT,
                "-n",
                InstalledProduct.NAMESPACE,
                "--patch=" + ON_PROCESS_NODES);
    }

    private static void withoutIt(Story story) {
        for (String verb : new String[] {"status", "promote", "history", "plan", "abort"}) {
            CommandResult result = story.canary(verb, "order");
            assertThat(result.exitCode()).as(verb).isEqualTo(verb.equals("plan") ? 2 : 1);
            assertThat(result.stderr()).isEqualTo("""
                            error: Canary is not installed in this cluster, or is older than this plugin
                            hint: kubectl canary check --pre, then kubectl canary install
                            """);
            assertThat(result.stdout()).isEmpty();
        }
        CommandResult check = story.canary("check");
        assertThat(check.exitCode()).isEqualTo(5);
        assertThat(check.stdout()).contains("fail  CAN003 Canary is not installed");
        story.canary("check", "--pre").orThrow();
        assertThat(story.canary("version").orThrow().stdout()).contains("controller: not installed");
    }
}
