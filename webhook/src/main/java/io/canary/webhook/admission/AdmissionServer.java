// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.certs.Credentials;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The HTTPS server that the API server calls: TLS 1.3, HTTP/1.1 and HTTP/2, two paths, strict limits.
///
/// Reading and writing stay on one event loop; decisions run on virtual threads, see [Decisions].
public final class AdmissionServer {
    private final Context loop;
    private final Vertx vertx;
    private final AdmissionLimits limits;
    private final AdmissionMetrics metrics;
    private final ConnectionWatch connections;
    private final BodyReader bodies;
    private final Decisions decisions;
    private final ClientRefusals refusals;
    private final HttpServer server;
    private Credentials credentials;
    private @Nullable Clients clients;
    private @Nullable X509Certificate ourselves;
    private int requests;
    private volatile boolean draining;

    private AdmissionServer(
            Vertx vertx,
            String host,
            int port,
            Credentials credentials,
            @Nullable Clients clients,
            AdmissionLimits limits,
            AdmissionEndpoint endpoint,
            AdmissionMetrics metrics) {
        this.credentials = credentials;
        this.clients = clients;
        this.ourselves = credentials.leaf();
        this.refusals = new ClientRefusals(metrics, System::nanoTime);
        this.vertx = vertx;
        this.loop = vertx.getOrCreateContext();
        this.limits = limits;
        this.metrics = metrics;
        this.connections = new ConnectionWatch(vertx, limits);
        this.bodies = new BodyReader(vertx, limits);
        this.decisions = new Decisions(endpoint, limits);
        HttpServerConfig config = new HttpServerConfig()
                .setVersions(HttpVersion.HTTP_1_1, HttpVersion.HTTP_2)
                .setTcpHost(host)
                .setTcpPort(port);
        this.server = vertx.createHttpServer(config, tls())
                .exceptionHandler(refusals::failed)
                .connectionHandler(connections::opened)
                .requestHandler(this::receive);
    }

    /// Listens on `host` and `port` (0: any free one); the future fails if that is not possible.
    ///
    /// @param credentials what is served with; who holds them may call until [#endWarmUp()]
    /// @param clients who may call; null for everybody
    public static Future<AdmissionServer> start(
            Vertx vertx,
            String host,
            int port,
            Credentials credentials,
            @Nullable Clients clients,
            AdmissionLimits limits,
            AdmissionEndpoint endpoint,
            AdmissionMetrics metrics) {
        return Future.future(started -> vertx.getOrCreateContext().runOnContext(_ -> {
            AdmissionServer made =
                    new AdmissionServer(vertx, host, port, credentials, clients, limits, endpoint, metrics);
            made.server.listen().map(made).onComplete(started);
        }));
    }

    public int port() {
        return server.actualPort();
    }

    /// New connections get the new certificate; those that stand are left alone.
    public synchronized Future<Void> reload(Credentials renewed) {
        credentials = renewed;
        return server.updateSSLOptions(tls()).mapEmpty();
    }

    /// From now on these may open connections; those that stand are left alone, and no session of before is
    /// resumed.
    public synchronized Future<Void> admit(Clients others) {
        clients = others;
        return server.updateSSLOptions(tls()).mapEmpty();
    }

    /// From now on we are a client like others, who have to be let in.
    public synchronized Future<Void> endWarmUp() {
        ourselves = null;
        return clients == null
                ? Future.succeededFuture()
                : server.updateSSLOptions(tls()).mapEmpty();
    }

    /// Completes as soon as the event loop has time: a loop that is stuck never does.
    public Future<Void> heartbeat() {
        return Future.future(beat -> loop.runOnContext(_ -> beat.complete()));
    }

    /// From now on each answer asks the client to take another connection, which leads it to another process.
    public void drain() {
        draining = true;
    }

    /// Refuses new connections, lets requests in flight end for at most `grace`.
    public Future<Void> shutdown(Duration grace) {
        return server.shutdown(grace);
    }

    // Without C2 (see the manifest) the JVM has no AES instructions: ChaCha20, which needs none, first.
    private ServerSSLOptions tls() {
        ServerSSLOptions options = new ServerSSLOptions()
                .setKeyCertOptions(KeyCertOptions.wrap(new LeafKey(credentials)))
                .setUseAlpn(true)
                .setApplicationLayerProtocols(List.of("h2", "http/1.1"))
                .addEnabledCipherSuite("TLS_CHACHA20_POLY1305_SHA256")
                .addEnabledCipherSuite("TLS_AES_128_GCM_SHA256")
                .addEnabledCipherSuite("TLS_AES_256_GCM_SHA384")
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"));
        return clients == null
                ? options
                : options.setClientAuth(ClientAuth.REQUIRED)
                        .setTrustOptions(TrustOptions.wrap(new ClientCheck(clients, ourselves, refusals)));
    }

    private void receive(HttpServerRequest request) {
        String path = Objects.requireNonNullElse(request.path(), "");
        Exchange exchange = new Exchange(request, System.nanoTime());
        exchange.begin();
        switch (RequestHead.of(request.method(), path, request.headers(), limits.bodyBytes())) {
            case RequestHead.Refused(HttpAnswer answer) -> exchange.refuse(answer);
            case RequestHead.Expected(Hook hook, String contentType) -> exchange.read(hook, contentType);
        }
    }

    /// One request and its answer, on the event loop.
    private final class Exchange {
        private final HttpServerRequest request;
        private final HttpServerResponse response;
        private final long start;
        private Optional<Hook> hook = Optional.empty();
        private boolean over;

        Exchange(HttpServerRequest request, long start) {
            this.request = request;
            this.response = request.response();
            this.start = start;
        }

        void begin() {
            requests++;
            metrics.began();
            connections.requestBegan(request.connection());
        }

        void read(Hook asked, String contentType) {
            hook = Optional.of(asked);
            if (requests > limits.requests()) {
                refuse(HttpAnswer.refused(503, "too many requests at once; try again"));
                return;
            }
            if (request.headers().contains(HttpHeaders.EXPECT, HttpHeaders.CONTINUE, true)) {
                response.writeContinue();
            }
            bodies.read(request).onSuccess(outcome -> {
                switch (outcome) {
                    case BodyReader.Outcome.Complete(byte[] body) -> decide(asked, contentType, body);
                    case BodyReader.Outcome.Refused(HttpAnswer answer) -> refuse(answer);
                    case BodyReader.Outcome.Gone() -> end("gone");
                }
            });
        }

        private void decide(Hook asked, String contentType, byte[] body) {
            decisions.decide(
                    asked,
                    contentType,
                    body,
                    answer -> loop.runOnContext(_ -> {
                        bodies.release(body.length);
                        if (response.closed()) {
                            end("gone");
                        } else {
                            write(answer, draining || answer.elsewhere());
                        }
                    }));
        }

        /// Answers without having read the body.
        void refuse(HttpAnswer answer) {
            write(answer, true);
            RefusedBody.drop(vertx, request, limits);
        }

        private void write(HttpAnswer answer, boolean close) {
            response.setStatusCode(answer.status()).putHeader(HttpHeaders.CONTENT_TYPE, answer.contentType());
            if (answer.status() == 405) {
                response.putHeader(HttpHeaders.ALLOW, "POST");
            }
            if (close && request.version() != HttpVersion.HTTP_2) {
                response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            }
            response.end(Buffer.buffer(answer.body())).onComplete(_ -> end(answer.decision()));
        }

        private void end(String decision) {
            if (!over) {
                over = true;
                requests--;
                connections.requestEnded(request.connection());
                metrics.ended(hook, decision, System.nanoTime() - start);
            }
        }
    }
}
