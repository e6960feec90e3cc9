// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A webhook that refuses everything and says who it is: run as a process pod by `ProcessKubeletIT`.
final class DenyingWebhook {
    private static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
    private static final Pattern UID = Pattern.compile("\"uid\":\"([^\"]+)\"");

    private DenyingWebhook() {}

    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        var server = HttpsServer.create(new InetSocketAddress(System.getenv("POD_IP"), 8443), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(serving(arguments[0], arguments[1])));
        server.createContext("/ready", exchange -> answer(exchange, ""));
        server.createContext("/validate", DenyingWebhook::deny);
        server.start();
        System.out.println("serving");
    }

    private static void deny(HttpExchange exchange) throws IOException {
        var uid = UID.matcher(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        answer(exchange, """
                {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"%s","allowed":false,
                "status":{"message":"refused by %s of %s: %s"}}}""".formatted(
                        uid.find() ? uid.group(1) : "",
                        System.getenv("POD_NAME"),
                        Files.readString(SERVICE_ACCOUNT.resolve("namespace")),
                        whoAmI().replace("\"", "'").replace("\n", "")));
    }

    /// What the API server makes of the pod's token.
    private static String whoAmI() throws IOException {
        var address = "https://" + System.getenv("KUBERNETES_SERVICE_HOST") + ":"
                + System.getenv("KUBERNETES_SERVICE_PORT") + "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        var request = HttpRequest.newBuilder(URI.create(address))
                .header("Authorization", "Bearer " + Files.readString(SERVICE_ACCOUNT.resolve("token")))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"SelfSubjectReview\"}"))
                .build();
        try (var http = HttpClient.newBuilder().sslContext(trusting()).build()) {
            return http.send(request, BodyHandlers.ofString()).body();
        } catch (InterruptedException | GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static void answer(HttpExchange exchange, String body) throws IOException {
        var bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static SSLContext serving(String certificate, String key) throws IOException, GeneralSecurityException {
        var der = Files.readString(Path.of(key)).replaceAll("-----[A-Z ]+-----|\\s", "");
        var store = empty();
        store.setKeyEntry(
                "serving",
                KeyFactory.getInstance("EC")
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(Base64.getDecoder().decode(der))),
                new char[0],
                new Certificate[] {read(Path.of(certificate))});
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static SSLContext trusting() throws IOException, GeneralSecurityException {
        var store = empty();
        store.setCertificateEntry("cluster", read(SERVICE_ACCOUNT.resolve("ca.crt")));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }

    private static Certificate read(Path path) throws IOException, GeneralSecurityException {
        try (var in = Files.newInputStream(path)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}
