// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What HorizontalPodAutoscalers measure by, as tests say it: a stand-in for metrics-server (`metrics.k8s.io`) and for
/// an adapter such as KEDA's (`external.metrics.k8s.io`), behind the API server's aggregation layer.
///
/// The CPU load of a Deployment is spread over its pods evenly, so that more pods make each of them idler.
public final class MetricsApi implements AutoCloseable {
    private static final int PORT = 8446;
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final String PODS = "metrics.k8s.io";
    private static final String EXTERNAL = "external.metrics.k8s.io";
    private static final Pattern PODS_PATH =
            Pattern.compile("/apis/metrics\\.k8s\\.io/v1beta1/namespaces/([^/]+)/pods");
    private static final Pattern EXTERNAL_PATH =
            Pattern.compile("/apis/external\\.metrics\\.k8s\\.io/v1beta1/namespaces/([^/]+)/([^/]+)");
    private static final Pattern REPLICA_SET_HASH = Pattern.compile("-[^-]+$");

    private final Vertx vertx = Vertx.vertx();
    private final KubernetesClient client;
    private final Map<String, Long> cpu = new ConcurrentHashMap<>();
    private final Map<String, Long> external = new ConcurrentHashMap<>();

    private MetricsApi(KubernetesClient client) {
        this.client = client;
    }

    /// Returns when the API server serves both groups.
    static MetricsApi start(ControlPlane cluster) {
        MetricsApi api = new MetricsApi(cluster.client());
        TestAuthority.Credentials serving =
                cluster.authority().serving(List.of("metrics.kube-system.svc"), List.of(Addresses.API_SERVER_HOST));
        var options = new HttpServerOptions()
                .setSsl(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertValue(Buffer.buffer(serving.certificate()))
                        .addKeyValue(Buffer.buffer(serving.key())));
        var _ = api.vertx
                .createHttpServer(options)
                .requestHandler(api::answer)
                .listen(PORT, Addresses.API_SERVER_HOST)
                .await();
        cluster.kubectl(REGISTRATION, List.of("apply", "-f", "-")).orThrow();
        Await.until(
                "the metrics are served",
                START_LIMIT,
                () -> List.of(PODS, EXTERNAL).stream()
                        .allMatch(group -> cluster.kubectl("get", "--raw", "/apis/" + group + "/v1beta1")
                                .succeeded()));
        return api;
    }

    /// Makes the pods of a Deployment use so much CPU together.
    ///
    /// @param milliCpu thousandths of a core
    public void cpu(String namespace, String deployment, long milliCpu) {
        cpu.put(namespace + "/" + deployment, milliCpu);
    }

    /// Sets an external metric, as the length of a queue.
    public void external(String namespace, String metric, long value) {
        external.put(namespace + "/" + metric, value);
    }

    @Override
    public void close() {
        var _ = vertx.close().await();
    }

    private void answer(HttpServerRequest request) {
        // Reading pods blocks.
        var _ = vertx.<JsonObject>executeBlocking(() -> body(request), false).onComplete(done -> {
            if (done.succeeded()) {
                request.response()
                        .putHeader("content-type", "application/json")
                        .end(done.result().encode());
            } else {
                boolean unknown = done.cause() instanceof IllegalArgumentException;
                request.response()
                        .setStatusCode(
                                unknown ? HttpURLConnection.HTTP_NOT_FOUND : HttpURLConnection.HTTP_INTERNAL_ERROR)
                        .end(String.valueOf(done.cause()));
            }
        });
    }

    private JsonObject body(HttpServerRequest request) {
        String path = Objects.requireNonNullElse(request.path(), "");
        Matcher pods = PODS_PATH.matcher(path);
        if (pods.matches()) {
            return podMetrics(pods.group(1), request.getParam("labelSelector", ""));
        }
        Matcher value = EXTERNAL_PATH.matcher(path);
        if (value.matches()) {
            return externalMetric(value.group(1), value.group(2));
        }
        if (path.equals("/apis/" + PODS + "/v1beta1")) {
            return resources(PODS, "pods", "PodMetrics");
        }
        if (path.equals("/apis/" + EXTERNAL + "/v1beta1")) {
            return resources(EXTERNAL, "externalmetrics", "ExternalMetricValueList");
        }
        throw new IllegalArgumentException("not served: " + path);
    }

