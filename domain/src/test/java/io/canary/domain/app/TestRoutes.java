// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Rules as the API returns them.
public final class TestRoutes {
    private TestRoutes() {}

    /// Our HTTPRoute `order` on port 80, with one rule by `refs`.
    public static RouteFacts order(List<RouteFacts.Parent> parents, RouteFacts.Ref... refs) {
        return new RouteFacts(
                RouteKind.HTTP,
                "order",
                true,
                1,
                80,
                List.of(),
                rule(RouteKind.HTTP, refs),
                List.of(refs),
                List.of(),
                null,
                null,
                parents);
    }

    /// The rule that divides everything by `refs`.
    public static Map<String, Object> rule(RouteKind kind, RouteFacts.Ref... refs) {
        Map<String, Object> rule = new LinkedHashMap<>();
        if (kind == RouteKind.HTTP) {
            rule.put("matches", kind.everything());
        }
        List<Object> backends = new ArrayList<>();
        for (RouteFacts.Ref ref : refs) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("group", "");
            json.put("kind", "Service");
            json.put("name", ref.service());
            json.put("port", ref.port());
            json.put("weight", ref.weight());
            backends.add(json);
        }
        rule.put("backendRefs", backends);
        return rule;
    }
}
