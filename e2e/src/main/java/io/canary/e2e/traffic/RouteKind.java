// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A kind of route that Gateways serve.
public enum RouteKind {
    HTTP("HTTPRoute", "httproutes"),
    GRPC("GRPCRoute", "grpcroutes");

    private final String kind;
    private final String plural;

    RouteKind(String kind, String plural) {
        this.kind = kind;
        this.plural = plural;
    }

    String kind() {
        return kind;
    }

    ResourceDefinitionContext context() {
        return new ResourceDefinitionContext.Builder()
                .withGroup("gateway.networking.k8s.io")
                .withVersion("v1")
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(true)
                .build();
    }

    /// What a controller last said of a route under one of its parents.
    ///
    /// @param status `True`, `False` or `Unknown`
    /// @param current whether it is about the route's present generation
    public record Condition(String type, String status, String reason, String message, boolean current) {}

    static List<Condition> conditions(GenericKubernetesResource route, String controller) {
        Map<?, ?> status = route.getAdditionalProperties().get("status") instanceof Map<?, ?> map ? map : Map.of();
        return maps(status.get("parents")).stream()
                .filter(parent -> controller.equals(parent.get("controllerName")))
                .flatMap(parent -> maps(parent.get("conditions")).stream())
                .map(condition -> condition(condition, route.getMetadata().getGeneration()))
                .toList();
    }

    private static Condition condition(Map<?, ?> condition, long generation) {
        return new Condition(
                text(condition, "type"),
                text(condition, "status"),
                text(condition, "reason"),
                text(condition, "message"),
                condition.get("observedGeneration") instanceof Number seen && seen.longValue() == generation);
    }

    private static String text(Map<?, ?> map, String key) {
        return Optional.ofNullable(map.get(key)).map(Objects::toString).orElse("");
    }

    private static List<? extends Map<?, ?>> maps(@Nullable Object list) {
        return list instanceof List<?> all
                ? all.stream()
                        .filter(Map.class::isInstance)
                        .map(each -> (Map<?, ?>) each)
                        .toList()
                : List.of();
    }
}
