// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.canary.certs.ClientAuthorities;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/// An authority of clients, and clients with certificates by it.
final class TestClients {
    private static final char[] NO_PASSWORD = new char[0];
    private static final Duration LIFE = Duration.ofHours(1);

    private final KeyPair keys = keys();
    private final X509Certificate certificate;

    TestClients(String name) {
        certificate = sign(name, keys, null, Instant.now().plus(LIFE));
    }

    /// A client that shows this to who asks.
    record Client(KeyPair keys, List<X509Certificate> chain) {
        /// The context of its connections to `server`; sessions are resumed within one.
        SSLContext context(TestServer server) {
            try {
                KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, null);
                store.setKeyEntry("client", keys.getPrivate(), NO_PASSWORD, chain.toArray(Certificate[]::new));
                KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
                factory.init(store, NO_PASSWORD);
                return TestServer.trusting(server.credentials, factory.getKeyManagers());
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /// All of them, or those with one of `names`.
    Clients clients(String... names) {
        return new Clients(ClientAuthorities.decode("clients.pem", pem()), Set.of(names));
    }

    byte[] pem() {
        return pem(certificate);
    }

    /// A client whose subject is `name`, as `CN=kube-apiserver`.
    Client client(String name) {
        return client(name, KeyPurposeId.id_kp_clientAuth, Instant.now().plus(LIFE));
    }

    Client client(String name, KeyPurposeId purpose, Instant end) {
        KeyPair own = keys();
        return new Client(own, List.of(sign(name, own, purpose, end)));
    }

    /// What a server answers to one request on a new connection by `context`: the first line, or why there
    /// is none.
    static String ask(TestServer server, SSLContext context) {
        try (SSLSocket socket = open(server, context, "TLSv1.3")) {
            return ask(socket);
        } catch (IOException e) {
            return "refused: " + e.getMessage();
        }
    }

    static SSLSocket open(TestServer server, SSLContext context, String protocol) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.server.port());
        socket.setEnabledProtocols(new String[] {protocol});
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    /// The same on a connection that stands. In TLS 1.3 a client hears only now that it was refused.
    static String ask(SSLSocket socket) throws IOException {
        socket.getOutputStream()
                .write(("POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                + "Content-Length: 2\r\n\r\n{}")
                        .getBytes(US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        while (text.indexOf("MUTATE 2") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed after: " + text);
            }
            text.append((char) next);
        }
        return text.substring(0, text.indexOf("\r\n"));
    }

    private X509Certificate sign(String subject, KeyPair pair, @Nullable KeyPurposeId purpose, Instant end) {
        X500Principal issuer = purpose == null ? new X500Principal(subject) : certificate.getSubjectX500Principal();
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    issuer,
                    new BigInteger(120, new SecureRandom()),
                    Date.from(end.minus(LIFE).minus(LIFE)),
                    Date.from(end),
                    new X500Principal(subject),
                    pair.getPublic());
            if (purpose == null) {
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            } else {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (CertIOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] pem(X509Certificate certificate) {
        try {
            return ("-----BEGIN CERTIFICATE-----\n"
                            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                            + "\n-----END CERTIFICATE-----\n")
                    .getBytes(US_ASCII);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
