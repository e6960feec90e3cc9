// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// An app of the benchmark: a root Service, a stable `v1` and a `v2`, written as JSON as a person's tool would send it.
/// A Deployment has the size of an ordinary one, about 6 KB as the API server keeps it.
record ShopApp(String namespace, String name) {
    private static final int VARIABLES = 30;

    String deployments() {
        return "/apis/apps/v1/namespaces/" + namespace + "/deployments";
    }

    String services() {
        return "/api/v1/namespaces/" + namespace + "/services";
    }

    String service() {
        return services() + "/" + name;
    }

    String deployment(String version) {
        return deployments() + "/" + deploymentName(version);
    }

    /// Also the name of the version's Service.
    String deploymentName(String version) {
        return name + "-" + version;
    }

    /// The merge patch that sets one annotation.
    static String annotation(String key, Object value) {
        return """
                {"metadata": {"annotations": {"%s": "%s"}}}""".formatted(key, value);
    }

    /// Writes the annotation by which a person asks for a share.
    static String weight(int percent) {
        return annotation("canary.io/weight", percent);
    }

    String rootService(Map<String, String> annotations) {
        return """
                {"apiVersion": "v1", "kind": "Service",
                 "metadata": {"name": "%1$s", "labels": {"app": "%1$s"}, "annotations": %2$s},
                 "spec": {"selector": {"app": "%1$s"},
                          "ports": [{"name": "http", "port": 8080, "targetPort": 8080}]}}
                """.formatted(name, json(annotations));
    }

    String deployment(String version, int replicas, Map<String, String> annotations) {
        return deployment(deploymentName(version), version, replicas, annotations);
    }

    String deployment(String object, String version, int replicas, Map<String, String> annotations) {
        return """
                {"apiVersion": "apps/v1", "kind": "Deployment",
                 "metadata": {"name": "%1$s", "labels": {"app": "%2$s"}, "annotations": %5$s},
                 "spec": {"replicas": %4$d,
                  "selector": {"matchLabels": {"app": "%2$s", "version": "%3$s"}},
                  "template": {"metadata": {"labels": {"app": "%2$s", "version": "%3$s"}},
                   "spec": {"containers": [{
                     "name": "main", "image": "registry.shop.example/%2$s:%3$s",
                     "ports": [{"containerPort": 8080, "name": "http"}],
                     "env": %6$s,
                     "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
                     "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 5}}]}}}}
                """.formatted(object, name, version, replicas, json(annotations), environment());
    }

    private static String environment() {
        return IntStream.range(0, VARIABLES)
                .mapToObj("{\"name\": \"SHOP_SETTING_%1$02d\", \"value\": \"some ordinary value %1$02d\"}"::formatted)
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String json(Map<String, String> map) {
        return map.entrySet().stream()
                .map(e -> "\"%s\": \"%s\"".formatted(e.getKey(), e.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    }
}
