// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.TestAuthority;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// A TLS connection to the installed product's hooks, as a pod that is not the API server could open one (T12), to
/// write bytes on that no proper client would. Trusts what the API server trusts: the `caBundle`.
final class HookConnection implements AutoCloseable {
    private static final int PORT = 8443;
    private static final int PATIENCE_SECONDS = 60;

    private final SSLSocket socket;

    /// What came back before the server closed.
    ///
    /// @param status 0 where nothing came
    record Answer(int status, String head, String body) {}

    private HookConnection(SSLSocket socket) {
        this.socket = socket;
    }

    /// What the process at `address` tells Prometheus.
    static String metrics(String address) {
        try (InputStream in =
                URI.create("http://" + address + ":8080/metrics").toURL().openStream()) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /// The certificate that the server at `address` shows, in PEM.
    static String certificate(ControlPlane cluster, String address) {
        try (SSLSocket socket = connect(cluster, address, "TLSv1.3")) {
            byte[] der = socket.getSession().getPeerCertificates()[0].getEncoded();
            String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
            return "-----BEGIN CERTIFICATE-----\n" + lines + "\n-----END CERTIFICATE-----";
        } catch (IOException | CertificateEncodingException e) {
            return "none: " + e.getMessage();
        }
    }

    static HookConnection open(ControlPlane cluster, String... protocols) throws IOException {
        String address =
                new InstalledProduct().pods(cluster).getFirst().getStatus().getPodIP();
        return new HookConnection(
                connect(cluster, address, protocols.length == 0 ? new String[] {"TLSv1.3"} : protocols));
    }

    private static SSLSocket connect(ControlPlane cluster, String address, String... protocols) throws IOException {
        return connect(cluster, address, null, protocols);
    }

    private static SSLSocket connect(
            ControlPlane cluster, String address, KeyManager @Nullable [] shown, String... protocols)
            throws IOException {
        SSLSocket socket = (SSLSocket)
                trusting(StoredCertificates.validatingBundles(cluster).getFirst(), shown)
                        .getSocketFactory()
                        .createSocket(address, PORT);
        socket.setEnabledProtocols(protocols);
        socket.setSoTimeout(PATIENCE_SECONDS * 1_000);
        socket.startHandshake();
        return socket;
    }

    /// One whole request by a client that shows this certificate, and its answer; status 0 where it was not
    /// let in.
    static Answer postAs(ControlPlane cluster, TestAuthority.Credentials shown, String path, byte[] body)
            throws IOException {
        String address =
                new InstalledProduct().pods(cluster).getFirst().getStatus().getPodIP();
        try (HookConnection connection =
                new HookConnection(connect(cluster, address, shown.keyManagers(), "TLSv1.3"))) {
            return connection.send("POST " + path, body);
        } catch (SSLException e) {
            return new Answer(0, String.valueOf(e.getMessage()), "");
        }
    }

    /// One whole request and its answer.
    static Answer post(ControlPlane cluster, String path, byte[] body, String... fields) throws IOException {
        try (HookConnection connection = open(cluster)) {
            return connection.send("POST " + path, body, fields);
        }
    }

    Answer send(String request, byte[] body, String... fields) throws IOException {
        StringBuilder head = new StringBuilder();
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        if (!head.toString().contains("Content-Type:")) {
            head.append("Content-Type: application/json\r\n");
        }
        head.append("Content-Length: ").append(body.length).append("\r\nConnection: close\r\n");
        return exchange((request + " HTTP/1.1\r\nHost: canary-webhook\r\n" + head + "\r\n").getBytes(US_ASCII), body);
    }

    /// Writes these parts until the server stops reading, and reads what it says meanwhile.
    Answer exchange(byte[]... parts) throws IOException {
        CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(this::read, Thread::startVirtualThread);
        try {
            for (byte[] part : parts) {
                socket.getOutputStream().write(part);
            }
            socket.getOutputStream().flush();
        } catch (IOException e) {
            if (!answer.isDone() && e instanceof SocketTimeoutException) {
                throw e;
            } // it closed on us: what it said stands
        }
        return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    /// Writes `head` a byte a second until the server closes; answers the number of bytes that it took.
    int drip(String head) throws IOException {
        socket.setSoTimeout(1_000);
        for (int i = 0; i < head.length(); i++) {
            try {
                socket.getOutputStream().write(head.charAt(i));
                if (socket.getInputStream().read() < 0) {
                    return i;
                }
            } catch (SocketTimeoutException _) {
                // a second has passed: the next byte
            } catch (IOException _) {
                return i;
            }
        }
        return head.length();
    }

    private Answer read() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            InputStream in = socket.getInputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                bytes.write(next);
            }
        } catch (IOException _) {
            // cut off: what came before stands
        }
        String text = bytes.toString(UTF_8);
        int end = text.indexOf("\r\n\r\n");
        return text.startsWith("HTTP/1.1 ") && end > 0
                ? new Answer(Integer.parseInt(text.substring(9, 12)), text.substring(0, end), text.substring(end + 4))
                : new Answer(0, text, "");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static SSLContext trusting(String authorities, KeyManager @Nullable [] shown) throws IOException {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int count = 0;
            for (Certificate authority : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(authorities.getBytes(US_ASCII)))) {
                trusted.setCertificateEntry("authority-" + count++, authority);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(shown, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
