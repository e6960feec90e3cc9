// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.Map;
import org.junit.jupiter.api.Test;

class InForceTest {
    private static final String RULE = "httproute-t-1-2-shop-gw-t-1-2-gateway-ep-web-";

    /// Cut from an answer of Traefik 3.7.15.
    private static final String SERVICES = """
            [{"status":"enabled","name":"api@internal","provider":"internal"},
             {"loadBalancer":{"servers":[]},"name":"%1$s0-9d09-svc-t-1-2-shop-v1-0@kubernetesgateway"},
             {"weighted":{"services":[{"name":"%1$s0-9d09-svc-t-1-2-shop-v1-0","weight":90},
                                      {"name":"%1$s0-9d09-svc-t-1-2-shop-v2-1","weight":10}]},
              "name":"%1$s0-9d09-wrr@kubernetesgateway","type":"weighted"},
             {"weighted":{"services":[{"name":"%1$s10-77aa-svc-t-1-2-shop-v3-0","weight":1}]},
              "name":"%1$s10-77aa-wrr@kubernetesgateway","type":"weighted"}]
            """.formatted(RULE);

    @Test
    void weightsAreReadInTheOrderOfTheRule() {
        assertThat(weights("t-1-2", "shop", 0)).containsExactly(entry("shop-v1", 90), entry("shop-v2", 10));
        assertThat(weights("t-1-2", "shop", 10)).containsExactly(entry("shop-v3", 1));
    }

    @Test
    void whatIsNotInForceHasNone() {
        assertThat(weights("t-1-2", "shop", 1)).isEmpty();
        assertThat(weights("t-1-2", "sho", 0)).isEmpty();
        assertThat(weights("t-1", "shop", 0)).isEmpty();
        assertThat(InForce.weights(SERVICES, RouteKind.GRPC, "t-1-2", "shop", 0))
                .isEmpty();
    }

    private static Map<String, Integer> weights(String namespace, String route, int rule) {
        return InForce.weights(SERVICES, RouteKind.HTTP, namespace, route, rule);
    }
}
