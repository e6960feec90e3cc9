// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The kinds of routes that carry an app's weights (design section 7).
public enum RouteKind {
    HTTP("HTTPRoute", "httproutes"),
    GRPC("GRPCRoute", "grpcroutes");

    /// The API group of both.
    public static final String GROUP = "gateway.networking.k8s.io";

    private final String text;
    private final String plural;

    RouteKind(String text, String plural) {
        this.text = text;
        this.plural = plural;
    }

    /// As in `kind:`.
    public String text() {
        return text;
    }

    /// As in a path of the API.
    public String plural() {
        return plural;
    }

    /// The name of its CustomResourceDefinition.
    public String definition() {
        return plural + "." + GROUP;
    }

    /// @param kind as in `kind:`
    public static RouteKind of(String kind) {
        return kind.equals(GRPC.text) ? GRPC : HTTP;
    }

    /// What a rule without matches matches. HTTP as the API defaults it; for gRPC it defaults nothing.
    public List<Object> everything() {
        return switch (this) {
            case HTTP -> {
                Map<String, Object> path = new LinkedHashMap<>();
                path.put("type", "PathPrefix");
                path.put("value", "/");
                yield List.of(Map.of("path", path));
            }
            case GRPC -> List.of(Map.of());
        };
    }
}
