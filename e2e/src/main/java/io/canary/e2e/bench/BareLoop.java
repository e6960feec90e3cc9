// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.load.ApiCalls;
import io.canary.e2e.testbed.ClusterUser;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.Objects;

/// The least that could be done: watches one Deployment and, when its annotation changes, patches the weights of one
/// HTTPRoute. No Services, no replicas, no checks: what watching and patching cost by themselves on this API server.
final class BareLoop implements AutoCloseable {
    static final String WEIGHT = "bench.canary.test/weight";

    private final ApiCalls api;
    private final ShopApp app;
    private final KubernetesClient client;
    private final Watching watching;
    private String last = "";

    /// Creates the app with its route at 10 % and begins to watch.
    BareLoop(Lab lab, ShopApp app) {
        this.app = app;
        this.api = new ApiCalls(lab.cluster());
        api.create(app.services(), app.rootService(Map.of())).required();
        api.create(app.deployments(), app.deployment("v1", 1, Map.of())).required();
        api.create(app.deployments(), app.deployment("v2", 1, Map.of(WEIGHT, "10")))
                .required();
        api.create(routes(), """
                {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "%1$s"},
                 "spec": {"parentRefs": [{"group": "", "kind": "Service", "name": "%1$s", "port": 8080}], %2$s}}
                """.formatted(app.name(), rules(10))).required();
        client = lab.cluster().newClient(ClusterUser.ADMIN);
        watching = Watching.deployments(client, app.namespace(), this::seen);
    }

    private void seen(String name, Deployment deployment) {
        String weight = Objects.requireNonNullElse(deployment.getMetadata().getAnnotations(), Map.<String, String>of())
                .getOrDefault(WEIGHT, "");
        if (weight.isEmpty() || weight.equals(last)) {
            return;
        }
        last = weight;
        String patch = "{\"spec\": {" + rules(Integer.parseInt(weight)) + "}}";
        Thread.ofVirtual().start(() -> api.merge(routes() + "/" + app.name(), patch));
    }

    private String routes() {
        return "/apis/gateway.networking.k8s.io/v1/namespaces/" + app.namespace() + "/httproutes";
    }

    private String rules(int percent) {
        return """
                "rules": [{"backendRefs": [
                  {"group": "", "kind": "Service", "name": "%1$s-v1", "port": 8080, "weight": %2$d},
                  {"group": "", "kind": "Service", "name": "%1$s-v2", "port": 8080, "weight": %3$d}]}]
                """.formatted(app.name(), 100 - percent, percent);
    }

    @Override
    public void close() {
        watching.close();
        client.close();
        api.close();
    }
}
