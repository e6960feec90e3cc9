// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.RouteKind;
import io.canary.domain.json.JsonObject;
import io.canary.domain.share.Shares;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Our own routes, several apps in one route, and what a route carries.
class RoutesOfOursTest {
    private static final Split PLAIN = Wishes.split(Wishes.yaml("""
            versions:
            - {name: v1, share: "90"}
            - {name: v2, share: "10"}
            """));
    private static final Split BLUE = Wishes.split(Wishes.yaml("""
            versions:
            - {name: v1, share: "100"}
            - {name: v2, share: "0", lane: blue, users: "header:x-user-id=alice"}
            """));

    @Test
    void ourRouteIsTheOneThatTheReaderKnows() {
        List<Object> rules = rules(RouteKind.HTTP, PLAIN);
        assertThat(rules).hasSize(1);
        assertThat(JsonObject.of(rules.getFirst()).fields().get("matches")).isEqualTo(RouteKind.HTTP.everything());
        assertThat(Wishes.text(Targets.refs(rules.getFirst()))).isEqualTo("""
                - group: ''
                  kind: Service
                  name: order-v1
                  port: 80
                  weight: 90
                - group: ''
                  kind: Service
                  name: order-v2
                  port: 80
                  weight: 10
                """);
    }

    @Test
    void usersThenLanesThenAll() {
        for (RouteKind kind : RouteKind.values()) {
            List<Object> rules = rules(kind, BLUE);
            assertThat(rules).hasSize(3);
            assertThat(headers(rules.get(0))).containsExactly("x-user-id");
            assertThat(headers(rules.get(1))).containsExactly("x-canary-lane", "baggage");
            assertThat(headers(rules.get(2))).isEmpty();
            assertThat(JsonObject.of(rules.get(2)).has("filters")).isFalse();
        }
    }

    @Test
    void ourRouteSaysHowManyUsersFit() {
        String users = String.join(
                ", ",
                java.util.stream.IntStream.range(0, 64)
                        .mapToObj(i -> "header:x-user-id=u" + i)
                        .toList());
        Split wish = Wishes.split(Wishes.yaml("versions:\n- {name: v1, share: '100', users: '" + users
                + "'}\n- {name: v2, share: '0', users: '" + users + "'}\n"));
        assertThat(OwnRoute.rules(RouteKind.HTTP, wish, 80, RouteLimits.CURRENT))
                .isInstanceOfSatisfying(Refused.class, refused -> {
                    assertThat(refused.would()).isEqualTo(129);
                    assertThat(refused.fits()).isEqualTo(127);
                    assertThat(refused.message())
                            .isEqualTo("HTTPRoute would have 129 matches, and 128 are possible: "
                                    + "127 of 128 terms of canary.io/users fit");
                });
    }

    @Test
    void hostsHaveARouteBesideEachManagedOne() {
        JsonObject spec = gateway("""
                - matches: [{path: {type: PathPrefix, value: /api}}]
                  timeouts: {request: 5s}
                  backendRefs: [{name: order, port: 80, weight: 1}, {name: legacy, port: 80, weight: 1}]
                - matches: [{path: {type: PathPrefix, value: /static}}]
                  backendRefs: [{name: static, port: 80, weight: 1}]
                """);
        ManagedRoute.Changed split = changed(spec, Original.NONE, BLUE);
        HostsRoute plain = hosts(spec, Original.NONE);
        assertThat(hosts(with(spec, split.rules()), split.original())).isEqualTo(plain);
        assertThat(plain.name()).isEqualTo("order-v2-at-shop");
        assertThat(Wishes.text(plain.spec())).isEqualTo("""
                parentRefs:
                - name: public
                hostnames:
                - canary.shop.example
                rules:
                - matches:
                  - path:
                      type: PathPrefix
                      value: /api
                  timeouts:
                    request: 5s
                  backendRefs:
                  - name: order-v2
                    port: 80
                    weight: 1
                  filters:
                  - type: RequestHeaderModifier
                    requestHeaderModifier:
                      set:
                      - name: x-canary-lane
                        value: blue
                """);
    }

    @Test
    void withoutAGatewayHostsHaveNoRoute() {
        JsonObject spec = new JsonObject(Map.of(
                "parentRefs", List.of(Map.of("kind", "Service", "name", "order")),
                "rules", List.of(Map.of("backendRefs", List.of(Map.of("name", "order"))))));
        assertThat(HostsRoute.of(
                        RouteKind.HTTP,
                        "shop",
                        spec,
                        Original.NONE,
                        BLUE,
                        BLUE.parts().get(1),
                        host()))
                .isEmpty();
    }

    @Test
    void namesOfHostsRoutesAreCutWhereTheyAreTooLong() {
        HostsRoute route = HostsRoute.of(
                        RouteKind.HTTP,
                        "r".repeat(253),
                        gateway("- backendRefs: [{name: order}]"),
                        Original.NONE,
                        BLUE,
                        BLUE.parts().get(1),
                        host())
                .orElseThrow();
        assertThat(route.name()).hasSize(253).startsWith("order-v2-at-rrr").matches("[-a-z0-9]*[a-z0-9]");
    }

