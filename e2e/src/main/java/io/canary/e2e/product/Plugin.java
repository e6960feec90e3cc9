// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.product;

import io.canary.e2e.testbed.Command;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.ControlPlane;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The packaged plugin, typed as people type it: `kubectl canary …`, found by kubectl on PATH.
///
/// @param cluster whose administrator types
/// @param environment besides KUBECONFIG and PATH
public record Plugin(ControlPlane cluster, Map<String, String> environment) {
    public Plugin {
        environment = Map.copyOf(environment);
    }

    /// @throws IllegalStateException if the plugin was not packaged
    public static Plugin of(ControlPlane cluster) {
        if (!Files.isExecutable(folder().resolve("bin/kubectl-canary"))) {
            throw new IllegalStateException(folder() + " is missing: make plugin");
        }
        return new Plugin(cluster, Map.of("LC_ALL", "C.UTF-8", "COLUMNS", "100"));
    }

    /// Where `make plugin` puts it, as it is installed.
    public static Path folder() {
        return InstalledProduct.root().resolve("kubectl-canary/target/plugin");
    }

    /// With these variables of the environment; an empty value counts as unset for most.
    public Plugin with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.putAll(more);
        return new Plugin(cluster, all);
    }

    public CommandResult run(String... words) {
        return run("", List.of(words));
    }

    /// @param input on standard input
    public CommandResult run(String input, List<String> words) {
        return command(input, words).run();
    }

    /// The command, for whoever wants to run it otherwise.
    public Command command(String input, List<String> words) {
        List<String> line =
                new ArrayList<>(List.of(cluster.binaries().program("kubectl").toString(), "canary"));
        line.addAll(words);
        Map<String, String> variables = new LinkedHashMap<>();
        variables.putAll(cluster.kubectlEnvironment());
        variables.put("PATH", path());
        variables.putAll(environment);
        return new Command(line, variables, input);
    }

    /// The plugin's folder and kubectl's, before all others.
    public String path() {
        return folder().resolve("bin") + ":" + cluster.binaries().programs() + ":"
                + System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    }
}
