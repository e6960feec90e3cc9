// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// The certificate authority of a test cluster: signs serving and client certificates, valid for a week.
///
/// Keys are P-256, but for the one RSA key that all clients share: fabric8 reads the key of a kubeconfig as RSA
/// unless told otherwise.
public final class TestAuthority {
    private static final Duration VALIDITY = Duration.ofDays(7);

    private final X500Name name;
    private final KeyPair keys = newKeys();
    private final KeyPair clientKeys = generate("RSA", new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4));
    private final X509CertificateHolder certificate;

    /// A certificate and its private key, both as PEM.
    public record Credentials(String certificate, String key) {
        private static final char[] NO_PASSWORD = {};

        /// What shows this certificate of a client in TLS, by whomever it was signed.
        public KeyManager[] keyManagers() {
            try {
                byte[] der = Base64.getMimeDecoder().decode(key.replaceAll("-----[A-Z ]+-----", ""));
                KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, NO_PASSWORD);
                store.setKeyEntry(
                        "client",
                        KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der)),
                        NO_PASSWORD,
                        CertificateFactory.getInstance("X.509")
                                .generateCertificates(new ByteArrayInputStream(certificate.getBytes(US_ASCII)))
                                .toArray(Certificate[]::new));
                KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
                factory.init(store, NO_PASSWORD);
                return factory.getKeyManagers();
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException("the key or certificate of a client cannot be used", e);
            }
        }

        @Override
        public String toString() {
            return "Credentials[key hidden]";
        }
    }

    public TestAuthority(String commonName) {
        name = new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
        certificate = sign(name, keys, List.of(new Part(Extension.basicConstraints, true, new BasicConstraints(true))));
    }

    public String certificatePem() {
        return pem(certificate);
    }

    /// A serving certificate for these DNS names and IP addresses; the first one is its common name.
    public Credentials serving(List<String> dnsNames, List<String> addresses) {
        var names = new ArrayList<GeneralName>();
        dnsNames.forEach(dns -> names.add(new GeneralName(GeneralName.dNSName, dns)));
        addresses.forEach(address -> names.add(new GeneralName(GeneralName.iPAddress, address)));
        var subject = new X500NameBuilder().addRDN(BCStyle.CN, dnsNames.getFirst());
        return issue(
                subject.build(),
                newKeys(),
                List.of(
                        usage(KeyPurposeId.id_kp_serverAuth),
                        new Part(
                                Extension.subjectAlternativeName,
                                false,
                                new GeneralNames(names.toArray(GeneralName[]::new)))));
    }

    /// A client certificate as the API server reads it: common name = user, organisations = groups.
    public Credentials client(ClusterUser user) {
        var subject = new X500NameBuilder();
        user.groups().forEach(group -> subject.addRDN(BCStyle.O, group));
        subject.addRDN(BCStyle.CN, user.name());
        return issue(subject.build(), clientKeys, List.of(usage(KeyPurposeId.id_kp_clientAuth)));
    }

    /// A pair of keys without a certificate, both as PEM.
    public record Keys(String privateKey, String publicKey) {
        @Override
        public String toString() {
            return "Keys[private key hidden]";
        }
    }

    public static Keys keys() {
        var pair = newKeys();
        return new Keys(pem(pair), pem((Object) pair.getPublic()));
    }

    private Credentials issue(X500Name subject, KeyPair pair, List<Part> extensions) {
        return new Credentials(pem(sign(subject, pair, extensions)), pem(pair));
    }

    private record Part(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {}

    private static Part usage(KeyPurposeId purpose) {
        return new Part(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
    }

    private X509CertificateHolder sign(X500Name subject, KeyPair pair, List<Part> extensions) {
        var now = Instant.now();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                new BigInteger(120, new SecureRandom()),
                Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(VALIDITY)),
                subject,
                pair.getPublic());
        try {
            for (var part : extensions) {
                builder.addExtension(part.id(), part.critical(), part.value());
            }
            return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
        } catch (CertIOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot sign for " + subject, e);
        }
    }

    private static KeyPair newKeys() {
        return generate("EC", new ECGenParameterSpec("secp256r1"));
    }

    private static KeyPair generate(String algorithm, AlgorithmParameterSpec parameters) {
        try {
            var generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(parameters);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK makes no such " + algorithm + " keys", e);
        }
    }

    private static String pem(KeyPair pair) {
        try {
            return pem((Object) new JcaPKCS8Generator(pair.getPrivate(), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pem(X509CertificateHolder holder) {
        return pem((Object) holder);
    }

    private static String pem(Object object) {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
