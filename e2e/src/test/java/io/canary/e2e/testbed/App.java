// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import io.canary.e2e.junit.Cluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// An app in a test's namespace: a Deployment whose pods KWOK plays, behind a Service of the same name.
record App(Cluster cluster, String name) {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    static App create(Cluster cluster, String name, int replicas, PodBehaviour behaviour) {
        var annotations = behaviour.annotations().entrySet().stream()
                .map(entry -> "%s: \"%s\"".formatted(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
        cluster.apply("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s}
                spec:
                  replicas: %2$d
                  selector: {matchLabels: {app: %1$s}}
                  template:
                    metadata:
                      labels: {app: %1$s}
                      annotations: {%3$s}
                    spec:
                      containers: [{name: app, image: "%1$s:1", ports: [{containerPort: 8080}]}]
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: %1$s}
                spec:
                  selector: {app: %1$s}
                  ports: [{port: 80, targetPort: 8080}]
                """.formatted(name, replicas, annotations)).orThrow();
        return new App(cluster, name);
    }

    String selector() {
        return "app=" + name;
    }

    List<Pod> pods() {
        return cluster.client()
                .pods()
                .inNamespace(cluster.namespace())
                .withLabelSelector(selector())
                .list()
                .getItems();
    }

    List<Endpoint> endpoints() {
        return cluster
                .client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(cluster.namespace())
                .withLabels(Map.of("kubernetes.io/service-name", name))
                .list()
                .getItems()
                .stream()
                .map(EndpointSlice::getEndpoints)
                .filter(Objects::nonNull)
                .flatMap(List::stream)
                .toList();
    }

    long readyEndpoints() {
        return endpoints().stream()
                .filter(endpoint -> Boolean.TRUE.equals(endpoint.getConditions().getReady()))
                .count();
    }

    void awaitReadyEndpoints(int count) {
        Await.until(
                count + " endpoints are ready",
                LIMIT,
                () -> readyEndpoints() == count,
                () -> endpoints().toString());
    }

    void awaitPods(String what, int count, Predicate<Pod> condition) {
        Await.until(
                count + " pods are " + what,
                LIMIT,
                () -> pods().stream().filter(condition).count() == count,
                () -> pods().stream().map(Pod::getStatus).toList().toString());
    }

    static boolean ready(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"));
    }

    static boolean waits(Pod pod, String reason) {
        return pod.getStatus().getContainerStatuses().stream()
                .map(status -> status.getState().getWaiting())
                .anyMatch(waiting -> waiting != null && reason.equals(waiting.getReason()));
    }

    static int restarts(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .mapToInt(status -> status.getRestartCount())
                .sum();
    }
}
