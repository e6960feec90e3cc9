// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.junit.CanaryCluster;
import io.canary.e2e.junit.Cluster;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@CanaryCluster(product = false)
@ResourceLock(value = "cluster", mode = ResourceAccessMode.READ)
class ProcessKubeletIT {
    @TempDir
    Path files = Path.of("");

    @Test
    void processIsReachedThroughItsServiceByAWebhook(Cluster cluster) throws Exception {
        var app = deploy(cluster, 1);
        configureWebhook(cluster);
        var pod = app.pods().getFirst();
        assertThat(pod.getStatus().getPodIP()).startsWith("10.245.");
        assertThat(refusal(cluster))
                .contains("refused by " + pod.getMetadata().getName() + " of " + cluster.namespace())
                .contains("system:serviceaccount:" + cluster.namespace() + ":default")
                .contains(pod.getMetadata().getUid());
        assertThat(Files.readString(cluster.controlPlane().processes().log(cluster.namespace(), name(pod))))
                .contains("serving");
    }

    @Test
    void killedProcessIsRestarted(Cluster cluster) throws Exception {
        var app = deploy(cluster, 1);
        var processes = cluster.controlPlane().processes();
        processes.signal(cluster.namespace(), name(app.pods().getFirst()), Signal.KILL);
        app.awaitReadyEndpoints(0);
        app.awaitPods("restarted and ready", 1, pod -> App.restarts(pod) == 1 && App.ready(pod));
    }

    @Test
    void frozenProcessLosesReadiness(Cluster cluster) throws Exception {
        var app = deploy(cluster, 1);
        var processes = cluster.controlPlane().processes();
        processes.signal(cluster.namespace(), name(app.pods().getFirst()), Signal.STOP);
        app.awaitReadyEndpoints(0);
        processes.signal(cluster.namespace(), name(app.pods().getFirst()), Signal.CONT);
        app.awaitReadyEndpoints(1);
    }

    @Test
    void podsAreReplacedOneByOne(Cluster cluster) throws Exception {
        var app = deploy(cluster, 2);
        var before = app.pods().stream().map(ProcessKubeletIT::name).toList();
        cluster.kubectl("rollout", "restart", "deployment/hook").orThrow();
        cluster.kubectl("rollout", "status", "deployment/hook", "--timeout=60s").orThrow();
        app.awaitPods("new, and no others", 2, pod -> !before.contains(name(pod)));
        app.awaitPods("old", 0, pod -> before.contains(name(pod)));
        app.awaitReadyEndpoints(2);
    }

    @Test
    void unknownImageIsNotStarted(Cluster cluster) {
        var app = new App(cluster, "hook");
        var _ = cluster.controlPlane().processes();
        cluster.apply(manifest("nobody/knows:1", 1, "", "")).orThrow();
        app.awaitPods("without image", 1, pod -> App.waits(pod, "ErrImagePull"));
    }

    private static String name(Pod pod) {
        return pod.getMetadata().getName();
    }

    private App deploy(Cluster cluster, int replicas) throws IOException, URISyntaxException {
        var host = "hook." + cluster.namespace() + ".svc";
        var serving = cluster.controlPlane().authority().serving(List.of(host), List.of());
        var certificate = Files.writeString(files.resolve("tls.crt"), serving.certificate());
        var key = Files.writeString(files.resolve("tls.key"), serving.key());
        var classes = Path.of(DenyingWebhook.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        cluster.controlPlane()
                .processes()
                .provide(
                        "canary/denying-webhook",
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                classes.toString(),
                                DenyingWebhook.class.getName()));
        cluster.apply(manifest("canary/denying-webhook:1", replicas, certificate.toString(), key.toString()))
                .orThrow();
        var app = new App(cluster, "hook");
        app.awaitReadyEndpoints(replicas);
        return app;
    }

    private static String refusal(Cluster cluster) {
        return cluster.kubectl("create", "configmap", "any").stderr();
    }

    private static void configureWebhook(Cluster cluster) {
        var bundle = Base64.getEncoder()
                .encodeToString(
                        cluster.controlPlane().authority().certificatePem().getBytes(UTF_8));
        cluster.apply("""
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingWebhookConfiguration
                metadata: {name: %1$s}
                webhooks:
                - name: deny.canary.test
                  admissionReviewVersions: [v1]
                  sideEffects: None
                  failurePolicy: Ignore
                  clientConfig: {caBundle: %2$s, service: {name: hook, namespace: %1$s, path: /validate}}
                  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
                """.formatted(cluster.namespace(), bundle)).orThrow();
        Await.until(
                "the webhook is called",
                Duration.ofSeconds(20),
                () -> !cluster.kubectl("create", "configmap", "any", "--dry-run=server")
                        .succeeded());
    }

    private static String manifest(String image, int replicas, String certificate, String key) {
        return """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: hook}
                spec:
                  replicas: %2$d
                  selector: {matchLabels: {app: hook}}
                  template:
                    metadata: {labels: {app: hook}}
                    spec:
                      nodeSelector: {type: process}
                      tolerations: [{key: canary.test/process, operator: Exists}]
                      terminationGracePeriodSeconds: 5
                      containers:
                      - name: hook
                        image: %1$s
                        args: ["%3$s", "%4$s"]
                        ports: [{name: https, containerPort: 8443}]
                        env:
                        - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                        - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                        readinessProbe: {periodSeconds: 1, httpGet: {port: https, path: /ready, scheme: HTTPS}}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: hook}
                spec:
                  selector: {app: hook}
                  ports: [{port: 443, targetPort: https}]
                """.formatted(image, replicas, certificate, key);
    }
}
