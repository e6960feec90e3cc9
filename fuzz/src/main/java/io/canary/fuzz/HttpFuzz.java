// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.canary.certs.Authority;
import io.canary.certs.CertificateAuthority;
import io.canary.certs.ClientAuthorities;
import io.canary.certs.Credentials;
import io.canary.certs.Lifetimes;
import io.canary.certs.ServiceIdentity;
import io.canary.webhook.admission.AdmissionLimits;
import io.canary.webhook.admission.AdmissionMetrics;
import io.canary.webhook.admission.AdmissionServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// What a stranger writes on a TLS connection to the product's own server: it answers by a status that is
/// documented, never by a redirect, or closes; and goes on to serve others.
public final class HttpFuzz {
    /// Of the server's own, and of what is no HTTP at all.
    private static final Set<String> STATUSES =
            Set.of("100", "200", "400", "404", "405", "408", "413", "414", "415", "417", "431", "501", "503", "505");

    private static final Pattern STATUS = Pattern.compile("(?m)^HTTP/[0-9.]+ ([0-9]{3})");
    private static final int MIB = 1024 * 1024;

    /// The product's, but that it waits for nobody.
    private static final AdmissionLimits LIMITS = new AdmissionLimits(
            MIB,
            2 * MIB,
            MIB,
            100,
            100,
            Duration.ofMillis(50),
            Duration.ofMillis(50),
            Duration.ofMillis(5),
            Duration.ofMillis(5));

    private static final Credentials CREDENTIALS = credentials();
    private static final SSLContext TRUSTING = trusting(CREDENTIALS);
    private static final AdmissionServer SERVER = AdmissionServer.start(
                    Vertx.vertx(),
                    "127.0.0.1",
                    0,
                    CREDENTIALS,
                    null,
                    LIMITS,
                    World.HANDLER,
                    new AdmissionMetrics(new SimpleMeterRegistry()))
            .await();

    private HttpFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        String answer = answer(input);
        STATUS.matcher(answer)
                .results()
                .map(found -> found.group(1))
                .forEach(status -> Promise.kept(STATUSES.contains(status), () -> "answered " + answer));
        Promise.kept(answer.isEmpty() || answer.startsWith("HTTP/"), () -> "no HTTP: " + answer);
        try {
            var _ = SERVER.heartbeat().await(10, TimeUnit.SECONDS);
        } catch (TimeoutException _) {
            throw new AssertionError("the server is stuck");
        }
    }

    /// All that comes until the server closes.
    private static String answer(byte[] input) throws IOException {
        try (SSLSocket socket = (SSLSocket) TRUSTING.getSocketFactory().createSocket("127.0.0.1", SERVER.port())) {
            socket.setSoTimeout(10_000);
            socket.startHandshake();
            CompletableFuture<String> answer =
                    CompletableFuture.supplyAsync(() -> read(socket), Thread::startVirtualThread);
            try {
                socket.getOutputStream().write(input);
                socket.getOutputStream().flush();
            } catch (IOException _) {
                // closed on us: what it said stands
            }
            return answer.join();
        }
    }

    private static String read(SSLSocket socket) {
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[4096];
        try {
            InputStream in = socket.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                text.append(new String(buffer, 0, count, ISO_8859_1));
            }
        } catch (IOException _) {
            // cut off: what came before stands
        }
        return text.toString();
    }

    private static Credentials credentials() {
        CertificateAuthority issuer = new CertificateAuthority(
                new ServiceIdentity("canary-webhook", "canary-system"), Lifetimes.DEFAULT, new SecureRandom());
        Authority authority = issuer.found(Instant.now(), Duration.ofDays(365));
        return issuer.issue(authority, List.of(authority.certificate()), Instant.now());
    }

    private static SSLContext trusting(Credentials credentials) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            X509TrustManager trust = new ClientAuthorities(List.of(credentials.issuer())).trust();
            context.init(null, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
