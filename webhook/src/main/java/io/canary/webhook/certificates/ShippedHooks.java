// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import io.canary.certs.ServiceIdentity;
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
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The hooks of the manifests that this build ships, to tell where those that stand were changed: by hand to less, as
/// another `failurePolicy`, or by a half-done upgrade. What an administrator wants is told, and never put back
/// (`SECURITY.md`, T25). For one thread.
final class ShippedHooks {
    private static final List<String> FILES =
            List.of("60-MutatingWebhookConfiguration.yaml", "70-ValidatingWebhookConfiguration.yaml");
    private static final ServiceIdentity SHIPPED = new ServiceIdentity("canary-webhook", "canary-system");
    private static final String SHIPPED_ACCOUNT = "canary";

    /// What is compared where it is short enough to be told.
    private static final List<String> WORDS =
            List.of("failurePolicy", "matchPolicy", "sideEffects", "timeoutSeconds", "reinvocationPolicy");

    /// What is compared and told by its name alone.
    private static final List<String> STRUCTURES = List.of(
            "clientConfig",
            "admissionReviewVersions",
            "rules",
            "matchConditions",
            "namespaceSelector",
            "objectSelector");

    /// Azure adds them to the namespaceSelector of every hook, on its own behalf.
    private static final Set<String> OF_PLATFORMS = Set.of("control-plane", "kubernetes.azure.com/managedby");

    private final ServiceIdentity identity;
    private final String username;
    private @Nullable List<GenericKubernetesResource> shipped; // read at the first look: no start waits for it

    /// @param identity the Service of this installation, in place of that of the manifests
    /// @param username of its ServiceAccount, as `system:serviceaccount:canary-system:canary`
    ShippedHooks(ServiceIdentity identity, String username) {
        this.identity = identity;
        this.username = username;
    }

    /// How the hooks that stand differ from those, a sentence for each; of configurations that do not stand nothing is
    /// told. The first call reads what is shipped.
    List<String> differences(List<GenericKubernetesResource> standing) {
        List<String> differences = new ArrayList<>();
        for (GenericKubernetesResource configuration : shipped()) {
            standing.stream()
                    .filter(now -> now.getKind().equals(configuration.getKind()))
                    .forEach(now -> compare(hooks(configuration), hooks(now), differences));
        }
        return differences;
    }

    private List<GenericKubernetesResource> shipped() {
        List<GenericKubernetesResource> known = shipped;
        if (known == null) {
            known = FILES.stream()
                    .map(file -> here(read(file)))
                    .map(text -> Serialization.unmarshal(text, GenericKubernetesResource.class))
                    .toList();
            shipped = known;
        }
        return known;
    }

    private String here(String manifest) {
        String namespace = identity.namespace();
        return manifest.replace(SHIPPED.namespace(), namespace)
                .replace("name: " + SHIPPED.service() + "\n", "name: " + identity.service() + "\n")
                .replace("'system:serviceaccount:" + namespace + ":" + SHIPPED_ACCOUNT + "'", "'" + username + "'");
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
                if (!compared(hook.get(field)).equals(compared(now.get(field)))) {
                    differences.add("hook %s: %s changed".formatted(name, field));
                }
            }
        });
        standing.keySet().stream()
                .filter(name -> !shipped.containsKey(name))
                .forEach(name -> differences.add("hook " + name + " is not shipped"));
    }

    /// Without what we or a platform add, and what an API server writes where the manifests have nothing.
    private static Object compared(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return value == null ? Map.of() : value;
        }
        Map<Object, Object> fields = new HashMap<>(map);
        fields.remove("caBundle");
        if (fields.get("matchExpressions") instanceof List<?> expressions) {
            fields.put(
                    "matchExpressions",
                    expressions.stream()
                            .filter(e -> !OF_PLATFORMS.contains(
                                    Objects.toString(CaBundle.map(e).get("key"), "")))
                            .toList());
        }
        return fields;
    }

    private static Map<String, Map<?, ?>> hooks(GenericKubernetesResource configuration) {
        Map<String, Map<?, ?>> hooks = new TreeMap<>();
        for (Object hook : CaBundle.list(configuration.get("webhooks"))) {
            hooks.put(Objects.toString(CaBundle.map(hook).get("name"), ""), CaBundle.map(hook));
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
