// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The hooks of the manifests that this build ships, to tell where those that stand were changed: by hand to less, as
/// another `failurePolicy`, or by a half-done upgrade. What an administrator wants is told, and never put back
/// (`SECURITY.md`, T25).
final class ShippedHooks {
    private static final List<String> FILES =
            List.of("60-MutatingWebhookConfiguration.yaml", "70-ValidatingWebhookConfiguration.yaml");
    private static final String SHIPPED_NAMESPACE = "canary-system";

    /// What is compared where it is short enough to be told.
    private static final List<String> WORDS =
            List.of("failurePolicy", "matchPolicy", "sideEffects", "timeoutSeconds", "reinvocationPolicy");

    /// What is compared and told by its name alone.
    private static final List<String> STRUCTURES =
            List.of("rules", "matchConditions", "namespaceSelector", "objectSelector");

    private final List<GenericKubernetesResource> shipped;

    private ShippedHooks(List<GenericKubernetesResource> shipped) {
        this.shipped = shipped;
    }

    /// @param namespace where Canary is installed, in place of that of the manifests
    static ShippedHooks in(String namespace) {
        return new ShippedHooks(FILES.stream()
                .map(file -> read(file).replace(SHIPPED_NAMESPACE, namespace))
                .map(text -> Serialization.unmarshal(text, GenericKubernetesResource.class))
                .toList());
    }

    /// How the hooks that stand differ from those, a sentence for each; of configurations that do not stand nothing is
    /// told.
    List<String> differences(List<GenericKubernetesResource> standing) {
        List<String> differences = new ArrayList<>();
        for (GenericKubernetesResource configuration : shipped) {
            standing.stream()
                    .filter(now -> now.getKind().equals(configuration.getKind()))
                    .forEach(now -> compare(hooks(configuration), hooks(now), differences));
        }
        return differences;
    }

    private static void compare(
            Map<String, Map<?, ?>> shipped, Map<String, Map<?, ?>> standing, List<String> differences) {
        shipped.forEach((name, hook) -> {
            Map<?, ?> now = standing.get(name);
            if (now == null) {
                differences.add("hook " + name + " is missing");
                return;
            }
            for (String field : WORDS) {
                Object wanted = hook.get(field);
                if (wanted != null && !wanted.equals(now.get(field))) {
                    differences.add("hook %s: %s is %s, not %s".formatted(name, field, now.get(field), wanted));
                }
            }
            for (String field : STRUCTURES) {
                if (!orNothing(hook.get(field)).equals(orNothing(now.get(field)))) {
                    differences.add("hook %s: %s were changed".formatted(name, field));
                }
            }
        });
    }

    /// The API server writes an empty selector where the manifests have none.
    private static Object orNothing(@Nullable Object value) {
        return value == null ? Map.of() : value;
    }

    private static Map<String, Map<?, ?>> hooks(GenericKubernetesResource configuration) {
        Map<String, Map<?, ?>> hooks = new TreeMap<>();
        if (configuration.get("webhooks") instanceof List<?> all) {
            for (Object hook : all) {
                if (hook instanceof Map<?, ?> fields) {
                    hooks.put(Objects.toString(fields.get("name"), ""), new HashMap<>(fields));
                }
            }
        }
        return hooks;
    }

    private static String read(String file) {
        try (InputStream in = ShippedHooks.class.getResourceAsStream("/manifests/" + file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is missing in this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
