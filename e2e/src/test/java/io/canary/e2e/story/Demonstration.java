// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import io.canary.e2e.demo.YourCluster;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.ClusterUser;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.watch.AuditLog;
import io.canary.e2e.watch.Calls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The demo on the testbed's cluster, as if it were the user's: by the kubeconfig of an administrator of
/// its own, whom the audit log tells from all others.
record Demonstration(ControlPlane cluster, String user, AuditLog audit, long mark) {
    /// What it ended with, and printed.
    record Told(int code, String text) {}

    static Demonstration by(String user, Story story) {
        return new Demonstration(
                story.cluster().controlPlane(),
                user,
                story.audit(),
                story.audit().mark());
    }

    Told run(String... options) {
        return run(Map.of(), options);
    }

    /// @param variables of the environment, besides the test's own
    Told run(Map<String, String> variables, String... options) {
        List<String> line = new ArrayList<>(List.of("--kubeconfig", kubeconfig().toString()));
        line.addAll(Arrays.asList(options));
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.putAll(variables);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(text, true, StandardCharsets.UTF_8)) {
            int code = YourCluster.run(
                    YourCluster.Options.parse(line)
                            .with(cluster.binaries().program("kubectl").toString()),
                    environment,
                    out);
            return new Told(code, text.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted within the demo", e);
        }
    }

    /// The demo as a program of its own, with kubectl on PATH, that may be ended as Ctrl-C does.
    Process begin(Path log) throws IOException {
        Path target = InstalledProduct.root().resolve("e2e/target");
        ProcessBuilder java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        target.resolve("classes") + ":" + target.resolve("lib") + "/*",
                        "io.canary.e2e.demo.Demo",
                        "--kubeconfig",
                        kubeconfig().toString(),
                        "--yes")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        java.environment().merge("PATH", cluster.binaries().programs() + ":", (path, programs) -> programs + path);
        return java.start();
    }

    private Path kubeconfig() {
        return cluster.kubeconfig(new ClusterUser(user, List.of("system:masters")));
    }

    /// What it wrote.
    Calls calls() {
        return audit.since(mark).by(user).writes().succeeded();
    }
}
