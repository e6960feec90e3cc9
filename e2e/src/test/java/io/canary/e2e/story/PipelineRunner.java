// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import io.canary.e2e.product.Plugin;
import io.canary.e2e.testbed.Command;
import io.canary.e2e.testbed.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Where a pipeline's scripts run: a checkout with `smoke.sh`, and a kubeconfig of nobody but the ServiceAccount that
/// `docs/pipelines/role.yaml` makes.
final class PipelineRunner {
    static final String IMAGE = "registry.example.org/shop/order:2.4.0-9f3c2ab1";
    static final String DIGEST = "sha256:" + "7b".repeat(32);

    private final Story story;
    private final Path folder;
    private final Path checkout;
    private final Path kubeconfig;
    private final Map<String, String> variables = new LinkedHashMap<>();
    private String path;
    private int count;

    /// @param installed whether the plugin is on PATH already, as in an image
    PipelineRunner(Story story, Path folder, boolean installed) throws IOException {
        this.story = story;
        this.folder = folder;
        this.checkout = Files.createDirectories(folder.resolve("checkout"));
        this.kubeconfig = signedIn();
        String full = story.plugin().path();
        this.path = installed ? full : full.substring(full.indexOf(':') + 1);
        variables.put("KUBECONFIG", installed ? kubeconfig.toString() : "/nonexistent");
        variables.put("RUNNER_TEMP", folder.toString());
        for (String handed : List.of("GITHUB_PATH", "GITHUB_ENV", "GITHUB_OUTPUT")) {
            variables.put(handed, Files.createFile(folder.resolve(handed)).toString());
        }
        smokeTest(true);
    }

    /// Applies role.yaml as its first line says, and signs in as its ServiceAccount.
    private Path signedIn() throws IOException {
        String namespace = story.cluster().namespace();
        story.apply(PipelineScript.file("role.yaml").replace("namespace: shop", "namespace: " + namespace));
        String token =
                story.kubectl("create", "token", "canary-pipeline").stdout().strip();
        Path own = Files.copy(story.cluster().controlPlane().adminKubeconfig(), folder.resolve("service-account"));
        String config = "--kubeconfig=" + own;
        story.kubectl("config", config, "set-credentials", "pipeline", "--token=" + token);
        story.kubectl("config", config, "set-context", "testbed", "--user=pipeline");
        story.kubectl("config", config, "delete-user", "admin");
        return own;
    }

    Path checkout() {
        return checkout;
    }

    Path kubeconfig() {
        return kubeconfig;
    }

    String namespace() {
        return story.cluster().namespace();
    }

    /// What the system or its user sets; wins over what the file sets.
    PipelineRunner with(Map<String, String> more) {
        variables.putAll(more);
        return this;
    }

    void onPath(String folder) {
        path = folder + ":" + path;
    }

    /// The archive that a release would offer.
    PipelineRunner withArchive() throws IOException {
        Path target = Plugin.folder().resolveSibling("SHA256SUMS");
        String[] sum = Files.readString(target).strip().split(" +", 2);
        return with(
                Map.of("CANARY_ARCHIVE", target.resolveSibling(sum[1]).toUri().toString(), "CANARY_SHA256", sum[0]));
    }

    void smokeTest(boolean succeeds) throws IOException {
        Path script = Files.writeString(checkout.resolve("smoke.sh"), "#!/bin/sh\nexit " + (succeeds ? 0 : 1) + "\n");
        if (!script.toFile().setExecutable(true)) {
            throw new IOException(script + " cannot be made executable");
        }
    }

    CommandResult run(PipelineScript script) throws IOException {
        Path file = Files.writeString(folder.resolve("script-" + count++), script.text());
        if (!file.toFile().setExecutable(true)) {
            throw new IOException(file + " cannot be made executable");
        }
        Map<String, String> environment = new LinkedHashMap<>(Map.of("CI", "true", "PATH", path));
        environment.putAll(script.environment());
        environment.putAll(variables);
        CommandResult result = new Command(script.line(checkout, file), environment, "").run();
        handOn();
        return result;
    }

    /// GitHub hands on to later steps what a step has written to these files.
    private void handOn() throws IOException {
        for (String added : drained("GITHUB_PATH")) {
            onPath(added);
        }
        for (String set : drained("GITHUB_ENV")) {
            variables.put(set.substring(0, set.indexOf('=')), set.substring(set.indexOf('=') + 1));
        }
    }

    private List<String> drained(String variable) throws IOException {
        Path file = folder.resolve(variable);
        List<String> lines = Files.readAllLines(file);
        Files.writeString(file, "");
        return lines;
    }
}