    private static JsonObject resources(String group, String name, String kind) {
        return new JsonObject()
                .put("kind", "APIResourceList")
                .put("apiVersion", "v1")
                .put("groupVersion", group + "/v1beta1")
                .put(
                        "resources",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("name", name)
                                        .put("singularName", "")
                                        .put("namespaced", true)
                                        .put("kind", kind)
                                        .put("verbs", new JsonArray().add("get").add("list"))));
    }

    private JsonObject podMetrics(String namespace, String selector) {
        List<Pod> pods = client.pods()
                .inNamespace(namespace)
                .withLabelSelector(selector)
                .list()
                .getItems();
        JsonArray items = new JsonArray();
        for (Pod pod : pods) {
            String deployment = deployment(pod);
            long sharing = pods.stream()
                    .filter(each -> deployment(each).equals(deployment))
                    .count();
            long milli = cpu.getOrDefault(namespace + "/" + deployment, 0L) / sharing;
            items.add(new JsonObject()
                    .put(
                            "metadata",
                            new JsonObject()
                                    .put("namespace", namespace)
                                    .put("name", pod.getMetadata().getName()))
                    .put("timestamp", now())
                    .put("window", "1s")
                    .put(
                            "containers",
                            new JsonArray()
                                    .add(new JsonObject()
                                            .put(
                                                    "name",
                                                    pod.getSpec()
                                                            .getContainers()
                                                            .getFirst()
                                                            .getName())
                                            .put(
                                                    "usage",
                                                    new JsonObject()
                                                            .put("cpu", milli + "m")
                                                            .put("memory", "64Mi")))));
        }
        return list("metrics.k8s.io/v1beta1", "PodMetricsList", items);
    }

    private static String deployment(Pod pod) {
        return pod.getMetadata().getOwnerReferences().stream()
                .map(OwnerReference::getName)
                .map(name -> REPLICA_SET_HASH.matcher(name).replaceFirst(""))
                .findFirst()
                .orElse("");
    }

    private JsonObject externalMetric(String namespace, String metric) {
        JsonArray items = new JsonArray();
        Long value = external.get(namespace + "/" + metric);
        if (value != null) {
            items.add(new JsonObject()
                    .put("metricName", metric)
                    .put("metricLabels", new JsonObject())
                    .put("timestamp", now())
                    .put("value", value.toString()));
        }
        return list("external.metrics.k8s.io/v1beta1", "ExternalMetricValueList", items);
    }

    private static JsonObject list(String apiVersion, String kind, JsonArray items) {
        return new JsonObject()
                .put("kind", kind)
                .put("apiVersion", apiVersion)
                .put("metadata", new JsonObject())
                .put("items", items);
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /// The Service has no selector: its one endpoint is this process.
    private static final String REGISTRATION = """
            apiVersion: v1
            kind: Service
            metadata: {name: metrics, namespace: kube-system}
            spec:
              ports: [{port: 443, targetPort: %1$d}]
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: metrics, namespace: kube-system, labels: {kubernetes.io/service-name: metrics}}
            addressType: IPv4
            ports: [{port: %1$d}]
            endpoints: [{addresses: [%2$s], conditions: {ready: true}}]
            ---
            apiVersion: apiregistration.k8s.io/v1
            kind: APIService
            metadata: {name: v1beta1.metrics.k8s.io}
            spec:
              group: metrics.k8s.io
              version: v1beta1
              groupPriorityMinimum: 100
              versionPriority: 100
              insecureSkipTLSVerify: true
              service: {name: metrics, namespace: kube-system}
            ---
            apiVersion: apiregistration.k8s.io/v1
            kind: APIService
            metadata: {name: v1beta1.external.metrics.k8s.io}
            spec:
              group: external.metrics.k8s.io
              version: v1beta1
              groupPriorityMinimum: 100
              versionPriority: 100
              insecureSkipTLSVerify: true
              service: {name: metrics, namespace: kube-system}
            """.formatted(PORT, Addresses.API_SERVER_HOST);
}
