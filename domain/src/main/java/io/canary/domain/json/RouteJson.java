// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.json;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Outward;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.UserRoute;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads HTTPRoutes and GRPCRoutes.
public final class RouteJson {
    private static final String SERVICE = "Service";

    private RouteJson() {}

    /// What is read of a route's metadata.
    ///
    /// @param original the parsed text of `canary.io/original`; empty where it is absent or no JSON object
    /// @param writes who wrote `spec` and when, by its managed fields
    public record Meta(
            String namespace,
            String name,
            Map<String, String> labels,
            Map<String, String> annotations,
            JsonObject original,
            long generation,
            List<FieldWrite> writes) {
        public Meta {
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
            writes = List.copyOf(writes);
        }

        private @Nullable Instant written() {
            return writes.stream()
                    .filter(write -> FieldWrite.MANAGER.equals(write.manager()))
                    .map(FieldWrite::at)
                    .max(Comparator.nullsFirst(Comparator.naturalOrder()))
                    .orElse(null);
        }
    }

    /// What stands in a route. The foreign rules of routes that are not ours are not kept: nothing reads them.
    @SuppressWarnings("ReferenceEquality") // two rules may be equal, and only one of them is ours
    public static RouteFacts.Named facts(RouteKind kind, Meta meta, JsonObject body) {
        JsonObject spec = body.object("spec");
        List<JsonObject> parents = spec.objects("parentRefs").stream()
                .filter(ref -> isService(ref, meta.namespace()))
                .toList();
        String app = meta.labels().get(CanaryKey.APP.text());
        String parent =
                app != null ? app : parents.isEmpty() ? "" : parents.getFirst().text("name");
        List<JsonObject> rules = spec.objects("rules");
        JsonObject ours = app == null ? null : ownRule(kind, rules, app);
        JsonObject first = ours != null
                ? ours
                : rules.stream().filter(r -> r.has("backendRefs")).findFirst().orElse(JsonObject.EMPTY);
        List<Object> entries = new ArrayList<>();
        List<Object> foreign = new ArrayList<>();
        if (app != null) {
            rules.stream()
                    .filter(rule -> rule != ours)
                    .forEach(rule -> (isEntry(rule, app) ? entries : foreign).add(rule.fields()));
        }
        return new RouteFacts.Named(
                new RouteFacts(
                        kind,
                        meta.name(),
                        app != null,
                        meta.generation(),
                        spec.objects("parentRefs").size() == 1
                                ? parents.stream()
                                        .filter(ref -> ref.text("name").equals(parent))
                                        .findFirst()
                                        .map(ref -> ref.countOrNull("port"))
                                        .orElse(null)
                                : null,
                        entries,
                        ours == null ? Map.of() : tree(ours),
                        first.objects("backendRefs").stream()
                                .map(RouteJson::ref)
                                .toList(),
                        foreign,
                        meta.written(),
                        FieldWrite.lastOfOthers(meta.writes()),
                        body.object("status").objects("parents").stream()
                                .filter(status ->
                                        status.object("parentRef").text("name").equals(parent))
                                .map(status -> parent(meta.namespace(), status))
                                .toList()),
                app,
                app == null || atHosts(meta, body) ? user(kind, meta, body, parents) : null,
                outward(meta.namespace(), spec));
    }

    /// Whether a rule of our route is one of ours for users, by its mark.
    private static boolean isEntry(JsonObject rule, String app) {
        List<JsonObject> refs = rule.objects("backendRefs");
        return refs.size() == 1
                && refs.getFirst().text("name").startsWith(app + "-")
                && refs.getFirst().count("weight", 1) == RouteFacts.MARK;
    }

    /// Whether a route of ours is one for canary domains.
    private static boolean atHosts(Meta meta, JsonObject body) {
        List<JsonObject> parents = body.object("spec").objects("parentRefs");
        return meta.name().contains(UserRoute.BESIDE)
                && !parents.isEmpty()
                && parents.stream().noneMatch(ref -> ref.text("kind").equals(SERVICE));
    }

    /// What is read of a route that is not ours.
    private static UserRoute user(RouteKind kind, Meta meta, JsonObject body, List<JsonObject> services) {
        JsonObject spec = body.object("spec");
        boolean managed = UserRoute.asksFor(meta.annotations());
        boolean ours = meta.labels().containsKey(CanaryKey.APP.text());
        boolean kept = managed || ours || !meta.original().fields().isEmpty();
        Set<String> backends = new TreeSet<>();
        for (JsonObject rule : spec.objects("rules")) {
            rule.objects("backendRefs").stream()
                    .filter(ref -> (!ref.has("kind") || ref.text("kind").equals(SERVICE))
                            && ref.text("group").isEmpty()
                            && (!ref.has("namespace") || ref.text("namespace").equals(meta.namespace()))
                            && ref.count("weight", 1) > 0)
                    .forEach(ref -> backends.add(ref.text("name")));
        }
        return new UserRoute(
                kind,
                meta.name(),
                managed,
                meta.generation(),
                kept ? tree(spec) : Map.of(),
                tree(meta.original()),
                backends,
                spec.objects("parentRefs").stream()
                        .anyMatch(ref -> !ref.text("kind").equals(SERVICE)),
                services.stream()
                        .map(ref -> new UserRoute.ParentService(ref.text("name"), ref.countOrNull("port")))
                        .toList(),
                meta.written(),
                FieldWrite.lastOfOthers(meta.writes()),
                body.object("status").objects("parents").stream()
                        .map(status -> parent(meta.namespace(), status))
                        .toList());
    }

