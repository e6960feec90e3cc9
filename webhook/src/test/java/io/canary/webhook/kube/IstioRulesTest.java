// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Elsewhere;
import io.canary.domain.app.Elsewhere.Effect;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IstioRulesTest {
    private static Map<String, List<Elsewhere>> facts(String kind, String spec) {
        return IstioRules.facts(TestJson.yaml("""
                apiVersion: networking.istio.io/v1
                kind: %s
                metadata: {name: rule, namespace: shop}
                spec: %s
                """.formatted(kind, spec), GenericKubernetesResource.class));
    }

    private static Elsewhere virtualService(Effect effect, String... services) {
        return new Elsewhere(effect, "VirtualService", "shop", "rule", Set.of(services));
    }

    @Test
    void hostsInTheMeshAreOverridden() {
        assertThat(facts(
                        "VirtualService",
                        "{hosts: [order, cart.shop.svc.cluster.local, stock.warehouse, example.com]}"))
                .isEqualTo(Map.of(
                        "shop", List.of(virtualService(Effect.OVERRIDES, "order", "cart")),
                        "warehouse", List.of(virtualService(Effect.OVERRIDES, "stock")),
                        "com", List.of(virtualService(Effect.OVERRIDES, "example"))));
        assertThat(facts("VirtualService", "{hosts: [order], gateways: [mesh, public]}"))
                .isEqualTo(Map.of("shop", List.of(virtualService(Effect.OVERRIDES, "order"))));
    }

    @Test
    void atAGatewayItForwards() {
        assertThat(facts(
                        "VirtualService",
                        "{hosts: [shop.example], gateways: [public], http: [{route: [{destination: {host: order}}]}]}"))
                .isEqualTo(Map.of("shop", List.of(virtualService(Effect.FORWARDS, "order"))));
        assertThat(facts("VirtualService", "{hosts: [order], http: [{route: [{destination: {host: order}}]}]}"))
                .as("told once")
                .isEqualTo(Map.of("shop", List.of(virtualService(Effect.OVERRIDES, "order"))));
    }

    @Test
    void aDestinationRuleIsLeftBehind() {
        assertThat(facts("DestinationRule", "{host: order}"))
                .isEqualTo(Map.of(
                        "shop",
                        List.of(new Elsewhere(
                                Effect.LEFT_BEHIND, "DestinationRule", "shop", "rule", Set.of("order")))));
    }

    @Test
    void aWildcardMeansEveryService() {
        Elsewhere all = facts("VirtualService", "{hosts: ['*.shop.svc.cluster.local']}")
                .getOrDefault("shop", List.of())
                .getFirst();
        assertThat(all.concerns("order")).isTrue();
        assertThat(virtualService(Effect.OVERRIDES, "cart").concerns("order")).isFalse();
    }

    @Test
    void whoeverKeepsARuleToItsNamespaceHidesOursThere() {
        assertThat(facts("VirtualService", "{hosts: [stock.warehouse.svc.cluster.local, order], exportTo: ['.']}"))
                .isEqualTo(Map.of(
                        "shop", List.of(virtualService(Effect.OVERRIDES, "order")),
                        "warehouse", List.of(virtualService(Effect.CONSUMES, "stock"))));
    }

    @Test
    void whatIsNoHostIsNothing() {
        assertThat(facts("VirtualService", "{hosts: ['*', '', 7]}")).isEmpty();
        assertThat(facts("VirtualService", "{}")).isEmpty();
        assertThat(facts("DestinationRule", "[]")).isEmpty();
    }
}
