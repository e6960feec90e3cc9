// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.junit.CanaryCluster;
import io.canary.e2e.junit.Cluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@CanaryCluster(product = false)
@ResourceLock(value = "cluster", mode = ResourceAccessMode.READ_WRITE)
class ControlPlaneIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void deploymentBecomesReadyWithEndpoints(Cluster cluster) {
        var app = App.create(cluster, "order", 3, PodBehaviour.READY);
        app.awaitReadyEndpoints(3);
        assertThat(app.endpoints())
                .allSatisfy(endpoint -> assertThat(endpoint.getAddresses())
                        .singleElement()
                        .asString()
                        .startsWith("10.244."));
    }

    @Test
    void roleBasedAccessIsEnforced(Cluster cluster) {
        var user = new ClusterUser("jane", List.of("developers"));
        try (var jane = cluster.controlPlane().newClient(user)) {
            Assertions.assertThatExceptionOfType(KubernetesClientException.class)
                    .isThrownBy(
                            () -> jane.pods().inNamespace(cluster.namespace()).list())
                    .satisfies(e -> assertThat(e.getCode()).isEqualTo(403));
            cluster.kubectl("create", "rolebinding", "jane", "--clusterrole=view", "--group=developers")
                    .orThrow();
            Await.until("jane may list pods", LIMIT, () -> canList(jane, cluster.namespace()));
        }
    }

    private static boolean canList(KubernetesClient client, String namespace) {
        try {
            return client.pods().inNamespace(namespace).list().getItems().isEmpty();
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    @Test
    void auditLogTellsWhoDidWhat(Cluster cluster) {
        App.create(cluster, "order", 1, PodBehaviour.READY).awaitReadyEndpoints(1);
        assertThat(cluster.audit())
                .anySatisfy(line -> assertThat(line)
                        .contains("\"verb\":\"create\"", "\"userAgent\":\"kubectl/", "\"resource\":\"deployments\"")
                        .contains("\"stage\":\"ResponseComplete\""))
                .anySatisfy(
                        line -> assertThat(line).contains("system:serviceaccount:kube-system:replicaset-controller"))
                .noneMatch(line -> line.contains("RequestReceived\""));
    }

    @Test
    void gatewayApiComesAndGoes(Cluster cluster) {
        var gatewayApi = cluster.controlPlane().gatewayApi();
        assertThat(cluster.kubectl("get", "httproutes.v1.gateway.networking.k8s.io")
                        .succeeded())
                .isTrue();
        gatewayApi.remove();
        assertThat(cluster.kubectl("get", "httproutes.v1.gateway.networking.k8s.io")
                        .succeeded())
                .isFalse();
        gatewayApi.install();
        assertThat(cluster.kubectl("get", "grpcroutes.v1.gateway.networking.k8s.io")
                        .succeeded())
                .isTrue();
    }

    @Test
    void survivesTheRestartOfEtcdAndApiServer(Cluster cluster) {
        var app = App.create(cluster, "order", 2, PodBehaviour.READY);
        app.awaitReadyEndpoints(2);
        cluster.controlPlane().restart(Component.ETCD);
        cluster.controlPlane().restart(Component.API_SERVER);
        cluster.kubectl("scale", "deployment", "order", "--replicas=4").orThrow();
        app.awaitReadyEndpoints(4);
    }

    @Test
    void frozenKwokCatchesUp(Cluster cluster) {
        cluster.controlPlane().stop(Component.KWOK);
        var app = App.create(cluster, "order", 2, PodBehaviour.READY);
        app.awaitPods("pending", 2, pod -> pod.getStatus().getPhase().equals("Pending"));
        cluster.controlPlane().cont(Component.KWOK);
        app.awaitReadyEndpoints(2);
    }
}
