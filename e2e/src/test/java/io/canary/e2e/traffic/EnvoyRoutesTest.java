// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvoyRoutesTest {
    /// In the shape of what Envoy 1.40.0 answers.
    private static final String ROUTES = """
            {"configs": [{"route_config": {"name": "http-80", "virtual_hosts": [{"routes": [
              {"match": {"path_separated_prefix": "/old"}, "redirect": {}, "metadata": %1$s},
              {"match": {"prefix": "/", "headers": [{"name": "x-user-id"}]},
               "route": {"cluster": "t-1/shop-v2/80/da39a3ee5e"}, "metadata": %1$s},
              {"match": {"path_separated_prefix": "/api"},
               "route": {"weighted_clusters": {"clusters": [
                 {"name": "t-1/shop-v1/80/da39a3ee5e", "weight": 90},
                 {"name": "t-1/shop-v2/80/da39a3ee5e", "weight": 10}]}}, "metadata": %1$s},
              {"match": {"prefix": "/"},
               "route": {"weighted_clusters": {"clusters": [
                 {"name": "t-1/shop-v3/80/da39a3ee5e"},
                 {"name": "t-1/shop-v4/80/da39a3ee5e", "weight": 100}]}}, "metadata": %1$s}
            ]}]}}]}
            """.formatted("""
            {"filter_metadata": {"envoy.access_loggers.file": {"io.projectcontour.kind": "HTTPRoute",
             "io.projectcontour.namespace": "t-1", "io.projectcontour.name": "shop"}}}""");

    private static final String CLUSTERS = """
            {"configs": [{"cluster": {"name": "t-1/shop-v1/80/da39a3ee5e"}},
                         {"cluster": {"name": "t-1/shop-v2/80/da39a3ee5e"}},
                         {"cluster": {"name": "t-1/shop-v3/80/da39a3ee5e"}},
                         {"cluster": {"name": "t-1/shop-v4/80/da39a3ee5e"}}]}
            """;

    private static final String SPEC = """
            {"rules": [
              {"matches": [{"path": {"value": "/old"}}]},
              {"matches": [{"path": {"value": "/"}, "headers": [{"name": "x-user-id", "value": "alice"}]}],
               "backendRefs": [{"name": "shop-v2", "weight": 50}]},
              {"matches": [{"path": {"value": "/elsewhere"}}, {"path": {"value": "/api/"}}]},
              {},
              {"matches": [{"path": {"value": "/new"}}]}]}
            """;

    @Test
    void aRuleIsFoundByItsLastMatch() {
        assertThat(weights("shop", 2)).containsExactly(entry("shop-v1", 90), entry("shop-v2", 10));
        assertThat(weights("shop", 3)).containsOnly(entry("shop-v3", 0), entry("shop-v4", 100));
    }

    @Test
    void aSingleBackendHasTheWeightOfItsRef() {
        assertThat(weights("shop", 1)).containsExactly(entry("shop-v2", 50));
    }

    @Test
    void aRouteToAServiceThatIsNotKnownIsNotInForce() {
        assertThat(weights("shop", 2, CLUSTERS.replace("shop-v2", "shop-v9"))).isEmpty();
    }

    @Test
    void whatIsNotInForceHasNone() {
        assertThat(weights("shop", 0)).isEmpty();
        assertThat(weights("shop", 4)).isEmpty();
        assertThat(weights("shop", 5)).isEmpty();
        assertThat(weights("sho", 2)).isEmpty();
    }

    private static Map<String, Integer> weights(String name, int rule) {
        return weights(name, rule, CLUSTERS);
    }

    private static Map<String, Integer> weights(String name, int rule, String clusters) {
        var route = new GenericKubernetesResource();
        route.setMetadata(
                new ObjectMetaBuilder().withNamespace("t-1").withName(name).build());
        route.setAdditionalProperty("spec", new JsonObject(SPEC).getMap());
        return EnvoyRoutes.weights(ROUTES, clusters, RouteKind.HTTP, route, rule);
    }
}
