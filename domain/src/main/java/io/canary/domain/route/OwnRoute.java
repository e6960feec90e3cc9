// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.RouteKind;
import io.canary.domain.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The rules of our own route on one port of the root Service, for the mesh (design section 7): canary users, lanes,
/// then everything by the shares.
public final class OwnRoute {
    private OwnRoute() {}

    /// What a wish comes to.
    public sealed interface Outcome permits Rules, Refused {}

    /// The rules, with all that the API would default.
    public record Rules(List<Object> rules) implements Outcome {
        public Rules {
            rules = List.copyOf(rules);
        }
    }

    /// The rules for `port`. They are those of a user's route that sends everything to the root, split.
    public static Outcome rules(RouteKind kind, Split wish, int port, RouteLimits limits) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("group", "");
        root.put("kind", "Service");
        root.put("name", wish.root());
        root.put("port", port);
        root.put("weight", 1);
        Map<String, Object> rule = new LinkedHashMap<>();
        if (kind == RouteKind.HTTP) {
            rule.put("matches", kind.everything());
        }
        rule.put("backendRefs", List.of(root));
        JsonObject spec = new JsonObject(Map.of("rules", List.of(rule)));
        return switch (ManagedRoute.split(kind, spec, Original.NONE, wish, limits)) {
            case ManagedRoute.Changed changed -> new Rules(changed.rules());
            case Refused refused -> refused;
            case ManagedRoute.Unchanged _, ManagedRoute.NothingToSplit _ ->
                throw new IllegalStateException("a ref to the root was not split");
        };
    }
}
