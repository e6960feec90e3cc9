// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Reads the configuration that is in force from what Traefik's API says of its services.
///
/// A rule of a route is a weighted service `<kind>-<namespace>-<route>-gw-<its Gateway>-ep-<entry point>-<rule>-<hash
/// of
/// a match>-wrr` there, and each of its backends `<the same>-svc-<namespace>-<Service>-<place in the rule>`.
final class InForce {
    private InForce() {}

    /// @param services JSON of `/api/http/services`
    static Map<String, Integer> weights(String services, RouteKind kind, String namespace, String route, int rule) {
        var start = "%s-%s-%s-gw-".formatted(kind.kind().toLowerCase(Locale.ROOT), namespace, route);
        var place = Pattern.compile("-ep-web-%d-[^-]+-wrr@kubernetesgateway$".formatted(rule));
        return new JsonArray(services)
                .stream()
                        .map(JsonObject.class::cast)
                        .filter(service -> service.containsKey("weighted"))
                        .filter(service -> service.getString("name").startsWith(start)
                                && place.matcher(service.getString("name")).find())
                        .findFirst()
                        .map(service -> service.getJsonObject("weighted").getJsonArray("services"))
                        .map(backends -> byService(backends, namespace))
                        .orElse(Map.of());
    }

    private static Map<String, Integer> byService(JsonArray backends, String namespace) {
        var name = Pattern.compile("-svc-" + Pattern.quote(namespace) + "-(.+)-\\d+$");
        Map<String, Integer> weights = new LinkedHashMap<>();
        backends.stream().map(JsonObject.class::cast).forEach(backend -> {
            var matcher = name.matcher(backend.getString("name"));
            weights.merge(
                    matcher.find() ? matcher.group(1) : backend.getString("name"),
                    backend.getInteger("weight"),
                    Integer::sum);
        });
        return weights;
    }
}
