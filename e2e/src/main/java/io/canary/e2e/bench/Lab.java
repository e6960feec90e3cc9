// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.load.ApiCalls;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.ClusterUser;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.watch.AuditLog;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Map;

/// What every measurement works with.
///
/// @param watcher a client of its own for the watches, so that nothing else delays what they tell
record Lab(
        ControlPlane cluster,
        ApiCalls api,
        KubernetesClient watcher,
        InstalledProduct product,
        AuditLog audit,
        Report report)
        implements AutoCloseable {
    /// How long anything may take before the benchmark gives up.
    static final Duration LIMIT = Duration.ofMinutes(2);

    static Lab of(ControlPlane cluster, Report report) {
        return new Lab(
                cluster,
                new ApiCalls(cluster),
                cluster.newClient(ClusterUser.ADMIN),
                new InstalledProduct(),
                new AuditLog(cluster.auditLog()),
                report);
    }

    void namespace(String name) {
        cluster.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    /// An app whose `v2` asks for `percent` of `total` pods, with the product at work; returns when both are so.
    void release(ShopApp app, int percent, int total, Arrivals<Map<String, Integer>> routes, Arrivals<Integer> ready) {
        begin(app, percent, total);
        awaitReleased(app, percent, total, routes, ready);
    }

    /// The first half of [#release]: creates the objects.
    void begin(ShopApp app, int percent, int total) {
        api.create(
                        app.services(),
                        app.rootService(Map.of(
                                "canary.io/stable", "v1",
                                "canary.io/replicas", Integer.toString(total),
                                "canary.io/scale-down-delay", "0s")))
                .required();
        api.create(app.deployments(), app.deployment("v1", total, Map.of())).required();
        api.create(app.deployments(), app.deployment("v2", 0, Map.of("canary.io/weight", Integer.toString(percent))))
                .required();
    }

    /// The second half of [#release]: waits.
    void awaitReleased(
            ShopApp app, int percent, int total, Arrivals<Map<String, Integer>> routes, Arrivals<Integer> ready) {
        Arrivals.require(
                "route " + app.name() + " gives v2 its " + percent + " %",
                routes.first(app.name(), weights -> share(weights, app) == percent),
                LIMIT);
        Arrivals.require(
                app.name() + " has " + total + " ready pods", ready.first(app.name(), count -> count == total), LIMIT);
    }

    /// The weight of `v2`, whether its ref stands there or not.
    static int share(Map<String, Integer> weights, ShopApp app) {
        return weights.getOrDefault(app.deploymentName("v2"), 0);
    }

    /// The product's only pod.
    Pod productPod() {
        return product.pods(cluster).getFirst();
    }

    long productPid() {
        return cluster.processes()
                .pid(InstalledProduct.NAMESPACE, productPod().getMetadata().getName());
    }

    @Override
    public void close() {
        api.close();
        watcher.close();
    }
}
