// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.sim;

import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.UserRoute;
import io.canary.domain.json.JsonObject;
import io.canary.domain.plan.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A user's route at a Gateway, with a controller that reports late: to the root Service, in one rule beside another
/// Service.
final class SimGateway {
    private static final int MARK = 1_000_000;
    private static final Map<String, Object> PARENT = Map.of("name", "edge", "kind", "Gateway");
    static final Map<String, Object> SPEC = Map.of(
            "parentRefs",
            List.of(PARENT),
            "rules",
            List.of(
                    rule("/", List.of(ref(SimWorld.APP, 1))),
                    rule("/cart", List.of(ref(SimWorld.APP, 1), ref("cart", 1)))));

    /// Null while there is no such route.
    @Nullable
    Map<String, Object> spec;

    Map<String, Object> original = Map.of();
    boolean managed;

    /// Whether a controller runs.
    boolean controller = true;

    /// Whether the controller knows no rules for users.
    boolean picky;

    boolean rejects;
    boolean accepted;
    long generation;
    long observed;

    @Nullable
    Instant reportAt;

    private static Map<String, Object> rule(String path, List<Map<String, Object>> refs) {
        return Map.of(
                "matches", List.of(Map.of("path", Map.of("type", "PathPrefix", "value", path))), "backendRefs", refs);
    }

    private static Map<String, Object> ref(String service, int weight) {
        return Map.of("group", "", "kind", "Service", "name", service, "port", 8080, "weight", weight);
    }

    // ---- what users and the controller do

    void write(@Nullable Map<String, Object> written, Instant now) {
        if (spec == null) {
            observed = 0;
            accepted = false;
            generation = 0;
        }
        spec = written;
        generation++;
        reportAt = written == null ? null : now.plusMillis(200);
    }

    /// Somebody sets the parts of the app to one and the same weight.
    void edit(Instant now) {
        if (spec == null) {
            return;
        }
        List<Object> rules = new ArrayList<>();
        for (JsonObject rule : new JsonObject(spec).objects("rules")) {
            Map<String, Object> edited = new LinkedHashMap<>();
            rule.fields().forEach((key, value) -> edited.put(String.valueOf(key), value));
            List<Object> refs = new ArrayList<>();
            for (JsonObject each : rule.objects("backendRefs")) {
                Map<String, Object> ref = new LinkedHashMap<>();
                each.fields().forEach((key, value) -> ref.put(String.valueOf(key), value));
                if (isPart(each) && each.count("weight", 1) != MARK) {
                    ref.put("weight", 50);
                }
                refs.add(ref);
            }
            edited.put("backendRefs", refs);
            rules.add(edited);
        }
        Map<String, Object> changed = new LinkedHashMap<>(spec);
        changed.put("rules", rules);
        write(changed, now);
    }

    void tick(Instant now) {
        if (reportAt != null && !now.isBefore(reportAt)) {
            observed = generation;
            rejects = picky
                    && spec != null
                    && !forUsers(new JsonObject(spec).objects("rules")).isEmpty();
            accepted = controller && !rejects;
            reportAt = null;
        }
    }

    void reports(Instant now) {
        reportAt = spec == null ? null : now.plus(Duration.ofMillis(200));
    }

    void apply(Step.EditRoute step, Instant now) {
        Map<String, Object> changed = new LinkedHashMap<>(spec == null ? SPEC : spec);
        changed.put("rules", step.rules());
        original = step.original();
        write(changed, now);
    }

    // ---- what is

    /// Whether a data plane follows a managed route that is split.
    boolean followed() {
        return spec != null && managed && accepted && !original.isEmpty();
    }

    boolean current() {
        return spec == null || !accepted || observed == generation;
    }

    boolean untouched() {
        return spec == null
                || (original.isEmpty()
                        && new JsonObject(spec).objects("rules").equals(new JsonObject(SPEC).objects("rules")));
    }

    private static boolean isPart(JsonObject ref) {
        return ref.text("name").startsWith(SimWorld.APP + "-");
    }

    /// Basis points by version Service, of each rule that is split.
    List<Map<String, Integer>> shares() {
        return shares(spec == null ? List.of() : new JsonObject(spec).objects("rules"));
    }

    static List<Map<String, Integer>> shares(List<JsonObject> rules) {
        List<Map<String, Integer>> all = new ArrayList<>();
        for (JsonObject rule : rules) {
            Map<String, Integer> weights = new TreeMap<>();
            rule.objects("backendRefs").stream()
                    .filter(ref -> isPart(ref) && ref.count("weight", 1) != MARK)
                    .forEach(ref -> weights.merge(ref.text("name"), ref.count("weight", 1), Integer::sum));
            if (!weights.isEmpty()) {
                all.add(SimRules.scaled(weights));
            }
        }
        return all;
    }

    /// The version Services that get users whatever the shares are.
    static Set<String> forUsers(List<JsonObject> rules) {
        Set<String> services = new TreeSet<>();
        rules.forEach(rule -> rule.objects("backendRefs").stream()
                .filter(ref -> ref.count("weight", 1) == MARK)
                .forEach(ref -> services.add(ref.text("name"))));
        return services;
    }

    /// A route of ours for canary domains.
    static UserRoute hosts(String name, Map<String, Object> spec) {
        return new UserRoute(
                RouteKind.HTTP, name, false, 1, spec, Map.of(), backends(spec), true, List.of(), null, null, List.of());
    }

    static Set<String> backends(Map<String, Object> present) {
        Set<String> backends = new TreeSet<>();
        new JsonObject(present)
                .objects("rules")
                .forEach(rule -> rule.objects("backendRefs").stream()
                        .filter(ref -> ref.count("weight", 1) > 0)
                        .forEach(ref -> backends.add(ref.text("name"))));
        return backends;
    }

    UserRoute facts(Map<String, Object> present) {
        return new UserRoute(
                RouteKind.HTTP,
                "edge",
                managed,
                generation,
                managed || !original.isEmpty() ? present : Map.of(),
                original,
                backends(present),
                true,
                List.of(),
                null,
                null,
                observed > 0 && accepted
                        ? List.of(new RouteFacts.Parent(
                                "Gateway edge", "gateway", observed, true, true, null, "Accepted"))
                        : observed > 0 && rejects && controller
                                ? List.of(new RouteFacts.Parent(
                                        "Gateway edge", "gateway", observed, false, true, null, "UnsupportedValue"))
                                : List.of());
    }
}
