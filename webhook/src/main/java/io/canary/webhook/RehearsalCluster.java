// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// As much of an API server as a start asks for: one object of each kind, watches that tell nothing, no
/// certificates and no Lease before they are made. What is written it gives back; only Secrets it keeps.
final class RehearsalCluster {
    private static final String METADATA =
            "\"metadata\": {\"name\": \"rehearsal\", \"namespace\": \"rehearsal\", \"uid\": \"1\", \"resourceVersion\": \"1\"}";
    private static final String NOT_FOUND =
            "{\"apiVersion\": \"v1\", \"kind\": \"Status\", \"status\": \"Failure\", \"reason\": \"NotFound\", \"code\": 404}";

    /// The rest of the one object of a kind, by the last part of the path.
    private static final Map<String, String> OBJECTS = Map.of(
            "deployments", """
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "rehearsal"}},
              "template": {"metadata": {"labels": {"app": "rehearsal"}},
                "spec": {"containers": [{"name": "main", "image": "rehearsal:1", "env": [{"name": "A", "value": "b"}]}]}}}
            """,
            "services", """
            "spec": {"selector": {"app": "rehearsal"}, "ports": [{"port": 80, "targetPort": 80}], "type": "ClusterIP"}
            """,
            "endpointslices", """
            "addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": true}}]
            """,
            "customresourcedefinitions", """
            "spec": {"group": "gateway.networking.k8s.io", "scope": "Namespaced",
              "names": {"kind": "HTTPRoute", "plural": "httproutes"},
              "versions": [{"name": "v1", "served": true, "storage": true}]},
            "status": {"conditions": [{"type": "Established", "status": "True"}]}
            """,
            "httproutes", """
            "spec": {"parentRefs": [{"group": "", "kind": "Service", "name": "rehearsal", "port": 80}]}
            """);

    private final Map<String, Buffer> secrets = new ConcurrentHashMap<>();

    private RehearsalCluster() {}

    /// Listens on a free port of 127.0.0.1, and tells it.
    static int start(Vertx vertx) {
        return vertx.createHttpServer()
                .requestHandler(new RehearsalCluster()::answer)
                .listen(0, "127.0.0.1")
                .await()
                .actualPort();
    }

    private Buffer kept(String last, Buffer body) {
        if (last.equals("secrets")) {
            secrets.put(body.toJsonObject().getJsonObject("metadata").getString("name"), body);
        } else if (last.startsWith("canary-webhook-")) {
            secrets.put(last, body);
        }
        return body;
    }

    private void answer(HttpServerRequest request) {
        HttpServerResponse response = request.response().putHeader("Content-Type", "application/json");
        String path = request.path() == null ? "" : request.path();
        String last = path.substring(path.lastIndexOf('/') + 1);
        if (!request.method().equals(HttpMethod.GET)) {
            request.body().onSuccess(body -> response.end(kept(last, body)));
        } else if ("true".equals(request.getParam("watch"))) {
            response.setChunked(true).writeHead();
        } else if (secrets.containsKey(last)) {
            response.end(secrets.get(last));
        } else if (last.startsWith("canary-webhook-") || last.equals("canary")) {
            response.setStatusCode(404).end(NOT_FOUND);
        } else {
            response.end(list(last));
        }
    }

    private static String list(String kind) {
        String object = OBJECTS.get(kind);
        String items = object == null ? "" : "{" + METADATA + ", " + object + "}";
        return "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"metadata\": {\"resourceVersion\": \"1\"}, \"items\": ["
                + items + "]}";
    }
}
