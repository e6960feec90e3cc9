// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Asks components whether they are ready.
final class Health {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final HttpClient http;

    Health(String authority) {
        http = HttpClient.newBuilder()
                .sslContext(trusting(authority))
                .connectTimeout(PATIENCE)
                .build();
    }

    /// KWOK answers nowhere: the nodes it makes ready tell. Scheduler and controller manager serve certificates
    /// of their own making, so they count as healthy when they run and their work shows.
    boolean healthy(Component component) {
        return switch (component) {
            case ETCD -> answers(Addresses.ETCD + "/readyz");
            case API_SERVER -> apiServer(Addresses.API_SERVER);
            case CONTROLLER_MANAGER, SCHEDULER, KWOK -> true;
        };
    }

    boolean apiServer(String address) {
        return answers(address + "/readyz");
    }

    private boolean answers(String address) {
        var request =
                HttpRequest.newBuilder(URI.create(address)).timeout(PATIENCE).build();
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static SSLContext trusting(String authority) {
        try {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "testbed",
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(authority.getBytes(UTF_8))));
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot trust the cluster's authority", e);
        }
    }
}
