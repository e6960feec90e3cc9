// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Probes and metrics over HTTP.
class ProbeServerTest {
    private final Vertx vertx = Vertx.vertx();
    private final AtomicBoolean synced = new AtomicBoolean();
    private final Readiness readiness = new Readiness(checks(synced));
    private Future<Void> heartbeat = Future.succeededFuture();
    private final ProbeServer server = ProbeServer.start(
                    vertx, "127.0.0.1", 0, readiness, () -> heartbeat, () -> "canary 1\n")
            .await();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void aProcessThatWaitsSaysForWhat() throws Exception {
        HttpResponse<String> answer = get("/readyz");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("waiting for: caches\n");
    }

    @Test
    void aProcessIsReadyWhenAllChecksHold() throws Exception {
        synced.set(true);

        assertThat(get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void aDrainingProcessIsNotReadyButLives() throws Exception {
        synced.set(true);
        readiness.drain();

        assertThat(get("/readyz").body()).isEqualTo("waiting for: not draining\n");
        assertThat(get("/livez").statusCode()).isEqualTo(200);
    }

    @Test
    void whoseHeartDoesNotBeatDoesNotAnswer() throws Exception {
        Promise<Void> blocked = Promise.promise();
        heartbeat = blocked.future();
        try (HttpClient client = HttpClient.newHttpClient()) {
            CompletableFuture<HttpResponse<String>> probe =
                    client.sendAsync(request("/livez"), HttpResponse.BodyHandlers.ofString());
            assertThatThrownBy(() -> probe.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            blocked.complete();
            assertThat(probe.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void metricsAreGivenAsText() throws Exception {
        assertThat(get("/metrics").body()).isEqualTo("canary 1\n");
    }

    @Test
    void nothingElseIsServed() throws Exception {
        assertThat(get("/").statusCode()).isEqualTo(404);
    }

    private static Map<String, BooleanSupplier> checks(AtomicBoolean synced) {
        Map<String, BooleanSupplier> checks = new LinkedHashMap<>();
        checks.put("certificate", () -> true);
        checks.put("caches", synced::get);
        return checks;
    }

    private HttpResponse<String> get(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request(path), HttpResponse.BodyHandlers.ofString());
        }
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .build();
    }
}
