// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.junit.CanaryCluster;
import io.canary.e2e.junit.Cluster;
import io.canary.e2e.traffic.Gateway;
import io.canary.e2e.traffic.Outcome;
import io.canary.e2e.traffic.Request;
import io.canary.e2e.traffic.RouteKind;
import io.canary.e2e.traffic.Served;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@CanaryCluster(product = false)
@ResourceLock(value = "cluster", mode = ResourceAccessMode.READ)
class GatewayIT {
    @Test
    void requestsAreSplitByWeight(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.split(90, 10);
        shop.gateway().awaitRoute(RouteKind.HTTP, "shop");
        shop.gateway().awaitAnswered(shop.request());
        var tally = shop.gateway().send(400, shop.request());
        assertThat(tally.failures()).isEmpty();
        assertThat(tally.of("v1")).isCloseTo(360, Offset.offset(8));
        assertThat(tally.of("v2")).isCloseTo(40, Offset.offset(8));
        assertThat(tally.pods()).hasSize(4);
        assertThat(shop.gateway().served())
                .hasSizeGreaterThan(400)
                .allSatisfy(served -> assertThat(served.host()).isEqualTo(shop.host()));
    }

    @Test
    void headersAndCookiesChooseAVersion(Cluster cluster) {
        var shop = Shop.create(cluster);
        shop.route("""
                  - matches: [{headers: [{name: x-user, value: tester}]}]
                    backendRefs: [{name: shop-v2, port: 80}]
                  - matches: [{headers: [{name: cookie, type: RegularExpression, value: "^(.*; ?)?beta=yes(;.*)?$"}]}]
                    backendRefs: [{name: shop-v2, port: 80}]
                  - backendRefs: [{name: shop-v1, port: 80}]
                """);
        shop.gateway().awaitRoute(RouteKind.HTTP, "shop");
        shop.gateway().awaitAnswered(shop.request());
        assertThat(shop.versions(shop.request())).containsOnly("v1");
        assertThat(shop.versions(shop.request().with("x-user", "tester"))).containsOnly("v2");
        assertThat(shop.versions(shop.request().with("x-user", "testers"))).containsOnly("v1");
        assertThat(shop.versions(shop.request().cookie("beta", "yes"))).containsOnly("v2");
        assertThat(shop.versions(shop.request().cookie("a", "b").cookie("beta", "yes").cookie("c", "d")))
                .containsOnly("v2");
        assertThat(shop.versions(shop.request().cookie("beta", "yesterday"))).containsOnly("v1");
        assertThat(shop.versions(shop.request().cookie("alphabeta", "yes"))).containsOnly("v1");
    }
}
