// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.demo;

import io.canary.e2e.testbed.Command;
import io.canary.e2e.testbed.CommandResult;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Where the story is told: kubectl with its plugin, and a client for what is read all the time.
///
/// @param kubectl the program
/// @param environment by which kubectl finds the cluster, the namespace and the plugin
/// @param reader asked for at each use, as the cluster may not be up yet
/// @param namespace where bookinfo is, which is the kubeconfig's namespace too
/// @param prefix of the names of policies; empty where the whole cluster is the demo's
record DemoCluster(
        String kubectl,
        Map<String, String> environment,
        Supplier<KubernetesClient> reader,
        String namespace,
        String prefix) {
    /// How the plugin is to print.
    static final Map<String, String> TERMINAL = Map.of("LC_ALL", "C.UTF-8", "COLUMNS", "100");

    DemoCluster {
        environment = Map.copyOf(environment);
    }

    KubernetesClient client() {
        return reader.get();
    }

    CommandResult kubectl(String... arguments) {
        return run("", List.of(arguments));
    }

    /// @param input on standard input
    CommandResult kubectl(String input, List<String> arguments) {
        return run(input, arguments);
    }

    private CommandResult run(String input, List<String> arguments) {
        List<String> line = new ArrayList<>(List.of(kubectl));
        line.addAll(arguments);
        return new Command(line, environment, input).run();
    }

    /// The name of a policy of `manifests/policies` here.
    String policy(String name) {
        return prefix + name;
    }

    /// That policy as YAML, under its name here, about the demo's namespace alone.
    String limited(String policy) {
        GenericKubernetesResource object = Serialization.unmarshal(policy, GenericKubernetesResource.class);
        object.getMetadata().setName(policy(object.getMetadata().getName()));
        Map<String, Object> spec = copy(object.getAdditionalProperties().get("spec"));
        Map<String, Object> match = copy(spec.get("match"));
        Map<String, Object> selector = copy(match.get("namespaceSelector"));
        Map<String, Object> labels = copy(selector.get("matchLabels"));
        labels.put("kubernetes.io/metadata.name", namespace);
        selector.put("matchLabels", labels);
        match.put("namespaceSelector", selector);
        spec.put("match", match);
        object.setAdditionalProperty("spec", spec);
        return Serialization.asYaml(object);
    }

    private static Map<String, Object> copy(@Nullable Object map) {
        Map<String, Object> copy = new LinkedHashMap<>();
        if (map instanceof Map<?, ?> given) {
            given.forEach((key, value) -> copy.put(String.valueOf(key), value));
        }
        return copy;
    }
}
