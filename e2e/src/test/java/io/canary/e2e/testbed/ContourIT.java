// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.junit.CanaryCluster;
import io.canary.e2e.junit.Cluster;
import io.canary.e2e.traffic.Outcome;
import io.canary.e2e.traffic.Request;
import io.canary.e2e.traffic.RouteKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Where Contour does other things than Traefik, of which [GatewayIT] tells.
@CanaryCluster(product = false)
@ResourceLock(value = "cluster", mode = ResourceAccessMode.READ)
@Tag("contour")
class ContourIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void expressionsAreAnchored(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.route("""
                  - matches: [{headers: [{name: cookie, type: RegularExpression, value: "beta=yes"}]}]
                    backendRefs: [{name: shop-v2, port: 80}]
                  - backendRefs: [{name: shop-v1, port: 80}]
                """);
        shop.gateway().awaitAnswered(shop.request());
        assertThat(shop.versions(shop.request().cookie("alphabeta", "yesterday")))
                .containsOnly("v1");
        assertThat(shop.versions(shop.request().cookie("beta", "yes"))).containsOnly("v2");
    }

    @Test
    void theOthersTakeTheShareOfAMissingService(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.route("""
                  - backendRefs: [{name: shop-v1, port: 80}, {name: nobody, port: 80}]
                """);
        var missing = shop.gateway().awaitCondition(RouteKind.HTTP, "shop", "ResolvedRefs", "False");
        assertThat(missing.reason()).isEqualTo("BackendNotFound");
        shop.gateway().awaitAnswered(shop.request());
        assertThat(shop.gateway().send(20, shop.request()).of("v1")).isEqualTo(20);
        shop.route("""
                  - backendRefs: [{name: nobody, port: 80}]
                """);
        shop.gateway().awaitOutcome("nobody is left", shop.request(), outcome -> failed(outcome, "status 500"));
        shop.split(1, 1);
        shop.gateway().awaitAnswered(shop.request());
        shop.split(0, 0);
        shop.gateway().awaitOutcome("nobody has a weight", shop.request(), outcome -> failed(outcome, "status 500"));
    }

    @Test
    void itSaysNothingOfItsClass(Cluster cluster) {
        var _ = cluster.gateway();
        var status = cluster.kubectl(
                "get",
                "gatewayclass",
                "contour",
                "--output=jsonpath={.status.conditions[*].status} {.status.supportedFeatures}");
        assertThat(status.orThrow().stdout()).isEqualTo("Unknown ");
    }

    @Test
    void callsAreMatchedByServiceAndMethodOnly(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.grpcRoute("""
                  - matches: [{method: {service: shop.Orders}}]
                    backendRefs: [{name: shop-v1, port: 80}]
                """);
        var refused = shop.gateway().awaitCondition(RouteKind.GRPC, "shop", "Accepted", "False");
        assertThat(refused.reason()).isEqualTo("InvalidMethodMatch");
        shop.grpcRoute("""
                  - matches: [{method: {service: shop.Orders, method: Get}}]
                    backendRefs: [{name: shop-v1, port: 80, weight: 90}, {name: shop-v2, port: 80, weight: 10}]
                  - matches: [{headers: [{name: x-user, value: tester}]}]
                    backendRefs: [{name: shop-v2, port: 80}]
                """);
        shop.gateway().awaitRoute(RouteKind.GRPC, "shop");
        shop.awaitSplit(RouteKind.GRPC, 90, 10);
        var tally = shop.gateway().send(400, Request.call(shop.host(), "shop.Orders", "Get"));
        assertThat(tally.failures()).isEmpty();
        assertThat(tally.of("v2")).isBetween(15, 65);
        var put = Request.call(shop.host(), "shop.Orders", "Put");
        assertThat(shop.versions(put.with("x-user", "tester"))).containsOnly("v2");
        assertThat(failed(shop.gateway().send(1, put).failures().getFirst(), "grpc-status 12"))
                .isTrue();
    }

    @Test
    void aMirrorOfAPartGetsAll(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.route("""
                  - filters: [{type: RequestMirror, requestMirror: {percent: 5, backendRef: {name: shop-v2, port: 80}}}]
                    backendRefs: [{name: shop-v1, port: 80}]
                """);
        shop.gateway().awaitRoute(RouteKind.HTTP, "shop");
        shop.gateway().awaitAnswered(shop.request());
        assertThat(shop.gateway().send(100, shop.request()).of("v1")).isEqualTo(100);
        Await.until(
                "each request was copied",
                LIMIT,
                () -> shop.gateway().served().stream()
                                .filter(served -> served.version().equals("v2"))
                                .count()
                        >= 100);
    }

    /// Envoy has a route to a Service that it does not know yet, or no more: 503 without a body, for some milliseconds.
    /// With both refs in the rule, one of weight 0, nothing is lost.
    @Test
    void requestsAreLostWhileServicesChange(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.split(100, 0);
        shop.awaitSplit(RouteKind.HTTP, 100, 0);
        try (var load = shop.gateway().load(200, shop.request())) {
            for (int round = 0; round < 5; round++) {
                shop.split(0, 100);
                shop.awaitSplit(RouteKind.HTTP, 0, 100);
                shop.split(100, 0);
                shop.awaitSplit(RouteKind.HTTP, 100, 0);
            }
            var both = Instant.now();
            load.await("v1 answers", LIMIT, tally -> tally.since(both).of("v1") >= 20);
            assertThat(load.tally().failures()).isEmpty();
            Await.until("a request was lost", LIMIT, () -> {
                switchTo(shop, "shop-v2");
                switchTo(shop, "shop-v1");
                return !load.tally().failures().isEmpty();
            });
            assertThat(load.end().failures())
                    .allSatisfy(lost -> assertThat(lost.reason()).isEqualTo("status 503: "));
        }
    }

    private static void switchTo(Shop shop, String service) {
        shop.route("""
                  - backendRefs: [{name: %s, port: 80}]
                """.formatted(service));
        shop.gateway().awaitWeights(RouteKind.HTTP, "shop", 0, Map.of(service, 1));
    }

    private static boolean failed(Outcome outcome, String start) {
        return outcome instanceof Outcome.Failed failed && failed.reason().startsWith(start);
    }
}
