// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.domain.plan.Step;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TranslatorsTest {
    private static final String DEPLOYMENT = """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: order-v2
              namespace: shop
              uid: u1
              creationTimestamp: "2026-01-01T00:00:00Z"
              annotations: {canary.io/weight: "10", other: x}
              ownerReferences: [{apiVersion: x/v1, kind: Rollout, name: r, uid: u, controller: true}]
            spec:
              selector: {matchLabels: {app: order}}
              template:
                metadata: {labels: {app: order, version: v2}, creationTimestamp: null}
                spec: {containers: [{name: app, image: "IMAGE", resources: {}}]}
            """;

    private static DeploymentFacts deployment(String image) {
        return Deployments.facts(TestJson.yaml(DEPLOYMENT.replace("IMAGE", image), Deployment.class));
    }

    @Test
    void deploymentKeepsWhatDecisionsRead() {
        DeploymentFacts facts = deployment("order:2");
        assertThat(facts.annotations()).isEqualTo(Map.of("canary.io/weight", "10"));
        assertThat(facts.templateLabels()).containsEntry("version", "v2");
        assertThat(facts.replicas()).isEqualTo(1);
        assertThat(facts.progressDeadline()).isEqualTo(Duration.ofMinutes(10));
        assertThat(facts.controller()).isEqualTo("Rollout/r");
        assertThat(facts.deleting()).isFalse();
    }

    @Test
    void templateHashChangesWithTheTemplateOnly() {
        assertThat(deployment("order:2").templateHash())
                .isEqualTo(deployment("order:2").templateHash())
                .isNotEqualTo(deployment("order:3").templateHash());
    }

    @Test
    void bareDeploymentIsRead() {
        assertThat(Deployments.facts(new Deployment()).replicas()).isEqualTo(1);
    }

    @Test
    void versionServiceComesBackAsWanted() {
        Step.EnsureService step = new Step.EnsureService(
                "order",
                "order-v2",
                Map.of("app", "order", "version", "v2"),
                List.of(
                        new ServiceFacts.Port("http", 80, "web", "TCP", "kubernetes.io/h2c"),
                        new ServiceFacts.Port("", 81, "8081", "UDP", null)),
                List.of("IPv4"),
                "SingleStack",
                "a test");
        ServiceFacts facts = Services.facts(TestJson.roundTrip(Services.wanted("shop", step), Service.class));
        assertThat(Services.asWanted(facts, step)).isTrue();
        assertThat(facts.ours()).isTrue();
        Step.EnsureService other = new Step.EnsureService(
                "order", "order-v2", Map.of("app", "order"), step.ports(), List.of(), "", "a test");
        assertThat(Services.asWanted(facts, other)).isFalse();
    }

    @Test
    void headlessServiceWithoutTargetPortIsRead() {
        ServiceFacts facts = Services.facts(TestJson.yaml("""
                apiVersion: v1
                kind: Service
                metadata: {name: order, namespace: shop}
                spec: {clusterIP: None, ports: [{port: 80}]}
                """, Service.class));
        assertThat(facts.headless()).isTrue();
        assertThat(facts.ports()).containsExactly(new ServiceFacts.Port("", 80, "80", "TCP", null));
    }

    @Test
    void readyPodsAreThoseThatServe() {
        EndpointSlices.Slice slice = EndpointSlices.facts(TestJson.yaml("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: order-x, namespace: shop, labels: {kubernetes.io/service-name: order}}
                addressType: IPv4
                endpoints:
                - {addresses: [10.0.0.1], targetRef: {kind: Pod, name: unsaid}}
                - {addresses: [10.0.0.2], conditions: {ready: true}, targetRef: {kind: Pod, name: ready}}
                - {addresses: [10.0.0.3], conditions: {ready: false}, targetRef: {kind: Pod, name: unready}}
                - {addresses: [10.0.0.4], conditions: {ready: true, terminating: true}, targetRef: {kind: Pod, name: leaving}}
                - {addresses: [10.0.0.5], conditions: {ready: true}}
                """, EndpointSlice.class));
        assertThat(slice).isEqualTo(new EndpointSlices.Slice("order", Set.of("unsaid", "ready", "10.0.0.5")));
    }

    @Test
    void autoscalerOfADeploymentIsFound() {
        String hpa = """
                apiVersion: autoscaling/v2
                kind: HorizontalPodAutoscaler
                metadata: {name: scaler, namespace: shop}
                spec: {scaleTargetRef: {apiVersion: apps/v1, kind: %s, name: order-v2}, maxReplicas: 5}
                """;
        assertThat(Autoscalers.facts(TestJson.yaml(hpa.formatted("Deployment"), HorizontalPodAutoscaler.class)))
                .isEqualTo(new Autoscalers.Target("order-v2", new Version.Autoscaler("scaler", 1)));
        assertThat(Autoscalers.facts(TestJson.yaml(hpa.formatted("StatefulSet"), HorizontalPodAutoscaler.class))
                        .deployment())
                .isEmpty();
    }
}
