// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.webhook.kube.TestJson;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;

/// Objects of namespace `shop` as an informer brings them.
final class TestObjects {
    private TestObjects() {}

    /// Deployment `<app>-<version>` whose pods carry `app` and `version`.
    static Deployment deployment(int resourceVersion, String app, String version, int replicas, String annotations) {
        return TestJson.yaml("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %2$s-%3$s, namespace: shop, uid: u-%3$s, resourceVersion: "%1$d", annotations: {%5$s}}
                spec:
                  replicas: %4$d
                  selector: {matchLabels: {app: %2$s, version: %3$s}}
                  template: {metadata: {labels: {app: %2$s, version: %3$s}}}
                """.formatted(resourceVersion, app, version, replicas, annotations), Deployment.class);
    }

    static Service service(int resourceVersion, String name, String selector, String labels) {
        return TestJson.yaml("""
                apiVersion: v1
                kind: Service
                metadata: {name: %2$s, namespace: shop, uid: s-%2$s, resourceVersion: "%1$d", labels: {%4$s}}
                spec: {selector: {%3$s}, ports: [{port: 80}]}
                """.formatted(resourceVersion, name, selector, labels), Service.class);
    }

    static EndpointSlice slice(int resourceVersion, String service, String pod, boolean ready) {
        return TestJson.yaml("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: %2$s-x
                  namespace: shop
                  uid: e-%2$s
                  resourceVersion: "%1$d"
                  labels: {kubernetes.io/service-name: %2$s}
                endpoints: [{addresses: [10.0.0.1], conditions: {ready: %4$s}, targetRef: {kind: Pod, name: %3$s}}]
                """.formatted(resourceVersion, service, pod, ready), EndpointSlice.class);
    }

    /// A route of namespace `elsewhere`.
    static GenericKubernetesResource route(int resourceVersion, String name, String spec) {
        return TestJson.yaml("""
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: %2$s, namespace: elsewhere, uid: r-%2$s, resourceVersion: "%1$d"}
                spec: %3$s
                """.formatted(resourceVersion, name, spec), GenericKubernetesResource.class);
    }
}