    @Test
    void appsInOneRouteDoNotPushEachOther() {
        JsonObject spec = gateway("""
                - matches: [{path: {type: PathPrefix, value: /}}]
                  backendRefs: [{name: order, port: 80, weight: 1}, {name: pay, port: 80, weight: 3}]
                - matches: [{path: {type: PathPrefix, value: /pay}}]
                  backendRefs: [{name: pay, port: 80, weight: 1}]
                """);
        Split pay = Wishes.split(Wishes.yaml("""
                root: pay
                versions:
                - {name: v1, share: "75", users: "header:x-user-id=bob"}
                - {name: v2, share: "25"}
                """));
        JsonObject now = spec;
        Original original = Original.NONE;
        int writes = 0;
        for (int i = 0; i < 8; i++) {
            if (ManagedRoute.split(RouteKind.HTTP, now, original, i % 2 == 0 ? pay : BLUE, RouteLimits.CURRENT)
                    instanceof ManagedRoute.Changed changed) {
                now = with(now, changed.rules());
                original = changed.original();
                writes++;
            }
        }
        assertThat(writes)
                .describedAs("each once, and one takes note of the other")
                .isEqualTo(3);
        assertThat(original.apps()).containsOnlyKeys("order", "pay");
        ManagedRoute.Restored one = ManagedRoute.restore(now, original, pay.backends());
        assertThat(one.original().apps()).containsOnlyKeys("order");
        ManagedRoute.Restored both = ManagedRoute.restore(with(now, one.rules()), one.original(), BLUE.backends());
        assertThat(both.original()).isEqualTo(Original.NONE);
        assertThat(Wishes.text(both.rules()).replace("00\n", "\n"))
                .describedAs("in the same proportion: each app takes the other's parts as it finds them")
                .isEqualTo(Wishes.text(Trees.list(spec.fields(), "rules")));
    }

    @Test
    void measuresWhatARouteCarriesByPort() {
        JsonObject spec = gateway("""
                - backendRefs:
                  - {name: order, port: 80, weight: 1}
                  - {name: legacy, port: 80, weight: 1}
                - matches: [{path: {type: PathPrefix, value: /b}}]
                  backendRefs: [{name: order, port: 8080, weight: 1}]
                """);
        assertThat(measured(spec, Original.NONE).byPort()).isEqualTo(Map.of(80, Shares.NONE, 8080, Shares.NONE));
        ManagedRoute.Changed split = changed(spec, Original.NONE, PLAIN);
        ManagedRoute.Measured after = measured(with(spec, split.rules()), split.original());
        assertThat(after.shaped()).isTrue();
        assertThat(after.byPort()).isEqualTo(Map.of(80, PLAIN.shares(), 8080, PLAIN.shares()));
        List<Object> edited = Wishes.yaml(
                        "rules:\n" + Wishes.text(split.rules()).replace("weight: 90", "weight: 30"))
                .objects("rules")
                .stream()
                .<Object>map(JsonObject::fields)
                .toList();
        ManagedRoute.Measured moved = measured(with(spec, edited), split.original());
        assertThat(moved.shaped()).isFalse();
        assertThat(moved.byPort().get(80)).isEqualTo(new Shares(Map.of("v1", 7500, "v2", 2500)));
    }

    @Test
    void anOriginalThatCannotBeReadCountsAsAbsent() {
        assertThat(Original.of(JsonObject.EMPTY)).isEqualTo(Original.NONE);
        Original odd = Original.of(Wishes.yaml("order: {services: [1], rules: [x, {refs: [[], 3, [4]], added: 7}]}"));
        JsonObject spec = gateway("- backendRefs: [{name: order, port: 80}]");
        assertThat(changed(spec, odd, PLAIN)).isEqualTo(changed(spec, Original.NONE, PLAIN));
    }

    private static List<String> headers(Object rule) {
        return JsonObject.of(rule).objects("matches").stream()
                .flatMap(match -> match.objects("headers").stream())
                .map(header -> header.text("name"))
                .toList();
    }

    private static List<Object> rules(RouteKind kind, Split wish) {
        return switch (OwnRoute.rules(kind, wish, 80, RouteLimits.CURRENT)) {
            case OwnRoute.Rules(List<Object> rules) -> rules;
            case Refused refused -> throw new AssertionError(refused.message());
        };
    }

    private static ManagedRoute.Measured measured(JsonObject spec, Original original) {
        return ManagedRoute.measure(RouteKind.HTTP, spec, original, PLAIN, RouteLimits.CURRENT);
    }

    private static ManagedRoute.Changed changed(JsonObject spec, Original original, Split wish) {
        return (ManagedRoute.Changed) ManagedRoute.split(RouteKind.HTTP, spec, original, wish, RouteLimits.CURRENT);
    }

    private static HostsRoute hosts(JsonObject spec, Original original) {
        return HostsRoute.of(
                        RouteKind.HTTP,
                        "shop",
                        spec,
                        original,
                        BLUE,
                        BLUE.parts().get(1),
                        host())
                .orElseThrow();
    }

    private static Hosts host() {
        return Hosts.read("canary.shop.example").read().orElseThrow();
    }

    private static JsonObject gateway(String rules) {
        return Wishes.yaml("parentRefs: [{name: public}]\nrules:\n" + rules);
    }

    private static JsonObject with(JsonObject spec, List<Object> rules) {
        Map<String, Object> json = Trees.copy(spec.fields());
        json.put("rules", rules);
        return new JsonObject(json);
    }
}
