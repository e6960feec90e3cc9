// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.canary.e2e.junit.CanaryCluster;
import io.canary.e2e.junit.Cluster;
import io.canary.e2e.traffic.Outcome;
import io.canary.e2e.traffic.Request;
import io.canary.e2e.traffic.RouteKind;
import io.canary.e2e.traffic.RouteKind.Condition;
import io.canary.e2e.traffic.Served;
import io.canary.e2e.traffic.Tally;
import java.time.Duration;
import java.time.Instant;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@CanaryCluster(product = false)
@ResourceLock(value = "cluster", mode = ResourceAccessMode.READ)
class GatewayIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Offset<Integer> TOLERANCE = Offset.offset(20);

    @Test
    @Tag("gateways")
    void requestsAreSplitByWeight(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.split(90, 10);
        shop.awaitSplit(RouteKind.HTTP, 90, 10);
        var tally = shop.gateway().send(400, shop.request().at("/orders?open=1"));
        assertThat(tally.failures()).isEmpty();
        assertThat(tally.of("v1")).isCloseTo(360, TOLERANCE);
        assertThat(tally.of("v2")).isCloseTo(40, TOLERANCE);
        assertThat(tally.pods()).hasSize(4);
        assertThat(shop.gateway().served())
                .hasSize(400)
                .allSatisfy(served -> assertThat(served.host()).isEqualTo(shop.host()))
                .allSatisfy(served -> assertThat(served.path()).isEqualTo("/orders"));
        assertThat(shop.gateway().served().stream()
                        .filter(served -> served.version().equals("v2")))
                .hasSize(tally.of("v2"));
    }

    @Test
    @Tag("gateways")
    void headersAndCookiesChooseAVersion(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.route("""
                  - matches: [{headers: [{name: x-user, value: tester}]}]
                    backendRefs: [{name: shop-v2, port: 80}]
                  - matches: [{headers: [{name: cookie, type: RegularExpression, value: "^(.*; ?)?beta=yes(;.*)?$"}]}]
                    backendRefs: [{name: shop-v2, port: 80}]
                  - backendRefs: [{name: shop-v1, port: 80}]
                """);
        shop.gateway().awaitAnswered(shop.request());
        assertThat(shop.versions(shop.request())).containsOnly("v1");
        assertThat(shop.versions(shop.request().with("x-user", "tester"))).containsOnly("v2");
        assertThat(shop.versions(shop.request().with("x-user", "testers"))).containsOnly("v1");
        assertThat(shop.versions(shop.request().cookie("beta", "yes"))).containsOnly("v2");
        assertThat(shop.versions(
                        shop.request().cookie("a", "b").cookie("beta", "yes").cookie("c", "d")))
                .containsOnly("v2");
        assertThat(shop.versions(shop.request().cookie("beta", "yesterday"))).containsOnly("v1");
        assertThat(shop.versions(shop.request().cookie("alphabeta", "yes"))).containsOnly("v1");
    }

    @Test
    void expressionsAreNotAnchored(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.route("""
                  - matches: [{headers: [{name: cookie, type: RegularExpression, value: "beta=yes"}]}]
                    backendRefs: [{name: shop-v2, port: 80}]
                  - backendRefs: [{name: shop-v1, port: 80}]
                """);
        shop.gateway().awaitAnswered(shop.request());
        assertThat(shop.versions(shop.request().cookie("alphabeta", "yesterday")))
                .containsOnly("v2");
    }

    @Test
    @Tag("gateways")
    void hostNamesChooseARoute(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.split(100, 0);
        var preview = shop.gateway().host("preview");
        cluster.apply("""
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: preview}
                spec:
                  parentRefs: [%s]
                  hostnames: [%s]
                  rules: [{backendRefs: [{name: shop-v2, port: 80}]}]
                """.formatted(shop.gateway().parent(), preview)).orThrow();
        shop.gateway().awaitAnswered(Request.to(preview));
        assertThat(shop.versions(shop.request())).containsOnly("v1");
        assertThat(shop.versions(Request.to(preview))).containsOnly("v2");
        assertReasons(shop.gateway().send(1, Request.to(shop.gateway().host("other"))), "status 404");
    }

    @Test
    void callsAreSplitByWeight(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.grpcRoute("""
                  - matches: [{method: {service: shop.Orders, method: Get}}]
                    backendRefs: [{name: shop-v1, port: 80, weight: 90}, {name: shop-v2, port: 80, weight: 10}]
                  - matches: [{headers: [{name: x-user, value: tester}]}]
                    backendRefs: [{name: shop-v2, port: 80}]
                """);
        shop.gateway().awaitRoute(RouteKind.GRPC, "shop");
        shop.awaitSplit(RouteKind.GRPC, 90, 10);
        var tally = shop.gateway().send(200, Request.call(shop.host(), "shop.Orders", "Get"));
        assertThat(tally.failures()).isEmpty();
        assertThat(tally.of("v2")).isCloseTo(20, Offset.offset(10));
        assertThat(shop.gateway().served())
                .extracting(Served::protocol, Served::path)
                .containsOnly(tuple("HTTP_2", "/shop.Orders/Get"));
        var put = Request.call(shop.host(), "shop.Orders", "Put");
        assertThat(shop.versions(put.with("x-user", "tester"))).containsOnly("v2");
        assertReasons(shop.gateway().send(1, put), "status 404");
    }

    @Test
    @Tag("gateways")
    void shareWithoutEndpointsFails(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.scale("v2", 0);
        shop.split(50, 50);
        shop.awaitSplit(RouteKind.HTTP, 50, 50);
        var tally = shop.gateway().send(100, shop.request());
        assertThat(tally.of("v1")).isCloseTo(50, TOLERANCE);
        assertThat(tally.failures().size()).isEqualTo(100 - tally.of("v1"));
        assertReasons(tally, "status 503");
        shop.scale("v2", 1);
        shop.gateway().awaitOutcome("v2 answers", shop.request(), outcome -> by("v2", outcome));
    }

    @Test
    @Tag("gateways")
    void podsThatAreNotReadyRefuse(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.split(0, 100);
        shop.awaitSplit(RouteKind.HTTP, 0, 100);
        try (var load = shop.gateway().load(100, shop.request())) {
            load.await("v2 answers", LIMIT, tally -> tally.of("v2") >= 50);
            assertThat(load.tally().failures()).isEmpty();
            cluster.behave("version=v2", PodBehaviour.NEVER_READY);
            // Until the EndpointSlice lacks them their addresses refuse, which is a 502.
            load.await("no address is left", LIMIT, tally -> withoutAddress(tally) >= 50);
            cluster.behave("version=v2", PodBehaviour.READY);
            var ready = Instant.now();
            load.await("v2 answers again", LIMIT, tally -> tally.since(ready).of("v2") >= 50);
            assertThat(load.end().failures())
                    .allSatisfy(failed -> assertThat(failed.reason()).startsWith("status 50"));
        }
    }

    @Test
    void conditionsFollowTheGeneration(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.route("""
                  - backendRefs: [{name: shop-v1, port: 80}, {name: nobody, port: 80}]
                """);
        var missing = shop.gateway().awaitCondition(RouteKind.HTTP, "shop", "ResolvedRefs", "False");
        assertThat(missing.reason()).isEqualTo("BackendNotFound");
        assertThat(missing.message()).contains("nobody");
        shop.gateway().awaitAnswered(shop.request());
        var tally = shop.gateway().send(20, shop.request());
        assertThat(tally.of("v1")).isCloseTo(10, Offset.offset(3));
        assertReasons(tally, "status 500");
        shop.split(1, 1);
        shop.gateway().awaitRoute(RouteKind.HTTP, "shop");
        assertThat(shop.gateway().conditions(RouteKind.HTTP, "shop"))
                .hasSize(2)
                .allSatisfy(condition -> assertThat(condition.status()).isEqualTo("True"))
                .allMatch(Condition::current);
    }

    @Test
    @Tag("gateways")
    void openConnectionsFollowNewWeights(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.split(100, 0);
        shop.awaitSplit(RouteKind.HTTP, 100, 0);
        try (var one = shop.gateway().client(1)) {
            assertThat(one.send(10, shop.request()).of("v1")).isEqualTo(10);
            shop.split(0, 100);
            shop.awaitSplit(RouteKind.HTTP, 0, 100);
            assertThat(one.send(10, shop.request()).of("v2")).isEqualTo(10);
        }
    }

    @Test
    @Tag("gateways")
    void nothingFailsWhileWeightsMove(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.split(100, 0);
        shop.awaitSplit(RouteKind.HTTP, 100, 0);
        try (var load = shop.gateway().load(100, shop.request())) {
            for (int share = 20; share <= 100; share += 20) {
                shop.split(100 - share, share);
                shop.awaitSplit(RouteKind.HTTP, 100 - share, share);
                var moved = Instant.now();
                load.await("v2 answers", LIMIT, tally -> tally.since(moved).of("v2") >= 5);
            }
            var last = Instant.now();
            load.await("v2 answers alone", LIMIT, tally -> tally.since(last).size() >= 20);
            var tally = load.end();
            assertThat(tally.failures()).isEmpty();
            assertThat(tally.byVersion()).containsOnlyKeys("v1", "v2");
            assertThat(tally.since(last).byVersion()).containsOnlyKeys("v2");
        }
    }

    @Test
    @Tag("gateways")
    void headersAreChangedForOneBackend(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.route("""
                  - backendRefs:
                    - {name: shop-v1, port: 80}
                    - name: shop-v2
                      port: 80
                      filters:
                      - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-lane, value: beta}]}}
                      - {type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-by, value: v2}]}}
                """);
        shop.gateway().awaitAnswered(shop.request());
        var tally = shop.gateway().send(20, shop.request());
        assertThat(tally.answered()).hasSize(20).allSatisfy(answer -> {
            var second = answer.version().equals("v2");
            assertThat(answer.sent().get("x-lane")).isEqualTo(second ? "beta" : null);
            assertThat(answer.headers().get("x-by")).isEqualTo(second ? "v2" : null);
        });
        assertThat(tally.byVersion()).containsOnlyKeys("v1", "v2");
    }

    @Test
    void mirrorsAreNotKnown(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.route("""
                  - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: shop-v2, port: 80}}}]
                    backendRefs: [{name: shop-v1, port: 80}]
                """);
        shop.gateway()
                .awaitOutcome(
                        "a rule with a mirror fails",
                        shop.request(),
                        outcome -> outcome instanceof Outcome.Failed failed
                                && failed.reason().startsWith("status 500"));
        shop.gateway().awaitRoute(RouteKind.HTTP, "shop");
        assertThat(shop.gateway().served()).isEmpty();
        var features = cluster.kubectl(
                        "get", "gatewayclass", Traefik.CLASS, "--output=jsonpath={.status.supportedFeatures[*].name}")
                .stdout();
        assertThat(features.split(" ", -1))
                .contains("HTTPRoute", "GRPCRoute", "HTTPRouteBackendRequestHeaderModification")
                .doesNotContain("HTTPRouteRequestMirror", "Mesh");
    }

    private static boolean by(String version, Outcome outcome) {
        return outcome instanceof Outcome.Answered answered
                && answered.version().equals(version);
    }

    private static long withoutAddress(Tally tally) {
        return tally.failures().stream()
                .filter(failed -> failed.reason().startsWith("status 503"))
                .count();
    }

    private static void assertReasons(Tally tally, String start) {
        assertThat(tally.failures())
                .isNotEmpty()
                .allSatisfy(failed -> assertThat(failed.reason()).startsWith(start));
    }
}
