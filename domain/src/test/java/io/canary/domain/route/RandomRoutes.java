// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Users' routes, wishes and edits by a seeded random. The app is `order` with versions `v1`, `v2`, `v3` whose Services
/// we made, and `hand1`, `hand2` whose Services are the user's.
final class RandomRoutes {
    static final List<String> OURS = List.of("v1", "v2", "v3");
    static final List<String> HAND = List.of("hand1", "hand2");

    private static final List<Integer> WEIGHTS = List.of(1, 1, 1, 2, 3, 7, 37, 100, 250, 1000);
    private static final List<List<Integer>> SHARES = List.of(
            List.of(10000, 0, 0, 0, 0),
            List.of(9000, 1000, 0, 0, 0),
            List.of(0, 10000, 0, 0, 0),
            List.of(5000, 2000, 3000, 0, 0),
            List.of(9950, 50, 0, 0, 0),
            List.of(3333, 3333, 3334, 0, 0),
            List.of(0, 9900, 0, 100, 0),
            List.of(2500, 0, 0, 2500, 5000));

    private final Random random;
    private int names;

    RandomRoutes(Random random) {
        this.random = random;
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    Map<String, Object> spec() {
        Map<String, Object> spec = new LinkedHashMap<>();
        Map<String, Object> parent = new LinkedHashMap<>();
        if (chance(40)) {
            parent.put("group", "");
            parent.put("kind", "Service");
            parent.put("name", "order");
        } else {
            parent.put("name", "public");
        }
        spec.put("parentRefs", List.of(parent));
        List<Object> rules = new ArrayList<>();
        for (int i = 1 + below(4); i > 0; i--) {
            rules.add(rule());
        }
        if (rules.stream().noneMatch(RandomRoutes::namesRoot)) {
            rules.add(rule(List.of(ref("order", true))));
        }
        spec.put("rules", rules);
        return spec;
    }

    static boolean namesRoot(Object rule) {
        return Targets.refs(rule).stream().anyMatch(ref -> Refs.name(ref).equals("order"));
    }

    Map<String, Object> rule() {
        List<Object> refs = new ArrayList<>();
        int kind = below(10);
        if (kind == 0) {
            return rule(List.of());
        }
        if (kind == 1) {
            return rule(List.of(ref("order-" + any(OURS), false)));
        }
        if (kind == 2) {
            refs.add(ref("order-hand1", true));
            refs.add(ref("order-hand2", true));
        } else if (kind < 9) {
            refs.add(ref("order", true));
            if (chance(20)) {
                refs.add(ref("order", true));
            }
        }
        for (int i = below(3); i > 0 || refs.isEmpty(); i--) {
            refs.add(below(refs.size() + 1), ref(chance(10) ? "order-hand2" : "other" + below(4), true));
        }
        return rule(refs);
    }

    private Map<String, Object> rule(List<Object> refs) {
        Map<String, Object> rule = new LinkedHashMap<>();
        if (chance(20)) {
            rule.put("name", "rule-" + names++);
        }
        if (chance(90)) {
            List<Object> matches = new ArrayList<>();
            for (int i = 1 + below(3); i > 0; i--) {
                matches.add(match());
            }
            rule.put("matches", matches);
        }
        if (chance(50)) {
            rule.put("filters", filters());
        }
        if (!refs.isEmpty()) {
            rule.put("backendRefs", refs);
        }
        if (chance(30)) {
            rule.put("timeouts", Map.of("request", below(99) + "s"));
        }
        return rule;
    }

    Map<String, Object> match() {
        Map<String, Object> path = new LinkedHashMap<>();
        path.put("type", "PathPrefix");
        path.put("value", "/" + any(List.of("", "a", "b", "c")));
        Map<String, Object> match = new LinkedHashMap<>();
        match.put("path", path);
        if (chance(40)) {
            Map<String, Object> header = new LinkedHashMap<>();
            if (chance(30)) {
                header.put("type", "RegularExpression");
            }
            header.put("name", any(List.of("x-user-id", "X-User-Id", "cookie", "x-canary-lane", "x-tenant")));
            header.put("value", any(List.of("alice", "bob", "blue", "a=b; canary=always")));
            match.put("headers", new ArrayList<>(List.of(header)));
        }
        return match;
    }

    List<Object> filters() {
        List<Object> filters = new ArrayList<>();
        if (chance(60)) {
            Map<String, Object> modifier = new LinkedHashMap<>();
            if (chance(50)) {
                modifier.put("set", List.of(Map.of("name", chance(15) ? "X-Canary-Lane" : "x-a", "value", "1")));
            }
            if (chance(40)) {
                modifier.put("remove", chance(80) ? List.of("x-debug") : List.of());
            }
            Map<String, Object> filter = new LinkedHashMap<>();
            filter.put("type", "RequestHeaderModifier");
            filter.put("requestHeaderModifier", modifier);
            filters.add(filter);
        }
        if (chance(30)) {
            filters.add(
                    Map.of("type", "RequestMirror", "requestMirror", Map.of("backendRef", Map.of("name", "audit"))));
        }
        return filters;
    }

    Map<String, Object> ref(String name, boolean mayBeZero) {
        Map<String, Object> ref = new LinkedHashMap<>();
        if (chance(70)) {
            ref.put("group", "");
            ref.put("kind", "Service");
        }
        ref.put("name", name);
        if (chance(10)) {
            ref.put("namespace", "shop");
        }
        if (chance(95)) {
            ref.put("port", chance(80) ? 80 : 8080);
        }
        if (chance(70)) {
            ref.put("weight", mayBeZero && chance(8) ? 0 : any(WEIGHTS));
        }
        if (chance(20)) {
            ref.put("filters", filters());
        }
        return ref;
    }

    Split wish() {
        List<Integer> shares = any(SHARES);
        List<String> versions = new ArrayList<>(OURS);
        versions.addAll(HAND);
        List<Split.Part> parts = new ArrayList<>();
        for (int i = 0; i < versions.size(); i++) {
            parts.add(new Split.Part(
                    versions.get(i),
                    "order-" + versions.get(i),
                    OURS.contains(versions.get(i)),
                    shares.get(i),
                    users(),
                    chance(15) ? new Lane(any(List.of("blue", "green"))) : null,
                    chance(80),
                    chance(10)));
        }
        return new Split("shop", "order", parts, chance(15) ? new Split.Mirror("order-v2", 1 + below(100)) : null);
    }

    private List<UserTerm> users() {
        return chance(25)
                ? any(List.of(
                        List.of(new UserTerm.Header("x-user-id", "alice")),
                        List.of(new UserTerm.Cookie("canary", "always"), new UserTerm.Header("x-group", "beta"))))
                : List.of();
    }
}
