// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads the routes that are in force from Envoy's dump of what Contour sent it.
///
/// Contour makes one route of each match of a rule and writes kind, namespace and name of the Gateway route to its
/// metadata, but not the rule: that is found again by the path and the number of headers of its last match.
/// Backends are clusters `<namespace>/<Service>/<port>/<hash>`; a single one stands there without its weight.
final class EnvoyRoutes {
    private EnvoyRoutes() {}

    /// @param routes JSON of `/config_dump?resource=dynamic_route_configs`
    /// @param clusters JSON of `/config_dump?resource=dynamic_active_clusters`: a route to another
    ///     is not in force yet
    /// @param object the Gateway route as it is now
    static Map<String, Integer> weights(
            String routes, String clusters, RouteKind kind, GenericKubernetesResource object, int rule) {
        var meta = object.getMetadata();
        var rules = new JsonObject(object.getAdditionalProperties())
                .getJsonObject("spec", new JsonObject())
                .getJsonArray("rules", new JsonArray());
        if (rule >= rules.size()) {
            return Map.of();
        }
        var wanted = match(kind, rules.getJsonObject(rule));
        var known = objects(new JsonObject(clusters).getJsonArray("configs"))
                .map(each -> each.getJsonObject("cluster").getString("name"))
                .collect(Collectors.toSet());
        return objects(new JsonObject(routes).getJsonArray("configs"))
                .map(each -> each.getJsonObject("route_config"))
                .flatMap(each -> objects(each.getJsonArray("virtual_hosts")))
                .flatMap(each -> objects(each.getJsonArray("routes")))
                .filter(each -> isOf(each, kind.kind(), meta.getNamespace(), meta.getName()))
                .filter(each -> wanted.equals(match(each.getJsonObject("match"))))
                .findFirst()
                .map(each -> backends(each.getJsonObject("route", new JsonObject()), rules.getJsonObject(rule)))
                .filter(backends -> known.containsAll(backends.keySet()))
                .map(EnvoyRoutes::byService)
                .orElse(Map.of());
    }

    /// What tells a rule from the others of its route.
    ///
    /// @param path without a slash at its end
    private record Match(String path, int headers) {}

    private static Match match(RouteKind kind, JsonObject rule) {
        var matches = rule.getJsonArray("matches", new JsonArray());
        var last = matches.isEmpty() ? new JsonObject() : matches.getJsonObject(matches.size() - 1);
        var headers = last.getJsonArray("headers", new JsonArray()).size();
        return switch (kind) {
            case HTTP ->
                new Match(trimmed(last.getJsonObject("path", new JsonObject()).getString("value", "/")), headers);
            case GRPC -> {
                var method = last.getJsonObject("method", new JsonObject());
                var path = Stream.of(method.getString("service"), method.getString("method"))
                        .filter(Objects::nonNull)
                        .reduce("", (before, part) -> before + "/" + part);
                yield new Match(path, headers);
            }
        };
    }

    private static Match match(JsonObject match) {
        var path = Stream.of("path", "prefix", "path_separated_prefix")
                .map(match::getString)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("");
        return new Match(
                trimmed(path), match.getJsonArray("headers", new JsonArray()).size());
    }

    private static String trimmed(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    private static boolean isOf(JsonObject route, String kind, String namespace, String name) {
        var said = route.getJsonObject("metadata", new JsonObject())
                .getJsonObject("filter_metadata", new JsonObject())
                .getJsonObject("envoy.access_loggers.file", new JsonObject());
        return kind.equals(said.getString("io.projectcontour.kind"))
                && namespace.equals(said.getString("io.projectcontour.namespace"))
                && name.equals(said.getString("io.projectcontour.name"));
    }

    /// By cluster.
    private static Map<String, Integer> backends(JsonObject action, JsonObject rule) {
        Map<String, Integer> weights = new LinkedHashMap<>();
        var single = action.getString("cluster");
        if (single != null) {
            weights.put(single, weight(service(single), rule));
        }
        objects(action.getJsonObject("weighted_clusters", new JsonObject()).getJsonArray("clusters"))
                .forEach(each -> weights.merge(each.getString("name"), each.getInteger("weight", 0), Integer::sum));
        return weights;
    }

    private static int weight(String service, JsonObject rule) {
        return objects(rule.getJsonArray("backendRefs"))
                .filter(ref -> service.equals(ref.getString("name")))
                .mapToInt(ref -> ref.getInteger("weight", 1))
                .sum();
    }

    private static Map<String, Integer> byService(Map<String, Integer> byCluster) {
        Map<String, Integer> weights = new LinkedHashMap<>();
        byCluster.forEach((cluster, weight) -> weights.merge(service(cluster), weight, Integer::sum));
        return weights;
    }

    private static String service(String cluster) {
        return cluster.split("/", -1)[1];
    }

    private static Stream<JsonObject> objects(@Nullable JsonArray array) {
        return array == null ? Stream.of() : array.stream().map(JsonObject.class::cast);
    }
}
