// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.RouteKind;
import io.canary.domain.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The rules that stand before a user's, for those who go to one version whatever its share: canary users, then
/// lanes. Each is a copy of the user's rule with a narrower match, so it wins by its own place and keeps the path,
/// the filters and the timeouts (routing.md 2.1).
///
/// At a Gateway no lane has a rule: whoever can reach it could choose one. A request enters a lane there as a user, by
/// a host or by its share; the mesh then knows it by the header.
///
/// @param edge whether the route has a parent that is not a Service
record Entries(RouteKind kind, Split wish, RouteLimits limits, boolean edge) {
    /// Rules and what is to be said of them.
    record Rules(List<Object> rules, List<String> cautions) {}

    /// The rules before `rule`.
    ///
    /// @param like the ref that is split there: port and filters are its
    Rules before(Map<String, Object> rule, Object like) {
        Rules out = new Rules(new ArrayList<>(), new ArrayList<>());
        List<Split.Part> standing =
                wish.parts().stream().filter(Split.Part::stands).toList();
        for (Split.Part part : standing) {
            List<HeaderTest> tests = tests(part);
            if (!tests.isEmpty()) {
                add(out, rule, tests, toVersion(rule, like, part, Backends.MARK), "users of version " + part.version());
            }
        }
        for (Split.Part part : standing) {
            if (part.lane() != null && !edge) {
                Map<String, Object> copy = Trees.copy(rule);
                to(copy, like, part, Backends.MARK);
                add(out, rule, part.lane().tests(), copy, "lane " + part.lane().name());
            }
        }
        return out;
    }

    private List<HeaderTest> tests(Split.Part part) {
        List<HeaderTest> tests =
                new ArrayList<>(part.users().stream().map(UserTerm::test).toList());
        if (part.keeps()) {
            tests.add(new UserTerm.Cookie(cookie(wish), part.version()).test());
        }
        return tests;
    }

    /// The cookie by which a client keeps its version.
    static String cookie(Split wish) {
        return "canary-" + wish.root();
    }

    private void add(
            Rules out, Map<String, Object> rule, List<HeaderTest> tests, Map<String, Object> copy, String who) {
        List<Object> matches = new ArrayList<>();
        for (JsonObject match : matches(rule)) {
            for (HeaderTest test : tests) {
                switch (test.and(match)) {
                    case HeaderTest.Match(Map<String, Object> json) -> {
                        if (matches.stream().noneMatch(other -> Trees.same(other, json))) {
                            matches.add(json);
                        }
                    }
                    case HeaderTest.Never() -> {}
                    case HeaderTest.Unwritable(String header) ->
                        out.cautions()
                                .add("a match tests header " + header + " by a pattern, and takes no second test: "
                                        + who + " are not told apart there");
                }
            }
        }
        int size = onePerRule(rule) ? 1 : limits.matchesOfRule();
        for (int from = 0; from < matches.size(); from += size) {
            Map<String, Object> json = Trees.copy(copy);
            json.put("matches", List.copyOf(matches.subList(from, Math.min(matches.size(), from + size))));
            out.rules().add(json);
        }
    }

    private List<JsonObject> matches(Map<String, Object> rule) {
        List<JsonObject> matches = JsonObject.of(rule).objects("matches");
        return matches.isEmpty()
                ? kind.everything().stream().map(JsonObject::of).toList()
                : matches;
    }

    /// Whether the API takes only one match beside these filters: those that replace the matched prefix.
    private static boolean onePerRule(Map<String, Object> rule) {
        List<JsonObject> owners = new ArrayList<>(JsonObject.of(rule).objects("backendRefs"));
        owners.add(JsonObject.of(rule));
        return owners.stream()
                .flatMap(owner -> owner.objects("filters").stream())
                .anyMatch(filter -> List.of("urlRewrite", "requestRedirect").stream()
                        .anyMatch(type -> filter.object(type).object("path").has("replacePrefixMatch")));
    }

    /// A copy of `rule` that sends everything to `part`, and into its lane.
    Map<String, Object> toVersion(Map<String, Object> rule, Object like, Split.Part part, int weight) {
        Map<String, Object> copy = Trees.copy(rule);
        List<Object> filters = Trees.list(copy, "filters");
        List<Object> changed = part.lane() != null
                ? HeaderFilters.enter(filters, part.lane())
                : edge && wish.hasLane() ? HeaderFilters.leave(filters) : filters;
        if (!changed.isEmpty()) {
            copy.put("filters", changed);
        }
        to(copy, like, part, weight);
        return copy;
    }

    /// The name of a rule is unique in its route, so copies have none.
    private static void to(Map<String, Object> copy, Object like, Split.Part part, int weight) {
        copy.remove("name");
        Map<String, Object> ref = Trees.copy(JsonObject.of(like).fields());
        ref.put("name", part.service());
        ref.put("weight", weight);
        copy.put("backendRefs", List.of(ref));
    }
}