    private static Outward outward(String namespace, JsonObject spec) {
        Map<String, Set<String>> forwards = new TreeMap<>();
        for (JsonObject rule : spec.objects("rules")) {
            rule.objects("backendRefs").stream()
                    .filter(ref -> !ref.has("kind") || ref.text("kind").equals(SERVICE))
                    .filter(ref -> ref.count("weight", 1) > 0)
                    .forEach(ref -> note(forwards, namespace, ref));
        }
        Map<String, Set<String>> consumes = new TreeMap<>();
        spec.objects("parentRefs").stream()
                .filter(ref -> ref.text("kind").equals(SERVICE))
                .forEach(ref -> note(consumes, namespace, ref));
        Set<String> hostnames = Set.copyOf(spec.texts("hostnames"));
        return forwards.isEmpty() && consumes.isEmpty() && hostnames.isEmpty()
                ? Outward.NOTHING
                : new Outward(forwards, consumes, hostnames);
    }

    private static void note(Map<String, Set<String>> services, String namespace, JsonObject ref) {
        String other = ref.text("namespace");
        if (!other.isEmpty() && !other.equals(namespace)) {
            services.computeIfAbsent(other, _ -> new TreeSet<>()).add(ref.text("name"));
        }
    }

    private static Map<String, Object> tree(JsonObject object) {
        Map<String, Object> tree = new LinkedHashMap<>();
        object.fields().forEach((key, value) -> {
            if (value != null) {
                tree.put(String.valueOf(key), value);
            }
        });
        return Collections.unmodifiableMap(tree);
    }

    private static boolean isService(JsonObject ref, String namespace) {
        return ref.text("kind").equals(SERVICE)
                && ref.text("group").isEmpty()
                && (!ref.has("namespace") || ref.text("namespace").equals(namespace));
    }

    /// Our rule: the last that takes everything as ours does; else, where someone has bent it, the last that names a
    /// Service of a version.
    private static @Nullable JsonObject ownRule(RouteKind kind, List<JsonObject> rules, String app) {
        List<JsonObject> candidates = rules.stream()
                .filter(rule -> rule.objects("backendRefs").stream()
                        .anyMatch(ref -> ref.text("name").startsWith(app + "-")))
                .filter(rule -> !isEntry(rule, app))
                .toList();
        return candidates.stream()
                .filter(rule -> takesAll(kind, rule))
                .reduce((_, last) -> last)
                .or(() -> candidates.stream().reduce((_, last) -> last))
                .orElse(null);
    }

    private static boolean takesAll(RouteKind kind, JsonObject rule) {
        return kind.everything().equals(rule.fields().get("matches"))
                || (kind == RouteKind.GRPC && !rule.has("matches"));
    }

    private static RouteFacts.Ref ref(JsonObject ref) {
        return new RouteFacts.Ref(ref.text("name"), ref.countOrNull("port"), ref.count("weight", 1));
    }

    private static RouteFacts.Parent parent(String own, JsonObject status) {
        JsonObject accepted = condition(status, "Accepted");
        JsonObject resolved = condition(status, "ResolvedRefs");
        boolean isAccepted = accepted.text("status").equals("True");
        boolean isResolved = resolved.text("status").equals("True");
        JsonObject ref = status.object("parentRef");
        return new RouteFacts.Parent(
                parentText(own, ref),
                status.text("controllerName"),
                resolved.has("type")
                        ? Math.min(accepted.number("observedGeneration"), resolved.number("observedGeneration"))
                        : accepted.number("observedGeneration"),
                isAccepted,
                isResolved,
                resolved.instant("lastTransitionTime"),
                isAccepted && !isResolved ? resolved.text("reason") : accepted.text("reason"));
    }

    /// Its namespace is named where it is not the route's own.
    private static String parentText(String own, JsonObject ref) {
        String kind = ref.text("kind").isEmpty() ? "Gateway" : ref.text("kind");
        String namespace = ref.text("namespace");
        Integer port = ref.countOrNull("port");
        String section = ref.text("sectionName");
        return kind + " " + (namespace.isEmpty() || namespace.equals(own) ? "" : namespace + "/") + ref.text("name")
                + (port == null ? "" : ":" + port)
                + (section.isEmpty() ? "" : " (" + section + ")");
    }

    private static JsonObject condition(JsonObject status, String type) {
        return status.objects("conditions").stream()
                .filter(condition -> condition.text("type").equals(type))
                .findFirst()
                .orElse(JsonObject.EMPTY);
    }
}
