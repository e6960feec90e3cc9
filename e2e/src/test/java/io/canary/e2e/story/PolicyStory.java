// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// CanaryPolicies about the namespace of one story alone, so that stories with some run side by side; gone with it.
final class PolicyStory implements AutoCloseable {
    private final Story story;
    private final List<String> made = new ArrayList<>();

    PolicyStory(Story story) {
        this.story = story;
    }

    /// The name that policy `name` of this story has in the cluster.
    String named(String name) {
        return story.cluster().namespace() + "-" + name;
    }

    /// Applies a policy and waits until the product and the API server judge by it.
    ///
    /// @param spec lines of YAML, indented by two
    /// @return its name in the cluster
    String apply(String name, String spec) {
        String full = named(name);
        made.add(full);
        story.kubectlWith(yaml(full, spec), "apply", "--server-side", "--force-conflicts", "-f", "-");
        awaitEnforced(full);
        return full;
    }

    String yaml(String full, String spec) {
        return """
                apiVersion: canary.io/v1
                kind: CanaryPolicy
                metadata: {name: %s}
                spec:
                  match: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %s}}}
                %s
                """.formatted(full, story.cluster().namespace(), spec.indent(2));
    }

    private void awaitEnforced(String full) {
        story.await(full + " is enforced", () -> {
            GenericKubernetesResource policy = get(full);
            return policy != null
                    && policy.get("status", "observedGeneration") instanceof Number seen
                    && seen.longValue() == policy.getMetadata().getGeneration()
                    && "True".equals(condition(policy, "Enforced"));
        });
    }

    @Nullable
    GenericKubernetesResource get(String full) {
        return story.cluster()
                .client()
                .genericKubernetesResources("canary.io/v1", "CanaryPolicy")
                .withName(full)
                .get();
    }

    /// The status of a condition, or null.
    static @Nullable String condition(GenericKubernetesResource policy, String type) {
        List<Map<String, String>> conditions = policy.get("status", "conditions");
        return conditions == null
                ? null
                : conditions.stream()
                        .filter(c -> type.equals(c.get("type")))
                        .map(c -> c.get("status"))
                        .findFirst()
                        .orElse(null);
    }

    void delete(String name) {
        story.kubectl("delete", "canarypolicy", named(name), "--ignore-not-found");
        made.remove(named(name));
        story.await("the binding of " + name + " is gone", () -> !bound(named(name)));
    }

    boolean bound(String full) {
        return story.cluster()
                .kubectl("get", "validatingadmissionpolicybinding", "canary-policy." + full)
                .succeeded();
    }

    @Override
    public void close() {
        made.forEach(name -> story.kubectl("delete", "canarypolicy", name, "--ignore-not-found", "--wait=false"));
    }
}
