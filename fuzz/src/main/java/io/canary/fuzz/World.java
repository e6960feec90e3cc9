// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.RouteKind;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Policies;
import io.canary.domain.policy.PolicyReader;
import io.canary.webhook.admission.AdmissionHandler;
import io.canary.webhook.admission.PolicyMetrics;
import io.canary.webhook.kube.Deployments;
import io.canary.webhook.kube.Routes;
import io.canary.webhook.kube.Services;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A namespace `shop` with an app in the middle of a release, and the product's own handler that judges by
/// it: it knows policies, and grants every right.
final class World {
    static final JsonMapper JSON = JsonMapper.shared();
    static final String UID = "705ab4f5-6393-11e8-b7cc-42010a800002";
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
    private static final KubernetesSerialization MODELS = new KubernetesSerialization();

    private World() {}

    static final String V1 = deployment("v1", "");
    static final String V2 = deployment("v2", """
            "canary.io/weight": "10", "canary.io/app": "order", "canary.io/by": "alice",
            "canary.io/users": "cookie:canary=always, header:x-user-id=alice", "canary.io/hosts": "canary.shop.example"
            """);
    static final String ROOT = service("order", "{\"app\": \"order\"}", "", """
            "canary.io/stable": "v1", "canary.io/replicas": "10", "canary.io/scale-down-delay": "30s"
            """);
    static final String ROUTE = """
            {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
             "metadata": {"name": "shop", "namespace": "shop", "uid": "r", "generation": 1,
              "annotations": {"canary.io/managed": "true", "canary.io/by": "alice"}},
             "spec": {"parentRefs": [{"kind": "Gateway", "name": "public"}], "hostnames": ["shop.example"],
              "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
               "backendRefs": [{"kind": "Service", "name": "order", "port": 80, "weight": 1}]}]},
             "status": {"parents": []}}
            """;
    static final String OWN_ROUTE = """
            {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
             "metadata": {"name": "order", "namespace": "shop", "uid": "o", "generation": 4,
              "labels": {"canary.io/app": "order"}},
             "spec": {"parentRefs": [{"group": "", "kind": "Service", "name": "order", "port": 80}],
              "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "backendRefs": [
               {"group": "", "kind": "Service", "name": "order-v1", "port": 80, "weight": 90},
               {"group": "", "kind": "Service", "name": "order-v2", "port": 80, "weight": 10}]}]},
             "status": {"parents": [{"controllerName": "mesh",
              "parentRef": {"group": "", "kind": "Service", "name": "order", "port": 80},
              "conditions": [
               {"type": "Accepted", "status": "True", "reason": "Accepted", "observedGeneration": 4},
               {"type": "ResolvedRefs", "status": "True", "reason": "ResolvedRefs", "observedGeneration": 4}]}]}}
            """;
    static final String POLICY = """
            {"apiVersion": "canary.io/v1", "kind": "CanaryPolicy", "metadata": {"name": "defaults", "uid": "p"},
             "spec": {"match": {"excludeNamespaces": ["sandbox-*"]}, "maxWeight": 50, "maxStep": 25.5,
              "weightByAge": [{"after": "0s", "max": 10}, {"after": "10m", "max": 50}],
              "windows": [{"name": "weekend", "kind": "Deny", "schedule": "0 17 * * 5", "duration": "63h",
               "timeZone": "Europe/Amsterdam"}],
              "images": {"forbidLatest": true}, "hosts": {"allow": ["*.shop.example"]},
              "actionOverrides": {"images": ["Warn"]}, "breakGlass": "Allowed",
              "exemptions": [{"name": "x", "namespaces": ["a"], "rules": ["maxWeight"], "until": "2026-12-01T00:00:00Z",
               "reason": "because of this"}]}}
            """;

    /// As `AdmissionHandler` is made in the product, but for the cluster behind it.
    static final AdmissionHandler HANDLER = new AdmissionHandler(
            World::view,
            World::policies,
            (_, questions) -> questions.stream().collect(Collectors.toMap(right -> right, _ -> true)),
            new PolicyMetrics(new SimpleMeterRegistry()),
            () -> NOW,
            "system:serviceaccount:canary-system:canary");

    static ObjectNode object(String json) {
        return (ObjectNode) JSON.readTree(json);
    }

    private static String deployment(String version, String annotations) {
        return """
                {"apiVersion": "apps/v1", "kind": "Deployment",
                 "metadata": {"name": "order-%1$s", "namespace": "shop", "uid": "u-%1$s",
                  "creationTimestamp": "2026-11-30T11:00:00Z", "labels": {"app": "order"}, "annotations": {%2$s}},
                 "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "order", "version": "%1$s"}},
                  "template": {"metadata": {"labels": {"app": "order", "version": "%1$s"}},
                   "spec": {"containers": [{"name": "order", "image": "registry.example/order:%1$s",
                    "ports": [{"containerPort": 8080}]}]}}}}
                """.formatted(version, annotations);
    }

