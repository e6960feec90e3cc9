// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.plan.Step;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoutesTest {
    private static final Map<String, Object> FOREIGN = Map.of(
            "matches",
            List.of(Map.of("path", Map.of("type", "Exact", "value", "/x"))),
            "timeouts",
            Map.of("request", "3s"));

    private static final Map<String, Object> MAIN = Map.of(
            "matches",
            RouteKind.HTTP.everything(),
            "backendRefs",
            List.of(
                    Map.of("group", "", "kind", "Service", "name", "order-v1", "port", 80, "weight", 90),
                    Map.of("group", "", "kind", "Service", "name", "order-v2", "port", 80, "weight", 10)));

    private static final String STATUS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata:
              name: order
              namespace: shop
              generation: 4
              labels: {canary.io/app: order}
              managedFields:
              - {manager: canary, operation: Apply, time: "2026-01-01T00:00:05Z", fieldsV1: {"f:spec": {}}}
              - {manager: kubectl-edit, operation: Update, time: "2026-01-01T00:00:06Z", fieldsV1: {"f:spec": {}}}
              - {manager: mesh, operation: Update, subresource: status, time: "2026-01-01T00:00:07Z", fieldsV1: {"f:status": {}}}
              - {manager: labeller, operation: Update, time: "2026-01-01T00:00:08Z", fieldsV1: {"f:metadata": {}}}
            spec:
              parentRefs: [{group: "", kind: Service, name: order, port: 80}]
              rules:
              - matches: [{path: {type: PathPrefix, value: /}}]
                filters: [{type: RequestMirror}]
                backendRefs: [{group: "", kind: Service, name: order-v1, port: 80, weight: 100}]
            status:
              parents:
              - controllerName: mesh
                parentRef: {group: "", kind: Service, name: order, port: 80}
                conditions:
                - {type: Accepted, status: "True", reason: Accepted, observedGeneration: 4}
                - {type: ResolvedRefs, status: "False", reason: BackendNotFound, observedGeneration: 3, lastTransitionTime: "2026-01-01T00:00:01Z"}
              - controllerName: gateway
                parentRef: {kind: Gateway, name: gate}
                conditions: []
            """;

    private static RouteFacts.Named back(Step.EnsureRoute step) {
        return Routes.facts(
                RouteKind.HTTP, TestJson.roundTrip(Routes.wanted("shop", step), GenericKubernetesResource.class));
    }

    private static Step.EnsureRoute step(List<Object> foreign) {
        return new Step.EnsureRoute(
                "order",
                RouteKind.HTTP,
                "order",
                80,
                List.of(MAIN),
                List.of(new RouteFacts.Ref("order-v1", 80, 90), new RouteFacts.Ref("order-v2", 80, 10)),
                foreign,
                "a test");
    }

    @Test
    void ourRouteComesBackAsWanted() {
        RouteFacts.Named named = back(step(List.of(FOREIGN)));
        assertThat(named.app()).isEqualTo("order");
        RouteFacts route = named.route();
        assertThat(route.ours()).isTrue();
        assertThat(route.rules()).containsExactly(MAIN);
        assertThat(route.parentPort()).isEqualTo(80);
        assertThat(route.refs())
                .containsExactly(new RouteFacts.Ref("order-v1", 80, 90), new RouteFacts.Ref("order-v2", 80, 10));
        assertThat(route.foreignRules()).containsExactly(FOREIGN);
    }

    @Test
    void bentRuleIsStillOurs() {
        RouteFacts route = Routes.facts(RouteKind.HTTP, TestJson.yaml(STATUS, GenericKubernetesResource.class))
                .route();
        assertThat(route.rule()).containsKey("filters");
        assertThat(route.foreignRules()).isEmpty();
        assertThat(route.weights()).isEqualTo(Map.of("order-v1", 100));
    }

    @Test
    void statusOfOurParentIsRead() {
        RouteFacts route = Routes.facts(RouteKind.HTTP, TestJson.yaml(STATUS, GenericKubernetesResource.class))
                .route();
        assertThat(route.parents()).singleElement().satisfies(parent -> {
            assertThat(parent.controller()).isEqualTo("mesh");
            assertThat(parent.accepted()).isTrue();
            assertThat(parent.resolvedRefs()).isFalse();
            assertThat(parent.observedGeneration()).isEqualTo(3);
            assertThat(parent.reason()).isEqualTo("BackendNotFound");
        });
    }

    @Test
    void lastOtherWriterOfTheSpecIsNamed() {
        RouteFacts route = Routes.facts(RouteKind.HTTP, TestJson.yaml(STATUS, GenericKubernetesResource.class))
                .route();
        assertThat(route.manager()).isEqualTo("kubectl-edit");
        assertThat(route.written()).isEqualTo("2026-01-01T00:00:05Z");
    }

    @Test
    void routeOfAnotherNamespaceIsNoParent() {
        RouteFacts.Named named = Routes.facts(RouteKind.HTTP, TestJson.yaml("""
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: other, namespace: shop}
                spec:
                  parentRefs: [{group: "", kind: Service, name: order, namespace: elsewhere}, {kind: Gateway, name: order}]
                """, GenericKubernetesResource.class));
        assertThat(java.util.Objects.requireNonNull(named.user()).services()).isEmpty();
        assertThat(named.outward().consumes()).isEqualTo(Map.of("elsewhere", java.util.Set.of("order")));
        assertThat(named.route().ours()).isFalse();
    }

    @Test
    void parentWithoutAPortIsAParent() {
        RouteFacts.Named named = Routes.facts(RouteKind.HTTP, TestJson.yaml("""
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: order, namespace: shop}
                spec:
                  parentRefs: [{group: "", kind: Service, name: order}]
                """, GenericKubernetesResource.class));
        assertThat(java.util.Objects.requireNonNull(named.user()).routes("order", 80))
                .isTrue();
        assertThat(named.route().parentPort()).isNull();
    }
}
