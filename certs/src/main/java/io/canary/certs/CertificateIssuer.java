// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Writes and signs certificates by Bouncy Castle (RFC 5280, ECDSA P-256). Only who issues needs this class: its
/// library comes in signed jars, which are slow to open, and most starts find their certificates.
final class CertificateIssuer {
    /// Certificates start in the past, so that a client whose clock is behind accepts them at once.
    static final Duration BACKDATED = Duration.ofHours(1);

    private final ServiceIdentity identity;
    private final Lifetimes lifetimes;
    private final SecureRandom random;

    CertificateIssuer(ServiceIdentity identity, Lifetimes lifetimes, SecureRandom random) {
        this.identity = identity;
        this.lifetimes = lifetimes;
        this.random = random;
    }

    Authority found(Instant now, Duration life) {
        KeyPair keys = keyPair();
        X500Name name = new X500Name("CN=" + identity.service() + "-ca");
        try {
            X509v3CertificateBuilder draft = draft(name, name, keys.getPublic(), now, now.plus(life))
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(Extension.extendedKeyUsage, false, serverOnly())
                    .addExtension(Extension.nameConstraints, true, ownNamesOnly())
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
            return new Authority(sign(draft, keys.getPrivate()), keys.getPrivate());
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot issue an authority", e);
        }
    }

    Credentials issue(Authority signer, List<X509Certificate> trusted, Instant now) {
        KeyPair keys = keyPair();
        X509Certificate authority = signer.certificate();
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            X500Name issuer =
                    X500Name.getInstance(authority.getSubjectX500Principal().getEncoded());
            X500Name subject = new X500Name("CN=" + identity.service());
            X509v3CertificateBuilder draft = draft(issuer, subject, keys.getPublic(), now, leafEnd(authority, now))
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, false, serverOnly())
                    .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(dnsNames()))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            extensions.createAuthorityKeyIdentifier(authority.getPublicKey()));
            return new Credentials(trusted, keys.getPrivate(), List.of(sign(draft, signer.key())));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot issue a serving certificate", e);
        }
    }

    private Instant leafEnd(X509Certificate authority, Instant now) {
        Instant wished = now.plus(lifetimes.leaf());
        Instant limit = authority.getNotAfter().toInstant();
        return wished.isBefore(limit) ? wished : limit;
    }

    private X509v3CertificateBuilder draft(X500Name issuer, X500Name subject, PublicKey key, Instant now, Instant end) {
        BigInteger serial = new BigInteger(128, random).setBit(127);
        return new JcaX509v3CertificateBuilder(
                issuer, serial, Date.from(now.minus(BACKDATED)), Date.from(end), subject, key);
    }

    private static X509Certificate sign(X509v3CertificateBuilder draft, PrivateKey key)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(draft.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    }

    private KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no P-256", e);
        }
    }

    private NameConstraints ownNamesOnly() {
        GeneralSubtree[] permitted = identity.dnsNames().stream()
                .map(name -> new GeneralSubtree(new GeneralName(GeneralName.dNSName, name)))
                .toArray(GeneralSubtree[]::new);
        GeneralSubtree[] excluded = {everyAddress(4), everyAddress(16)};
        return new NameConstraints(permitted, excluded);
    }

    /// Address and mask all zero (RFC 5280, 4.2.1.10).
    private static GeneralSubtree everyAddress(int bytes) {
        return new GeneralSubtree(new GeneralName(GeneralName.iPAddress, new DEROctetString(new byte[2 * bytes])));
    }

    private GeneralName[] dnsNames() {
        return identity.dnsNames().stream()
                .map(name -> new GeneralName(GeneralName.dNSName, name))
                .toArray(GeneralName[]::new);
    }

    private static ExtendedKeyUsage serverOnly() {
        return new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth);
    }
}
