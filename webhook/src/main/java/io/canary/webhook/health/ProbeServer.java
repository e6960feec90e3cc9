// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.health;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/// The plain HTTP server for the kubelet and for Prometheus: `/livez`, `/readyz`, `/metrics`. It tells no secrets.
public final class ProbeServer {
    private final Readiness readiness;
    private final Supplier<Future<Void>> heartbeat;
    private final Supplier<String> metrics;
    private final HttpServer server;

    private ProbeServer(
            Vertx vertx,
            String host,
            int port,
            Readiness readiness,
            Supplier<Future<Void>> heartbeat,
            Supplier<String> metrics) {
        this.readiness = readiness;
        this.heartbeat = heartbeat;
        this.metrics = metrics;
        HttpServerConfig config = new HttpServerConfig()
                .setVersions(HttpVersion.HTTP_1_1)
                .setIdleTimeout(Duration.ofSeconds(30))
                .setTcpHost(host)
                .setTcpPort(port);
        this.server = vertx.createHttpServer(config).requestHandler(this::answer);
    }

    /// Listens on `host` and `port` (0: any free one).
    ///
    /// @param heartbeat completes when the parts that must live do; a probe waits for it
    /// @param metrics in the Prometheus text format
    public static Future<ProbeServer> start(
            Vertx vertx,
            String host,
            int port,
            Readiness readiness,
            Supplier<Future<Void>> heartbeat,
            Supplier<String> metrics) {
        ProbeServer made = new ProbeServer(vertx, host, port, readiness, heartbeat, metrics);
        return made.server.listen().map(made);
    }

    public int port() {
        return server.actualPort();
    }

    private void answer(HttpServerRequest request) {
        if (!request.method().equals(HttpMethod.GET)) {
            request.response()
                    .setStatusCode(405)
                    .putHeader(HttpHeaders.ALLOW, "GET")
                    .end();
            return;
        }
        switch (Objects.requireNonNullElse(request.path(), "")) {
            case "/livez" -> heartbeat.get().onSuccess(_ -> text(request, 200, "ok\n"));
            case "/readyz" -> ready(request);
            case "/metrics" -> text(request, 200, metrics.get());
            default -> text(request, 404, "/livez, /readyz and /metrics are served here\n");
        }
    }

    private void ready(HttpServerRequest request) {
        List<String> failing = readiness.failing();
        if (failing.isEmpty()) {
            text(request, 200, "ok\n");
        } else {
            text(request, 503, "waiting for: " + String.join(", ", failing) + "\n");
        }
    }

    private static void text(HttpServerRequest request, int status, String text) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                .end(text);
    }
}
