// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.demo.YourCluster;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.Command;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.watch.Calls;
import io.canary.e2e.watch.MeshMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/// `make demo KUBECONFIG=path` where Canary is there: the cluster is as it was before (issue 7). One at a
/// time, as all have one namespace.
@ReleaseStory
@ResourceLock(YourCluster.NAMESPACE)
class DemoIT {
    /// As on most clusters no controller accepts the route; with one it is `make demo` itself.
    @Test
    void itTellsItsStoryAndLeavesNothing(Story story) {
        story.meshOf(YourCluster.NAMESPACE, MeshMode.OFF);
        Demonstration demo = Demonstration.by("demo-user", story);

        Demonstration.Told told = demo.run("--yes");

        assertThat(told.code()).as(told.text()).isZero();
        assertThat(told.text())
                .contains("context \"testbed\"", "uses the Canary that is there", "traffic follows the pods", "Done")
                .doesNotContain("route reviews:");
        onlyItsOwn(demo.calls());
        nothingIsLeft(story);
        assertThat(InstalledProduct.probe(story.cluster().controlPlane())).contains("did you mean");
    }

    @Test
    void ctrlCTakesAwayWhatItMade(Story story, @TempDir Path folder) throws Exception {
        Demonstration demo = Demonstration.by("leaving-user", story);
        Path log = folder.resolve("log");
        Process process = demo.begin(log);
        try {
            story.await(
                    "bookinfo is being made",
                    () -> !process.isAlive() || demo.calls().on("deployments").count() > 0);
            assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
        } finally {
            process.destroy();
        }
        assertThat(process.waitFor()).isNotZero();
        assertThat(Files.readString(log)).contains("Taking away what the demo made");
        onlyItsOwn(demo.calls());
        nothingIsLeft(story);
    }

    @Test
    void nothingIsBegunWithoutLeave(Story story) {
        Demonstration demo = Demonstration.by("unasked-user", story);

        Demonstration.Told told = demo.run();

        assertThat(told.code()).isEqualTo(YourCluster.USAGE);
        assertThat(told.text()).contains("context \"testbed\"", "nobody is here to be asked", "YES=1");
        assertThat(demo.calls().count()).isZero();
    }

    @Test
    void whatIsThereIsSomebodys(Story story) {
        story.kubectl("create", "namespace", YourCluster.NAMESPACE);
        try {
            refused(story, "namespace-user", "kubectl delete namespace canary-demo");
        } finally {
            story.kubectl("delete", "namespace", YourCluster.NAMESPACE);
        }
        story.apply("""
                apiVersion: canary.io/v1
                kind: CanaryPolicy
                metadata: {name: canary-demo-observe}
                spec: {maxWeight: 50, validationActions: [Audit], match: {namespaceSelector: {matchLabels: {nowhere: "yes"}}}}
                """);
        try {
            refused(story, "policy-user", "kubectl delete canarypolicy.canary.io/canary-demo-observe");
        } finally {
            story.kubectl("delete", "canarypolicy", "canary-demo-observe");
        }
    }

    private static void refused(Story story, String user, String cure) {
        Demonstration demo = Demonstration.by(user, story);

        Demonstration.Told told = demo.run("--yes");

        assertThat(told.code()).as(told.text()).isEqualTo(YourCluster.USAGE);
        assertThat(told.text()).contains("there already", cure);
        assertThat(demo.calls().count()).isZero();
    }

    /// A KUBECONFIG that the shell exports is not one that was typed.
    @Test
    void anExportedKubeconfigIsNotTaken() {
        assertThat(make(Map.of("KUBECONFIG", "/exported")))
                .contains("testbed demo")
                .doesNotContain("--kubeconfig");
        assertThat(make(Map.of(), "KUBECONFIG=/typed", "YES=1"))
                .contains("testbed demo --kubeconfig \"/typed\"")
                .contains("--yes");
    }

    private static String make(Map<String, String> environment, String... variables) {
        Path root = InstalledProduct.root();
        List<String> line = new ArrayList<>(List.of("make", "--directory=" + root, "--dry-run", "demo"));
        line.addAll(List.of(variables));
        CommandResult result = new Command(line, environment, "").run();
        return result.orThrow().stdout();
    }

    /// All that was written is in its namespace, or is one of its policies.
    private static void onlyItsOwn(Calls calls) {
        assertThat(calls.all())
                .isNotEmpty()
                .allMatch(call -> call.namespace().equals(YourCluster.NAMESPACE)
                        || (call.resource().equals("namespaces") && call.name().equals(YourCluster.NAMESPACE))
                        || (call.resource().equals("canarypolicies")
                                && call.name().startsWith("canary-demo-")));
    }

    private static void nothingIsLeft(Story story) {
        assertThat(story.kubectl("get", "namespaces,canarypolicies", "--output=name")
                        .stdout())
                .doesNotContain("canary-demo");
    }
}