    private static String service(String name, String selector, String labels, String annotations) {
        return """
                {"apiVersion": "v1", "kind": "Service",
                 "metadata": {"name": "%s", "namespace": "shop", "uid": "s-%s", "labels": {%s}, "annotations": {%s}},
                 "spec": {"type": "ClusterIP", "clusterIP": "10.96.0.10", "selector": %s,
                  "ports": [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}]}}
                """.formatted(name, name, labels, annotations, selector);
    }

    private static final NamespaceView SHOP = new NamespaceView(
            "shop",
            List.of(
                    Deployments.facts(MODELS.unmarshal(V1, Deployment.class)),
                    Deployments.facts(MODELS.unmarshal(V2, Deployment.class))),
            List.of(
                    Services.facts(MODELS.unmarshal(ROOT, Service.class)),
                    Services.facts(MODELS.unmarshal(ofVersion("v1"), Service.class)),
                    Services.facts(MODELS.unmarshal(ofVersion("v2"), Service.class))),
            List.of(
                    Routes.facts(RouteKind.HTTP, MODELS.unmarshal(ROUTE, GenericKubernetesResource.class)),
                    Routes.facts(RouteKind.HTTP, MODELS.unmarshal(OWN_ROUTE, GenericKubernetesResource.class))),
            Map.of(
                    "order", Set.of("order-v1-5d8f7c9b6-abcde", "order-v2-5d8f7c9b6-abcde"),
                    "order-v1", Set.of("order-v1-5d8f7c9b6-abcde"),
                    "order-v2", Set.of("order-v2-5d8f7c9b6-abcde")),
            Map.of(),
            Map.of(),
            Map.of(RouteKind.HTTP, "v1.4.0", RouteKind.GRPC, "v1.4.0"),
            List.of(),
            Map.of());
    private static final Policies POLICIES = Policies.of("shop", Map.of("env", "prod"), List.of(policy()));

    private static String ofVersion(String version) {
        return service(
                "order-" + version,
                "{\"app\": \"order\", \"version\": \"%s\"}".formatted(version),
                "\"canary.io/app\": \"order\"",
                "");
    }

    private static io.canary.domain.policy.Policy policy() {
        PolicyReader.Read read = PolicyReader.read(JsonObject.of(JSON.readValue(POLICY, Map.class)));
        if (!read.problems().isEmpty()) {
            throw new IllegalStateException(read.problems().toString());
        }
        return read.policy();
    }

    private static NamespaceView view(String namespace) {
        return namespace.equals("shop")
                ? SHOP
                : new NamespaceView(
                        namespace, List.of(), List.of(), List.of(), Map.of(), Map.of(), Map.of(), Map.of(), List.of(),
                        Map.of());
    }

    private static Policies policies(String namespace) {
        return namespace.equals("shop") ? POLICIES : Policies.none(namespace);
    }

    /// A review as an API server sends it; of `object` and `old` one may be JSON's null.
    static ObjectNode review(String operation, JsonNode object, JsonNode old) {
        JsonNode any = object.isObject() ? object : old;
        String kind = any.path("kind").asString("");
        String version = any.path("apiVersion").asString("");
        String group = version.contains("/") ? version.substring(0, version.indexOf('/')) : "";
        ObjectNode review = JSON.createObjectNode();
        review.put("apiVersion", "admission.k8s.io/v1").put("kind", "AdmissionReview");
        ObjectNode request = review.putObject("request").put("uid", UID);
        request.putObject("kind").put("group", group).put("version", "v1").put("kind", kind);
        request.putObject("resource")
                .put("group", group)
                .put("version", "v1")
                .put("resource", PLURALS.getOrDefault(kind, ""));
        request.put("name", any.at("/metadata/name").asString(""))
                .put("namespace", any.at("/metadata/namespace").asString(""))
                .put("operation", operation);
        request.putObject("userInfo")
                .put("username", "alice")
                .putArray("groups")
                .add("devs");
        request.set("object", object);
        request.set("oldObject", old);
        request.put("dryRun", false);
        return review;
    }

    private static final Map<String, String> PLURALS = Map.of(
            "Deployment", "deployments",
            "Service", "services",
            "HTTPRoute", "httproutes",
            "GRPCRoute", "grpcroutes",
            "CanaryPolicy", "canarypolicies");
}
