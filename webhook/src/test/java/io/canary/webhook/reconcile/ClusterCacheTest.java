// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.RouteKind;
import io.canary.webhook.reconcile.FactStore.Held;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClusterCacheTest {
    private static final String WEIGHT = "canary.io/weight: '10'";
    private final Set<String> told = new HashSet<>();
    private final ClusterCache cache = new ClusterCache((_, apps) -> told.addAll(apps));

    @BeforeEach
    void fill() {
        cache.services.offer(TestObjects.service(1, "order", "app: order", ""));
        cache.deployments.offer(TestObjects.deployment(2, "order", "v1", 3, ""));
        cache.deployments.offer(TestObjects.deployment(3, "order", "v2", 3, WEIGHT));
        cache.filled();
        told.clear();
    }

    private Held<DeploymentFacts> heldV2() {
        return Objects.requireNonNull(cache.deployments.held("shop", "order-v2"));
    }

    @Test
    void viewIsTheSameUntilFactsChange() {
        NamespaceView view = cache.view("shop");
        cache.deployments.offer(TestObjects.deployment(10, "order", "v2", 3, WEIGHT));
        assertThat(cache.view("shop")).isSameAs(view);
        assertThat(told).isEmpty();
        cache.deployments.offer(TestObjects.deployment(11, "order", "v2", 4, WEIGHT));
        assertThat(cache.view("shop")).isNotSameAs(view);
        assertThat(told).containsExactly("order");
    }

    @Test
    void equalFactsStayTheSameInstanceInANewerVersion() {
        Held<DeploymentFacts> before = heldV2();
        cache.deployments.offer(TestObjects.deployment(10, "order", "v2", 3, WEIGHT));
        Held<DeploymentFacts> after = heldV2();
        assertThat(after.version()).isEqualTo(10);
        assertThat(after.facts()).isSameAs(before.facts());
    }

    @Test
    void olderEventDoesNotUndoOurWrite() {
        cache.deployments.offer(TestObjects.deployment(20, "order", "v2", 9, WEIGHT));
        cache.deployments.offer(TestObjects.deployment(15, "order", "v2", 3, WEIGHT));
        assertThat(cache.view("shop").app("order").version("v2").orElseThrow().replicas())
                .isEqualTo(9);
    }

    @Test
    void scaleIsSeenBeforeItsEvent() {
        Held<DeploymentFacts> held = heldV2();
        cache.deployments.revise("shop", "order-v2", held, 30, facts -> facts.scaled(7));
        cache.deployments.offer(TestObjects.deployment(25, "order", "v2", 3, WEIGHT));
        assertThat(cache.view("shop").app("order").version("v2").orElseThrow().replicas())
                .isEqualTo(7);
    }

    @Test
    void lateEventDoesNotBringBackWhatWeDeleted() {
        cache.services.offer(TestObjects.service(4, "order-v2", "app: order, version: v2", "canary.io/app: order"));
        cache.services.deleted("shop", "order-v2", "s-order-v2");
        cache.services.offer(TestObjects.service(5, "order-v2", "app: order, version: v2", "canary.io/app: order"));
        assertThat(cache.services.held("shop", "order-v2")).isNull();
        cache.services.remove("shop/order-v2");
        cache.services.offer(TestObjects.service(6, "order-v2", "app: order, version: v2", "canary.io/app: order"));
        assertThat(cache.services.held("shop", "order-v2")).isNotNull();
    }

    @Test
    void deploymentThatMovesTellsBothApps() {
        cache.services.offer(TestObjects.service(4, "bill", "app: order", ""));
        told.clear();
        cache.deployments.offer(TestObjects.deployment(10, "order", "v2", 3, WEIGHT + ", canary.io/service: bill"));
        assertThat(told).containsExactlyInAnyOrder("order", "bill");
    }

    @Test
    void deploymentThatLosesItsLastKeyTellsItsApp() {
        cache.deployments.offer(TestObjects.deployment(10, "order", "v2", 3, ""));
        assertThat(told).containsExactly("order");
    }

    @Test
    void serviceThatGoesTellsTheAppsOfItsPods() {
        cache.services.remove("shop/order");
        assertThat(told).containsExactly("order");
    }

    @Test
    void endpointsOfRootAndVersionTellTheApp() {
        cache.slices.offer(TestObjects.slice(5, "order", "order-v1-abc-12345", true));
        assertThat(told).containsExactly("order");
        assertThat(cache.view("shop").app("order").version("v1").orElseThrow().ready())
                .isEqualTo(1);
        cache.services.offer(TestObjects.service(6, "other-name", "app: order, version: v2", ""));
        told.clear();
        cache.slices.offer(TestObjects.slice(7, "other-name", "order-v2-abc-12345", true));
        assertThat(told).contains("order");
        told.clear();
        cache.slices.offer(TestObjects.slice(8, "order", "order-v1-abc-12345", false));
        assertThat(told).containsExactly("order");
    }

    @Test
    void namespaceWithoutOurKeysIsSilent() {
        cache.deployments.offer(TestObjects.deployment(10, "order", "v2", 3, ""));
        told.clear();
        cache.slices.offer(TestObjects.slice(11, "order", "order-v1-abc-12345", true));
        cache.deployments.offer(TestObjects.deployment(12, "order", "v1", 8, ""));
        assertThat(told).isEmpty();
    }

    @Test
    void everyAppIsToldOfTheGatewayApi() {
        cache.gatewayApi(RouteKind.HTTP, Optional.of("v1.6.1"));
        assertThat(told).containsExactly("order");
        assertThat(cache.view("shop").gatewayApi()).isEqualTo(Map.of(RouteKind.HTTP, "v1.6.1"));
        assertThat(cache.apps()).containsExactly(new AppKey("shop", "order"));
    }

    @Test
    void routesOfOtherNamespacesReachTheApps() {
        String spec = "{parentRefs: [{group: '', kind: Service, name: order, namespace: shop}]}";
        cache.routes(RouteKind.HTTP).offer(TestObjects.route(10, "consumer", spec));
        assertThat(told).contains("order");
        assertThat(cache.view("shop").app("order").elsewhere())
                .singleElement()
                .satisfies(rule -> assertThat(rule.text()).isEqualTo("HTTPRoute elsewhere/consumer"));
        told.clear();
        cache.routes(RouteKind.HTTP).remove("elsewhere/consumer");
        assertThat(told).contains("order");
        assertThat(cache.view("shop").app("order").elsewhere()).isEmpty();
    }

    @Test
    void aHostThatAnotherHasIsClaimedWithoutItsName() {
        cache.routes(RouteKind.HTTP).offer(TestObjects.route(10, "theirs", "{hostnames: [canary.shop.example]}"));
        assertThat(told).doesNotContain("order");
        cache.deployments.offer(TestObjects.deployment(11, "order", "v2", 3, "canary.io/hosts: canary.shop.example"));
        assertThat(cache.view("shop").app("order").claimed())
                .isEqualTo(Map.of("canary.shop.example", "a route of another namespace"));
        told.clear();
        cache.routes(RouteKind.HTTP).offer(TestObjects.route(12, "theirs", "{hostnames: [other.example]}"));
        assertThat(told).contains("order");
        assertThat(cache.view("shop").app("order").claimed()).isEmpty();
    }

    @Test
    void informerSeesKeysButNoObjects() {
        assertThat(cache.deployments.keySet()).containsExactlyInAnyOrder("shop/order-v1", "shop/order-v2");
        assertThat(cache.deployments.values().map(d -> d.getMetadata().getName()))
                .containsExactlyInAnyOrder("order-v1", "order-v2");
    }
}
