// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a user's route said before we split it, as the annotation `canary.io/original` keeps it: per app, since
/// several may be split in one route.
///
/// ```
/// {"order": {"services": ["order-v1", "order-v2"],
///            "rules": [{"rest": "<hash>", "sum": 100, "refs": [[{"name": "order", "port": 80}]]}]}}
/// ```
///
/// @param apps by the name of the root Service
public record Original(Map<String, OfApp> apps) {
    /// Of a route that was never split.
    public static final Original NONE = new Original(Map.of());

    /// Annotations of one object may have 256 KiB, and `kubectl apply` keeps the whole route in one of them.
    public static final int LARGEST = 96 * 1024;

    /// @param services the Services of versions that stand in for the root
    /// @param rules the rules that name the root or a version, in their order
    record OfApp(Set<String> services, List<OfRule> rules) {
        public OfApp {
            services = Set.copyOf(services);
            rules = List.copyOf(rules);
        }
    }

    /// What one rule said.
    ///
    /// @param rest a hash of the rule without its refs and without what we added: by that it is found again
    /// @param sum of the weights that we wrote in it
    /// @param parts a hash of the parts as we wrote them
    /// @param others a hash of the other refs as we left them; of all refs, in a rule that is not split
    /// @param groups the refs that were split, each list replaced by one set of parts; empty for a rule whose
    ///     refs to versions are the user's own
    /// @param bare which other refs had no weight, where we wrote one: hashes of them without it
    /// @param kept hashes of refs to versions that were left as they are: those of weight 0
    /// @param added what we added to its filters
    record OfRule(
            String rest,
            int sum,
            String parts,
            String others,
            List<List<Object>> groups,
            List<String> bare,
            List<String> kept,
            Added added) {
        public OfRule {
            groups = groups.stream().map(List::copyOf).toList();
            bare = List.copyOf(bare);
            kept = List.copyOf(kept);
        }

        /// A rule whose refs to versions are the user's own.
        static OfRule direct(String rest, String refs) {
            return new OfRule(rest, 0, "", refs, List.of(), List.of(), List.of(), Added.NOTHING);
        }

        /// The weight of all refs that were split.
        long weight() {
            return groups.stream()
                    .flatMap(List::stream)
                    .mapToLong(Backends::weight)
                    .sum();
        }

        boolean split() {
            return !groups.isEmpty();
        }
    }

    public Original {
        apps = java.util.Collections.unmodifiableMap(new TreeMap<>(apps));
    }

    /// Reads the annotation's parsed text; what is not readable counts as absent.
    public static Original of(JsonObject json) {
        if (!Trees.isFinite(json.fields())) {
            return NONE; // we never write such a number, and cannot
        }
        Map<String, OfApp> apps = new TreeMap<>();
        json.fields().forEach((app, _) -> {
            JsonObject ofApp = json.object(String.valueOf(app));
            apps.put(
                    String.valueOf(app),
                    new OfApp(
                            Set.copyOf(ofApp.texts("services")),
                            ofApp.objects("rules").stream()
                                    .limit(RouteLimits.RULES)
                                    .map(Original::rule)
                                    .toList()));
        });
        return new Original(apps);
    }

    private static OfRule rule(JsonObject json) {
        List<List<Object>> groups = new ArrayList<>();
        for (Object group : Trees.list(json.fields(), "refs")) {
            if (group instanceof List<?> refs
                    && !refs.isEmpty()
                    && refs.stream().allMatch(Map.class::isInstance)) {
                groups.add(new ArrayList<>(refs));
            }
        }
        return new OfRule(
                json.text("rest"),
                json.count("sum", 0),
                json.text("parts"),
                json.text("others"),
                groups,
                json.texts("bare"),
                json.texts("kept"),
                Added.of(json.object("added")));
    }

    public boolean isEmpty() {
        return apps.isEmpty();
    }

    OfApp of(String app) {
        OfApp ofApp = apps.get(app);
        return ofApp == null ? new OfApp(Set.of(), List.of()) : ofApp;
    }

    Original with(String app, OfApp ofApp) {
        Map<String, OfApp> changed = new TreeMap<>(apps);
        changed.put(app, ofApp);
        return new Original(changed);
    }

    /// Without what it keeps for `app`.
    public Original without(String app) {
        Map<String, OfApp> changed = new TreeMap<>(apps);
        changed.remove(app);
        return new Original(changed);
    }

    /// As a tree that any JSON library writes, fields in a fixed order.
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        apps.forEach((app, ofApp) -> {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("services", List.copyOf(new TreeSet<>(ofApp.services())));
            fields.put("rules", ofApp.rules().stream().map(Original::json).toList());
            json.put(app, fields);
        });
        return json;
    }

    private static Map<String, Object> json(OfRule rule) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rest", rule.rest());
        if (!rule.others().isEmpty()) {
            json.put("others", rule.others());
        }
        if (rule.split()) {
            json.put("sum", rule.sum());
            json.put("parts", rule.parts());
            json.put("refs", rule.groups());
        }
        if (!rule.bare().isEmpty()) {
            json.put("bare", rule.bare());
        }
        if (!rule.kept().isEmpty()) {
            json.put("kept", rule.kept());
        }
        if (!rule.added().isNothing()) {
            json.put("added", rule.added().json());
        }
        return json;
    }

    /// The annotation's text: compact JSON, the same for the same content.
    public String text() {
        return Trees.text(json());
    }
}
