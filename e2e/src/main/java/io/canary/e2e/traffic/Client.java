// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.canary.e2e.testbed.Addresses;
import io.canary.e2e.traffic.Outcome.Answered;
import io.canary.e2e.traffic.Outcome.Failed;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/// Sends requests to the Gateways' address, over connections that stay open: each is used for the next request when
/// the last one is answered.
public final class Client implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Buffer EMPTY_MESSAGE = Buffer.buffer(new byte[5]);

    private final SocketAddress gateway;
    private final int connections;
    private final Context context;
    private final HttpClient http;
    private final HttpClient h2c;

    /// @param gateway where the Gateways' requests are taken
    /// @param connections how many may be open to one host name at a time
    Client(Vertx vertx, SocketAddress gateway, int connections) {
        this.gateway = gateway;
        this.connections = connections;
        this.context = vertx.getOrCreateContext();
        var pool = new PoolOptions().setHttp1MaxSize(connections).setHttp2MaxSize(connections);
        var options = new HttpClientOptions().setKeepAliveTimeout(0);
        this.http = vertx.createHttpClient(options, pool);
        this.h2c = vertx.createHttpClient(
                new HttpClientOptions(options)
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false)
                        .setHttp2KeepAliveTimeout(0),
                pool);
    }

    /// Sends one request and waits for what becomes of it, 10 s at most.
    public Outcome send(Request request) {
        var at = Instant.now();
        var began = System.nanoTime();
        try {
            var answer = exchange(request).await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return outcome(request, answer, at, since(began));
        } catch (TimeoutException e) {
            return new Failed(at, since(began), "no answer within " + PATIENCE.toSeconds() + " s");
        } catch (Exception e) { // `await` throws what failed the future, checked or not
            return new Failed(at, since(began), e.toString());
        }
    }

    /// Sends so many, one after another on each of the client's connections, and waits for all.
    public Tally send(int count, Request request) {
        var left = new AtomicInteger(count);
        var outcomes = new ConcurrentLinkedQueue<Outcome>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < connections; i++) {
            threads.add(Thread.ofVirtual().name("client-" + i).start(() -> {
                while (left.getAndDecrement() > 0) {
                    outcomes.add(send(request));
                }
            }));
        }
        join(threads);
        return Tally.of(outcomes);
    }

    @Override
    public void close() {
        var _ = http.close();
        var _ = h2c.close();
    }

    static void join(List<Thread> threads) {
        try {
            for (var thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while requests are under way", e);
        }
    }

    private record Answer(HttpClientResponse response, Buffer body) {}

    /// Runs on the client's event loop from the start: else the body may have passed before somebody asks for it.
    private Future<Answer> exchange(Request request) {
        Promise<Answer> answer = Promise.promise();
        context.runOnContext(_ -> exchangeHere(request).onComplete(answer));
        return answer.future();
    }

    private Future<Answer> exchangeHere(Request request) {
        var options = new RequestOptions()
                .setServer(gateway)
                .setHost(request.host())
                .setPort(Addresses.GATEWAY_PORT)
                .setMethod(request.grpc() ? HttpMethod.POST : HttpMethod.GET)
                .setURI(request.path());
        request.headers().forEach(options::putHeader);
        var client = request.grpc() ? h2c : http;
        return client.request(options)
                .compose(opened -> send(opened, request))
                .compose(response -> response.body().map(body -> new Answer(response, body)));
    }

    private static Future<HttpClientResponse> send(HttpClientRequest opened, Request request) {
        return request.grpc()
                ? opened.putHeader("content-type", "application/grpc")
                        .putHeader("te", "trailers")
                        .send(EMPTY_MESSAGE)
                : opened.send();
    }

    private static Outcome outcome(Request request, Answer answer, Instant at, Duration took) {
        var response = answer.response();
        if (response.statusCode() != 200) {
            var text = answer.body().toString().strip();
            return new Failed(at, took, "status " + response.statusCode() + ": " + text);
        }
        return request.grpc() ? called(answer, at, took) : answered(answer, at, took);
    }

    /// An answer without a message may have its status among the headers.
    private static Outcome called(Answer answer, Instant at, Duration took) {
        var response = answer.response();
        var trailer = response.trailers().get("grpc-status");
        var status = trailer == null ? response.getHeader("grpc-status") : trailer;
        if (!"0".equals(status)) {
            return new Failed(at, took, "grpc-status " + (status == null ? "missing: " + answer.body() : status));
        }
        return new Answered(
                at,
                took,
                header(response, Backends.APP),
                header(response, Backends.VERSION),
                header(response, Backends.POD),
                Map.of(),
                Headers.of(response.headers()));
    }

    /// What the body says, as headers may be changed on the way.
    private static Outcome answered(Answer answer, Instant at, Duration took) {
        try {
            var body = answer.body().toJsonObject();
            Map<String, String> sent = new LinkedHashMap<>();
            body.getJsonObject("headers", new JsonObject())
                    .forEach(e -> sent.put(e.getKey(), String.valueOf(e.getValue())));
            return new Answered(
                    at,
                    took,
                    body.getString("app", ""),
                    body.getString("version", ""),
                    body.getString("pod", ""),
                    sent,
                    Headers.of(answer.response().headers()));
        } catch (DecodeException e) {
            return new Failed(at, took, "status 200, but not by a pod: " + answer.body());
        }
    }

    private static String header(HttpClientResponse response, String name) {
        return Objects.requireNonNullElse(response.getHeader(name), "");
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
