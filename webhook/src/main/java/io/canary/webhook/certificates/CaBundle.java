// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What must be applied to a webhook configuration so that it trusts us: `caBundle` of each webhook, nothing else.
final class CaBundle {
    private CaBundle() {}

    /// Empty if all webhooks of `configuration` hold `bundle` (base64) already. The webhooks are a map keyed by name,
    /// so an apply that names them and gives one field changes only that field.
    static Optional<GenericKubernetesResource> missing(GenericKubernetesResource configuration, String bundle) {
        List<Map<String, Object>> wanted = new ArrayList<>();
        boolean differs = false;
        for (Object webhook : list(configuration.get("webhooks"))) {
            Object name = map(webhook).get("name");
            if (name != null) {
                wanted.add(new TreeMap<>(Map.of("name", name, "clientConfig", Map.of("caBundle", bundle))));
                differs |= !bundle.equals(map(map(webhook).get("clientConfig")).get("caBundle"));
            }
        }
        return differs ? Optional.of(apply(configuration, wanted)) : Optional.empty();
    }

    private static GenericKubernetesResource apply(GenericKubernetesResource from, List<Map<String, Object>> webhooks) {
        GenericKubernetesResource wanted = new GenericKubernetesResource();
        wanted.setApiVersion(from.getApiVersion());
        wanted.setKind(from.getKind());
        wanted.setMetadata(
                new ObjectMetaBuilder().withName(from.getMetadata().getName()).build());
        wanted.setAdditionalProperty("webhooks", webhooks);
        return wanted;
    }

    private static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }
}
