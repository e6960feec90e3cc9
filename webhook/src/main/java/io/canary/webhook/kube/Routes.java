// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.json.FieldWrite;
import io.canary.domain.json.JsonObject;
import io.canary.domain.json.RouteJson;
import io.canary.domain.plan.Step;
import io.canary.webhook.json.OriginalText;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads HTTPRoutes and GRPCRoutes and writes ours. Rules stay untyped, so that a field of a newer API survives our
/// writes.
public final class Routes {
    public static final String VERSION = "v1";
    public static final String API_VERSION = RouteKind.GROUP + "/" + VERSION;

    private Routes() {}

    /// What stands in `route`. The foreign rules of routes that are not ours are not kept: nothing reads them.
    public static RouteFacts.Named facts(RouteKind kind, GenericKubernetesResource route) {
        List<FieldWrite> writes = Metas.managedFields(route).stream()
                .filter(entry -> Metas.orEmpty(entry.getSubresource()).isEmpty())
                .filter(entry -> entry.getFieldsV1() != null
                        && entry.getFieldsV1().getAdditionalProperties().containsKey("f:spec"))
                .map(Metas::write)
                .toList();
        RouteJson.Meta meta = new RouteJson.Meta(
                Metas.namespace(route),
                Metas.name(route),
                Metas.labels(route),
                Metas.canaryAnnotations(route),
                OriginalText.read(Metas.canaryAnnotations(route).get(CanaryKey.ORIGINAL.text())),
                Metas.generation(route),
                writes);
        return RouteJson.facts(kind, meta, JsonObject.of(route.getAdditionalProperties()));
    }

    /// The whole route that `step` wants, for server-side apply; all that the API would default is written out.
    public static Map<String, Object> wanted(String namespace, Step.EnsureRoute step) {
        List<Object> rules = new ArrayList<>(step.foreignRules());
        rules.addAll(step.rules());
        Map<String, Object> parent = new LinkedHashMap<>();
        parent.put("group", "");
        parent.put("kind", "Service");
        parent.put("name", step.app());
        parent.put("port", step.port());
        return route(
                namespace, step.kind(), step.name(), step.app(), Map.of("parentRefs", List.of(parent), "rules", rules));
    }

    /// The whole route for canary domains that `step` wants, for server-side apply.
    public static Map<String, Object> wanted(String namespace, Step.EnsureHosts step) {
        return route(namespace, step.kind(), step.name(), step.app(), step.spec());
    }

    private static Map<String, Object> route(
            String namespace, RouteKind kind, String name, String app, Map<String, Object> spec) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", name);
        metadata.put("namespace", namespace);
        metadata.put("labels", Map.of(CanaryKey.APP.text(), app));
        Map<String, Object> route = new LinkedHashMap<>();
        route.put("apiVersion", API_VERSION);
        route.put("kind", kind.text());
        route.put("metadata", metadata);
        route.put("spec", spec);
        return route;
    }
}
