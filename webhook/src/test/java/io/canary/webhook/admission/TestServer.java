// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.canary.certs.Authority;
import io.canary.certs.CertificateAuthority;
import io.canary.certs.Credentials;
import io.canary.certs.Lifetimes;
import io.canary.certs.ServiceIdentity;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// An admission server on a free port of this machine, and clients that trust it.
final class TestServer implements AutoCloseable {
    static final String NAME = "localhost";
    static final AdmissionLimits LIMITS = AdmissionLimits.DEFAULT;

    private static final CertificateAuthority ISSUER =
            new CertificateAuthority(new ServiceIdentity("canary-webhook", "t"), Lifetimes.DEFAULT, new SecureRandom());
    private static final Authority AUTHORITY = ISSUER.found(Instant.EPOCH, Duration.ofDays(36_500));

    final Credentials credentials;
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final AdmissionServer server;
    private final Vertx vertx = Vertx.vertx();

    TestServer(AdmissionLimits limits, AdmissionEndpoint endpoint) {
        this(null, limits, endpoint);
    }

    /// @param clients who may call; null for everybody
    TestServer(@Nullable Clients clients, AdmissionLimits limits, AdmissionEndpoint endpoint) {
        credentials = issue();
        AdmissionMetrics metrics = new AdmissionMetrics(registry);
        metrics.startCounting();
        server = AdmissionServer.start(vertx, "127.0.0.1", 0, credentials, clients, limits, endpoint, metrics)
                .await();
    }

    /// Answers with the hook's name and the number of bytes it got.
    static TestServer echoing(AdmissionLimits limits) {
        return new TestServer(limits, (hook, _, body) -> ok("%s %d".formatted(hook, body.length)));
    }

    static HttpAnswer ok(String text) {
        return new HttpAnswer(200, "application/json", text.getBytes(ISO_8859_1), "allowed");
    }

    /// A pair by the one authority of all test servers.
    static Credentials issue() {
        return ISSUER.issue(AUTHORITY, List.of(AUTHORITY.certificate()), Instant.now());
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(java.net.URI.create("https://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(20));
    }

    HttpRequest.Builder post(String path, byte[] body) {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        try (HttpClient client = client(HttpClient.Version.HTTP_1_1)) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    HttpClient client(HttpClient.Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(trusting(credentials))
                .build();
    }

    /// A TLS connection on which tests write bytes that no proper client would.
    SSLSocket socket(String... protocols) throws IOException {
        SSLSocket socket =
                (SSLSocket) trusting(credentials).getSocketFactory().createSocket("127.0.0.1", server.port());
        socket.setEnabledProtocols(protocols.length == 0 ? new String[] {"TLSv1.3"} : protocols);
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    /// All that arrives until the server closes.
    static String readToEnd(SSLSocket socket) {
        StringBuilder text = new StringBuilder();
        try (InputStream in = socket.getInputStream()) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                text.append((char) next);
            }
        } catch (IOException e) {
            text.append("<").append(e.getMessage()).append(">");
        }
        return text.toString();
    }

    /// Occupies every event loop until `over`.
    void occupy(CountDownLatch over) {
        for (int i = 0; i < 4 * VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE; i++) { // contexts take loops in turns
            vertx.getOrCreateContext().runOnContext(_ -> {
                try {
                    over.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    @Override
    public void close() {
        vertx.close().await();
    }

    private static SSLContext trusting(Credentials credentials) {
        return trusting(credentials, null);
    }

    /// Trusts the authority; the name is not checked, since a test calls by address.
    ///
    /// @param keys what the client shows; null for nothing
    static SSLContext trusting(Credentials credentials, KeyManager @Nullable [] keys) {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry("authority", credentials.issuer());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new javax.net.ssl.TrustManager[] {new AnyName(trust)}, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
