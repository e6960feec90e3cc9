// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import io.canary.certs.Bundle;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `caBundle` of each webhook of a webhook configuration, which is all that we ever write of it.
final class CaBundle {
    private CaBundle() {}

    /// All authorities that any webhook of `configuration` trusts.
    static Bundle published(GenericKubernetesResource configuration) {
        Set<X509Certificate> all = new LinkedHashSet<>();
        for (Object webhook : list(configuration.get("webhooks"))) {
            all.addAll(bundle(webhook).authorities());
        }
        return new Bundle(List.copyOf(all));
    }

    /// What must be applied so that all webhooks trust `bundle` and nobody else; empty if they do already. The
    /// webhooks are a map keyed by name, so an apply that names them and gives one field changes only that
    /// field. It holds the version of what was read: who was slow must not take out what others have put in
    /// since.
    static Optional<GenericKubernetesResource> missing(GenericKubernetesResource configuration, Bundle bundle) {
        String encoded = Base64.getEncoder().encodeToString(bundle.encode());
        List<Map<String, Object>> wanted = new ArrayList<>();
        boolean differs = false;
        for (Object webhook : list(configuration.get("webhooks"))) {
            Object name = map(webhook).get("name");
            if (name != null) {
                wanted.add(new TreeMap<>(Map.of("name", name, "clientConfig", Map.of("caBundle", encoded))));
                differs |= !encoded.equals(text(webhook));
            }
        }
        return differs ? Optional.of(apply(configuration, wanted)) : Optional.empty();
    }

    private static GenericKubernetesResource apply(GenericKubernetesResource from, List<Map<String, Object>> webhooks) {
        GenericKubernetesResource wanted = new GenericKubernetesResource();
        wanted.setApiVersion(from.getApiVersion());
        wanted.setKind(from.getKind());
        wanted.setMetadata(new ObjectMetaBuilder()
                .withName(from.getMetadata().getName())
                .withResourceVersion(from.getMetadata().getResourceVersion())
                .build());
        wanted.setAdditionalProperty("webhooks", webhooks);
        return wanted;
    }

    private static Bundle bundle(Object webhook) {
        try {
            return Bundle.decode(Base64.getDecoder().decode(text(webhook)));
        } catch (IllegalArgumentException _) {
            return Bundle.EMPTY;
        }
    }

    private static String text(Object webhook) {
        return Objects.toString(map(map(webhook).get("clientConfig")).get("caBundle"), "");
    }

    static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }
}
