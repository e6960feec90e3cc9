// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.canary.e2e.testbed.Addresses;
import io.canary.e2e.testbed.ClusterUser;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.TestAuthority;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Calls the API server as an administrator, over a few HTTP/2 connections that stay open; no reads before
/// writes, and no retries but by [#asClientsDo]. Not the product's client, so that the two share no faults.
///
/// A connection carries no more calls at once than the API server allows; further ones wait, and their time
/// runs.
public final class ApiCalls implements AutoCloseable {
    public static final String JSON = "application/json";
    public static final String MERGE = "application/merge-patch+json";

    private static final int CONNECTIONS = 10;
    private static final int CALLS_AT_ONCE = 60; // on one connection; the API server allows 100
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int AGAIN = 10;

    private final String server;
    private final List<Connection> connections;
    private final AtomicInteger turn = new AtomicInteger();

    private record Connection(HttpClient client, Semaphore free) {}

    /// How a call ended.
    ///
    /// @param status HTTP status; 0 where no answer came
    /// @param text the answer, or why there was none
    /// @param retryAfter in how many seconds to ask again; 0 where that was not asked for
    /// @param sent, answered by [System#nanoTime()]
    public record Answer(int status, String text, int retryAfter, long sent, long answered) {
        public boolean succeeded() {
            return status >= 200 && status < 300;
        }

        /// This answer, where nothing can go on without it.
        public Answer required() {
            if (!succeeded()) {
                throw new IllegalStateException("the API server said " + status + ": " + text);
            }
            return this;
        }
    }

    public ApiCalls(ControlPlane cluster) {
        this(cluster, Addresses.API_SERVER);
    }

    /// @param server which API server, as `https://10.250.0.1:6443`
    public ApiCalls(ControlPlane cluster, String server) {
        this.server = server;
        SSLContext context = context(cluster.authority());
        connections = Stream.generate(() -> new Connection(
                        HttpClient.newBuilder().sslContext(context).build(), new Semaphore(CALLS_AT_ONCE)))
                .limit(CONNECTIONS)
                .toList();
    }

    /// Calls as kubectl and client-go do: again after the time that a refusal asks for, which counts, ten times at
    /// most.
    ///
    /// @param again counts how often
    public static Answer asClientsDo(Supplier<Answer> call, LongAdder again) {
        Answer answer = call.get();
        for (int i = 0; i < AGAIN && !answer.succeeded() && answer.retryAfter() > 0; i++) {
            again.increment();
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(answer.retryAfter()));
            answer = call.get();
        }
        return answer;
    }

    public Answer create(String path, String object) {
        return send("POST", path, JSON, object);
    }

    public Answer merge(String path, String patch) {
        return send("PATCH", path, MERGE, patch);
    }

    public Answer get(String path) {
        return send("GET", path, JSON, "");
    }

    private Answer send(String method, String path, String type, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server + path))
                .timeout(LIMIT)
                .header("Content-Type", type)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        Connection connection = connections.get(Math.floorMod(turn.getAndIncrement(), CONNECTIONS));
        long sent = System.nanoTime();
        connection.free().acquireUninterruptibly();
        try {
            var answer = connection.client().send(request, BodyHandlers.ofString());
            int retryAfter = answer.headers()
                    .firstValue("Retry-After")
                    .filter(text -> text.matches("[0-9]{1,4}")) // never a date from an API server
                    .map(Integer::parseInt)
                    .orElse(0);
            return new Answer(answer.statusCode(), answer.body(), retryAfter, sent, System.nanoTime());
        } catch (IOException e) {
            return new Answer(0, e.toString(), 0, sent, System.nanoTime());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while calling the API server", e);
        } finally {
            connection.free().release();
        }
    }

    @Override
    public void close() {
        connections.forEach(connection -> connection.client().shutdownNow());
    }

    static SSLContext context(TestAuthority authority) {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry("testbed", certificate(authority.certificatePem()));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(authority.client(ClusterUser.ADMIN).keyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot sign in to the cluster", e);
        }
    }

    private static Certificate certificate(String pem) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(UTF_8)));
    }
}
