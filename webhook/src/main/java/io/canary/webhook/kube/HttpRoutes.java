// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.plan.Step;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads HTTPRoutes and writes ours. Rules stay untyped, so that a field of a newer API survives our writes.
public final class HttpRoutes {
    public static final String API_VERSION = "gateway.networking.k8s.io/v1";
    public static final String MANAGER = "canary";
    private static final String SERVICE = "Service";
    private static final List<?> EVERYTHING = List.of(Map.of("path", Map.of("type", "PathPrefix", "value", "/")));

    private HttpRoutes() {}

    /// What stands in `route`. The foreign rules of routes that are not ours are not kept: nothing reads them.
    @SuppressWarnings("ReferenceEquality") // two rules may be equal, and only one of them is ours
    public static RouteFacts.Named facts(GenericKubernetesResource route) {
        String name = Metas.name(route);
        JsonObject all = JsonObject.of(route.getAdditionalProperties());
        JsonObject spec = all.object("spec");
        List<JsonObject> parents = spec.objects("parentRefs").stream()
                .filter(ref -> isService(ref, Metas.namespace(route)))
                .toList();
        String app = Metas.labels(route).get(CanaryKey.APP.text());
        String parent =
                app != null ? app : parents.isEmpty() ? "" : parents.getFirst().text("name");
        List<JsonObject> rules = spec.objects("rules");
        JsonObject ours = app == null ? null : ownRule(rules, app);
        JsonObject first = ours != null
                ? ours
                : rules.stream().filter(r -> r.has("backendRefs")).findFirst().orElse(JsonObject.EMPTY);
        List<Object> foreign = new ArrayList<>();
        if (app != null) {
            rules.stream().filter(rule -> rule != ours).map(JsonObject::fields).forEach(foreign::add);
        }
        return new RouteFacts.Named(
                new RouteFacts(
                        name,
                        app != null,
                        Metas.generation(route),
                        parents.stream()
                                .filter(ref -> ref.text("name").equals(parent))
                                .findFirst()
                                .map(ref -> ref.countOrNull("port"))
                                .orElse(null),
                        ours != null
                                && shaped(ours)
                                && spec.objects("parentRefs").size() == 1,
                        first.objects("backendRefs").stream()
                                .map(HttpRoutes::ref)
                                .toList(),
                        foreign,
                        written(route),
                        otherManager(route),
                        all.object("status").objects("parents").stream()
                                .filter(status ->
                                        status.object("parentRef").text("name").equals(parent))
                                .map(HttpRoutes::parent)
                                .toList()),
                app,
                parents.stream().map(ref -> ref.text("name")).distinct().toList());
    }

    private static boolean isService(JsonObject ref, String namespace) {
        return ref.text("kind").equals(SERVICE)
                && ref.text("group").isEmpty()
                && (!ref.has("namespace") || ref.text("namespace").equals(namespace));
    }

    /// Our rule: the last that is shaped like ours; else, where someone has bent it, the last that names a Service
    /// of a version.
    private static @Nullable JsonObject ownRule(List<JsonObject> rules, String app) {
        List<JsonObject> candidates = rules.stream()
                .filter(rule -> rule.objects("backendRefs").stream()
                        .anyMatch(ref -> ref.text("name").startsWith(app + "-")))
                .toList();
        return candidates.stream()
                .filter(HttpRoutes::shaped)
                .reduce((_, last) -> last)
                .or(() -> candidates.stream().reduce((_, last) -> last))
                .orElse(null);
    }

    private static boolean shaped(JsonObject rule) {
        return Set.of("matches", "backendRefs").equals(rule.fields().keySet())
                && EVERYTHING.equals(rule.fields().get("matches"))
                && rule.objects("backendRefs").stream()
                        .allMatch(ref -> Set.of("group", "kind", "name", "port", "weight")
                                        .equals(ref.fields().keySet())
                                && ref.text("group").isEmpty()
                                && ref.text("kind").equals(SERVICE));
    }

    private static RouteFacts.Ref ref(JsonObject ref) {
        return new RouteFacts.Ref(ref.text("name"), ref.countOrNull("port"), ref.count("weight", 1));
    }

    private static RouteFacts.Parent parent(JsonObject status) {
        JsonObject accepted = condition(status, "Accepted");
        JsonObject resolved = condition(status, "ResolvedRefs");
        boolean isAccepted = accepted.text("status").equals("True");
        boolean isResolved = resolved.text("status").equals("True");
        return new RouteFacts.Parent(
                status.text("controllerName"),
                resolved.has("type")
                        ? Math.min(accepted.number("observedGeneration"), resolved.number("observedGeneration"))
                        : accepted.number("observedGeneration"),
                isAccepted,
                isResolved,
                resolved.instant("lastTransitionTime"),
                isAccepted && !isResolved ? resolved.text("reason") : accepted.text("reason"));
    }

    private static JsonObject condition(JsonObject status, String type) {
        return status.objects("conditions").stream()
                .filter(condition -> condition.text("type").equals(type))
                .findFirst()
                .orElse(JsonObject.EMPTY);
    }

    private static @Nullable Instant written(GenericKubernetesResource route) {
        return specWrites(route)
                .filter(entry -> MANAGER.equals(entry.getManager()))
                .map(entry -> JsonObject.instantOf(entry.getTime()))
                .max(Comparator.nullsFirst(Comparator.naturalOrder()))
                .orElse(null);
    }

    private static @Nullable String otherManager(GenericKubernetesResource route) {
        return specWrites(route)
                .filter(entry -> !MANAGER.equals(entry.getManager()))
                .max(Comparator.comparing(
                        ManagedFieldsEntry::getTime, Comparator.nullsFirst(Comparator.naturalOrder())))
                .map(ManagedFieldsEntry::getManager)
                .orElse(null);
    }

    private static Stream<ManagedFieldsEntry> specWrites(GenericKubernetesResource route) {
        return Metas.present(route.getMetadata().getManagedFields()).stream()
                .filter(entry -> Metas.orEmpty(entry.getSubresource()).isEmpty())
                .filter(entry -> entry.getFieldsV1() != null
                        && entry.getFieldsV1().getAdditionalProperties().containsKey("f:spec"));
    }

    /// The whole route that `step` wants, for server-side apply; all that the API would default is written out.
    public static Map<String, Object> wanted(String namespace, Step.EnsureRoute step) {
        Map<String, Object> ours = new LinkedHashMap<>();
        ours.put("matches", EVERYTHING);
        ours.put(
                "backendRefs",
                step.refs().stream().map(ref -> json(ref, step.port())).toList());
        List<Object> rules = new ArrayList<>(step.foreignRules());
        rules.add(ours);
        Map<String, Object> parent = new LinkedHashMap<>();
        parent.put("group", "");
        parent.put("kind", SERVICE);
        parent.put("name", step.app());
        parent.put("port", step.port());
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", step.name());
        metadata.put("namespace", namespace);
        metadata.put("labels", Map.of(CanaryKey.APP.text(), step.app()));
        Map<String, Object> route = new LinkedHashMap<>();
        route.put("apiVersion", API_VERSION);
        route.put("kind", "HTTPRoute");
        route.put("metadata", metadata);
        route.put("spec", Map.of("parentRefs", List.of(parent), "rules", rules));
        return route;
    }

    private static Map<String, Object> json(RouteFacts.Ref ref, int port) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("group", "");
        json.put("kind", SERVICE);
        json.put("name", ref.service());
        json.put("port", ref.port() == null ? port : ref.port());
        json.put("weight", ref.weight());
        return json;
    }
}
