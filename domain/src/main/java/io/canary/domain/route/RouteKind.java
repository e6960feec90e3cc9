// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The kinds of routes whose refs we split.
public enum RouteKind {
    HTTP("HTTPRoute"),
    GRPC("GRPCRoute");

    private final String text;

    RouteKind(String text) {
        this.text = text;
    }

    /// As in `kind:`.
    public String text() {
        return text;
    }

    /// What a rule without matches matches. HTTP as the API defaults it; for gRPC it defaults nothing.
    List<Object> everything() {
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
