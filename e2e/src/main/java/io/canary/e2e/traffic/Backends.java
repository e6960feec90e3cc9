// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The containers of all pods that KWOK plays: one server on port 9080 of every pod address, which answers as the pod
/// whose address was dialled.
///
/// HTTP/1.1 and HTTP/2 without TLS. A request is answered with 200 and JSON of `app`, `version`, `pod` and the
/// `headers` that came; a gRPC call with an empty message and status 0. Headers of every answer name app,
/// version and pod too. A connection to an address of no ready pod is reset, and so are those to a pod that stops to be
/// one: a
/// lost endpoint is a failure to whoever still sends there.
public final class Backends implements AutoCloseable {
    /// The `targetPort` of Services whose pods shall answer.
    public static final int PORT = 9080;

    static final String APP = "canary-test-app";
    static final String VERSION = "canary-test-version";
    static final String POD = "canary-test-pod";

    private static final Buffer EMPTY_MESSAGE = Buffer.buffer(new byte[5]);

    private final ReadyPods pods;
    private final HttpServer server;
    private final Map<String, Set<HttpConnection>> connections = new ConcurrentHashMap<>();
    private final Map<String, ConcurrentLinkedQueue<Served>> served = new ConcurrentHashMap<>();

    /// Returns when it answers.
    ///
    /// @param client of somebody who may watch all pods
    Backends(Vertx vertx, KubernetesClient client) {
        pods = new ReadyPods(client, this::cut);
        server = vertx.createHttpServer(new HttpServerOptions().setSoLinger(0))
                .connectionHandler(this::connected)
                .requestHandler(this::answer);
        var _ = server.listen(PORT, "0.0.0.0").await();
    }

    /// What arrived at pods of a namespace since then, in order.
    List<Served> served(String namespace) {
        return List.copyOf(log(namespace));
    }

    /// Forgets what arrived at pods of a namespace.
    void forget(String namespace) {
        served.remove(namespace);
    }

    @Override
    public void close() {
        var _ = server.close().await();
        pods.close();
    }

    private ConcurrentLinkedQueue<Served> log(String namespace) {
        return served.computeIfAbsent(namespace, _ -> new ConcurrentLinkedQueue<>());
    }

    private void connected(HttpConnection connection) {
        var address = connection.localAddress().hostAddress();
        var mine = connections.computeIfAbsent(address, _ -> ConcurrentHashMap.newKeySet());
        mine.add(connection);
        connection.closeHandler(_ -> mine.remove(connection));
        if (pods.at(address).isEmpty()) { // asked after it was noted: a pod that leaves now finds it there
            var _ = connection.close();
        }
    }

    private void cut(String address) {
        connections.getOrDefault(address, Set.of()).forEach(connection -> {
            var _ = connection.close();
        });
    }

    private void answer(HttpServerRequest request) {
        pods.at(request.localAddress().hostAddress()).ifPresentOrElse(pod -> answer(pod, request), () -> {
            var _ = request.connection().close();
        });
    }

    private void answer(Played pod, HttpServerRequest request) {
        var seen = seen(pod, request);
        log(pod.namespace()).add(seen);
        var response = request.response()
                .putHeader(APP, pod.app())
                .putHeader(VERSION, pod.version())
                .putHeader(POD, pod.name());
        if (Objects.requireNonNullElse(request.getHeader("content-type"), "").startsWith("application/grpc")) {
            answerCall(response);
        } else {
            var body = new JsonObject()
                    .put("app", pod.app())
                    .put("version", pod.version())
                    .put("pod", pod.name())
                    .put("headers", new JsonObject(Map.copyOf(seen.headers())));
            var _ = response.putHeader("content-type", "application/json").end(body.encode() + "\n");
        }
    }

    private static void answerCall(HttpServerResponse response) {
        var _ = response.putHeader("content-type", "application/grpc")
                .putTrailer("grpc-status", "0")
                .end(EMPTY_MESSAGE);
    }

    private static Served seen(Played pod, HttpServerRequest request) {
        var host = request.authority() == null ? "" : request.authority().toString();
        return new Served(
                Instant.now(),
                pod.namespace(),
                pod.app(),
                pod.version(),
                pod.name(),
                request.version().name(),
                request.method().name(),
                host,
                Objects.requireNonNullElse(request.path(), ""),
                Headers.of(request.headers()));
    }
}
