// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import io.canary.e2e.junit.Cluster;
import io.canary.e2e.traffic.Gateway;
import io.canary.e2e.traffic.Request;
import io.canary.e2e.traffic.RouteKind;
import java.util.Map;
import java.util.Set;

/// Two plain versions of an app behind a Gateway: Deployments and Services `shop-v1` and `shop-v2`, two pods each.
record Shop(Cluster cluster) {
    static Shop create(Cluster cluster) {
        var shop = new Shop(cluster);
        shop.version("v1", 2);
        shop.version("v2", 2);
        new App(cluster, "shop-v1").awaitReadyEndpoints(2);
        new App(cluster, "shop-v2").awaitReadyEndpoints(2);
        return shop;
    }

    void version(String version, int replicas) {
        cluster.apply("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: shop-%1$s}
                spec:
                  replicas: %2$d
                  selector: {matchLabels: {app: shop, version: %1$s}}
                  template:
                    metadata: {labels: {app: shop, version: %1$s}}
                    spec:
                      containers: [{name: shop, image: "shop:%1$s", ports: [{containerPort: 9080}]}]
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: shop-%1$s}
                spec:
                  selector: {app: shop, version: %1$s}
                  ports: [{port: 80, targetPort: 9080}]
                """.formatted(version, replicas)).orThrow();
    }

    Gateway gateway() {
        return cluster.gateway();
    }

    String host() {
        return gateway().host("shop");
    }

    Request request() {
        return Request.to(host());
    }

    /// The HTTPRoute `shop` with these rules (YAML, two blanks deep).
    void route(String rules) {
        apply("HTTPRoute", rules);
    }

    /// The GRPCRoute `shop` with these rules.
    void grpcRoute(String rules) {
        apply("GRPCRoute", rules);
    }

    /// The HTTPRoute `shop` with one rule, which splits by weight.
    void split(int v1, int v2) {
        route("""
                  - backendRefs: [{name: shop-v1, port: 80, weight: %d}, {name: shop-v2, port: 80, weight: %d}]
                """.formatted(v1, v2));
    }

    private void apply(String kind, String rules) {
        cluster.apply("""
                apiVersion: gateway.networking.k8s.io/v1
                kind: %s
                metadata: {name: shop}
                spec:
                  parentRefs: [%s]
                  hostnames: [%s]
                  rules:
                %s""".formatted(kind, gateway().parent(), host(), rules)).orThrow();
    }

    /// The share of each version as it is in force.
    void awaitSplit(RouteKind kind, int v1, int v2) {
        gateway().awaitWeights(kind, "shop", 0, Map.of("shop-v1", v1, "shop-v2", v2));
    }

    /// Scales a version; returns when as many endpoints are ready.
    void scale(String version, int replicas) {
        cluster.kubectl("scale", "deployment", "shop-" + version, "--replicas=" + replicas)
                .orThrow();
        new App(cluster, "shop-" + version).awaitReadyEndpoints(replicas);
    }

    /// Which versions answer ten such requests.
    Set<String> versions(Request request) {
        return gateway().send(10, request).byVersion().keySet();
    }
}
