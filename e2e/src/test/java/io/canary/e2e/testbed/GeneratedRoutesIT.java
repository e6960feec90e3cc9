// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.RouteKind;
import io.canary.domain.json.JsonObject;
import io.canary.domain.route.ManagedRoute;
import io.canary.domain.route.Original;
import io.canary.domain.route.RouteLimits;
import io.canary.domain.route.Split;
import io.canary.e2e.junit.CanaryCluster;
import io.canary.e2e.junit.Cluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Routes by a seeded random, written for real: each that the API server accepts, it accepts split too, and what is
/// restored is what stood there, with all that the API server had defaulted (issue 5).
@CanaryCluster(product = false)
class GeneratedRoutesIT {
    private static final int ROUTES = 150;
    private static final List<Integer> WEIGHTS = List.of(1, 1, 1, 2, 3, 7, 37, 100, 250, 1000);
    private static final List<List<Integer>> SHARES = List.of(
            List.of(10_000, 0), List.of(9_000, 1_000), List.of(9_950, 50), List.of(3_334, 6_666), List.of(0, 10_000));

    @Test
    void whatTheServerAcceptsIsSplitAndRestored(Cluster cluster) {
        int split = 0;
        for (int seed = 0; seed < ROUTES; seed++) {
            RouteKind kind = seed % 4 == 3 ? RouteKind.GRPC : RouteKind.HTTP;
            split += cycle(cluster, kind, "r" + seed, new Routes(kind, new Random(seed))) ? 1 : 0;
        }
        assertThat(split).as("routes that were split").isGreaterThan(ROUTES * 3 / 4);
    }

    /// Whether the route was accepted and split.
    private static boolean cycle(Cluster cluster, RouteKind kind, String name, Routes random) {
        GenericKubernetesResource made = new GenericKubernetesResourceBuilder()
                .withApiVersion(RouteKind.GROUP + "/v1")
                .withKind(kind.text())
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .build();
        made.setAdditionalProperty("spec", random.spec());
        var api = cluster.client()
                .genericKubernetesResources(new ResourceDefinitionContext.Builder()
                        .withGroup(RouteKind.GROUP)
                        .withVersion("v1")
                        .withKind(kind.text())
                        .withPlural(kind.plural())
                        .withNamespaced(true)
                        .build())
                .inNamespace(cluster.namespace());
        try {
            api.resource(made).create();
        } catch (KubernetesClientException e) {
            assertThat(e.getCode()).as(e.getMessage()).isEqualTo(422);
            return false;
        }
        Resource<GenericKubernetesResource> route = api.withName(name);
        Map<?, ?> before = spec(route);
        Split wish = random.wish(cluster.namespace());
        if (!(ManagedRoute.split(kind, new JsonObject(before), Original.NONE, wish, RouteLimits.CURRENT)
                instanceof ManagedRoute.Changed changed)) {
            return false;
        }
        write(route, changed.rules(), name + " split from " + before);
        Original original = Original.of(new JsonObject(changed.original().json()));
        assertThat(ManagedRoute.split(kind, new JsonObject(spec(route)), original, wish, RouteLimits.CURRENT))
                .as(name)
                .isInstanceOf(ManagedRoute.Unchanged.class);
        ManagedRoute.Restored restored = ManagedRoute.restore(new JsonObject(spec(route)), original, wish.backends());
        write(route, restored.rules(), name + " restored");
        assertThat(spec(route)).as(name).isEqualTo(before);
        return true;
    }

    private static Map<?, ?> spec(Resource<GenericKubernetesResource> route) {
        return JsonObject.of(route.get().getAdditionalProperties().get("spec")).fields();
    }

    private static void write(Resource<GenericKubernetesResource> route, List<Object> rules, String what) {
        try {
            route.edit(present -> {
                Map<String, Object> spec = new LinkedHashMap<>();
                JsonObject.of(present.getAdditionalProperties().get("spec"))
                        .fields()
                        .forEach((key, value) -> spec.put(String.valueOf(key), value));
                spec.put("rules", rules);
                present.setAdditionalProperty("spec", spec);
                return present;
            });
        } catch (KubernetesClientException e) {
            throw new AssertionError(what + ": " + rules, e);
        }
    }

    /// What users write, more or less.
    private record Routes(RouteKind kind, Random random) {
        private <T> T any(List<T> list) {
            return list.get(random.nextInt(list.size()));
        }

        private boolean chance(int percent) {
            return random.nextInt(100) < percent;
        }

        Map<String, Object> spec() {
            Map<String, Object> spec = new LinkedHashMap<>();
            spec.put(
                    "parentRefs",
                    List.of(
                            chance(40)
                                    ? Map.of("group", "", "kind", "Service", "name", "order", "port", 80)
                                    : Map.of("name", "public")));
            if (chance(50)) {
                spec.put("hostnames", List.of("shop.example"));
            }
            List<Object> rules = new ArrayList<>();
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                rules.add(rule());
            }
            spec.put("rules", rules);
            return spec;
        }

        private Map<String, Object> rule() {
            Map<String, Object> rule = new LinkedHashMap<>();
            if (chance(80)) {
                rule.put("matches", List.of(match(), match()));
            }
            if (chance(40)) {
                rule.put("filters", List.of(headers()));
            }
            List<Object> refs = new ArrayList<>(List.of(ref("order")));
            for (int i = random.nextInt(3); i > 0; i--) {
                refs.add(random.nextInt(refs.size() + 1), ref(chance(15) ? "order" : "other" + random.nextInt(3)));
            }
            rule.put("backendRefs", refs);
            if (kind == RouteKind.HTTP && chance(30)) {
                rule.put("timeouts", Map.of("request", "5s"));
            }
            return rule;
        }

        private Map<String, Object> match() {
            Map<String, Object> match = new LinkedHashMap<>();
            if (kind == RouteKind.HTTP && chance(70)) {
                match.put(
                        "path",
                        Map.of("type", any(List.of("Exact", "PathPrefix")), "value", "/p" + random.nextInt(99)));
            } else if (kind == RouteKind.GRPC) {
                match.put("method", Map.of("service", "shop.S" + random.nextInt(99)));
            }
            if (chance(40)) {
                match.put("headers", List.of(Map.of("name", "x-h" + random.nextInt(9), "value", "v")));
            }
            if (kind == RouteKind.HTTP && chance(20)) {
                match.put("method", any(List.of("GET", "POST")));
            }
            return match;
        }

        private Map<String, Object> headers() {
            return Map.of(
                    "type",
                    "RequestHeaderModifier",
                    "requestHeaderModifier",
                    chance(50)
                            ? Map.of("set", List.of(Map.of("name", "x-from", "value", "edge")))
                            : Map.of("remove", List.of("x-internal")));
        }

        private Map<String, Object> ref(String service) {
            Map<String, Object> ref = new LinkedHashMap<>();
            ref.put("name", service);
            ref.put("port", 80);
            if (chance(60)) {
                ref.put("weight", any(WEIGHTS));
            }
            if (chance(20)) {
                ref.put("filters", List.of(headers()));
            }
            return ref;
        }

        Split wish(String namespace) {
            List<Integer> shares = any(SHARES);
            return new Split(
                    namespace,
                    "order",
                    List.of(
                            Split.Part.of("v1", "order-v1", shares.get(0)),
                            Split.Part.of("v2", "order-v2", shares.get(1))),
                    null);
        }
    }
}
