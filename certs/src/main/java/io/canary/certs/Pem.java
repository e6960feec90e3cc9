// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/// Certificates and keys as PEM text (RFC 7468) and back, by the JDK alone: a start reads, it rarely issues.
final class Pem {
    /// No file of ours comes near; what is larger is not parsed at all (CVE-2024-12401).
    static final int MAX_BYTES = 64 * 1024;

    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});
    private static final String KEY_HEAD = "-----BEGIN PRIVATE KEY-----";
    private static final String KEY_FOOT = "-----END PRIVATE KEY-----";

    private Pem() {}

    static byte[] encode(PrivateKey key) {
        return block("PRIVATE KEY", key.getEncoded()).getBytes(US_ASCII);
    }

    static byte[] encode(List<X509Certificate> certificates) {
        StringBuilder text = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            text.append(block("CERTIFICATE", der(certificate)));
        }
        return text.toString().getBytes(US_ASCII);
    }

    /// At least one certificate; `file` names the input in messages.
    static List<X509Certificate> certificates(String file, byte[] pem) {
        requireSize(file, pem);
        try {
            List<X509Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException(file + " holds no certificate");
            }
            return found;
        } catch (CertificateException e) {
            throw new IllegalArgumentException(file + " holds no readable certificate", e);
        }
    }

    /// The one private key: PKCS #8 as we write it, or what else cert-manager writes (PKCS #1, SEC 1; RSA,
    /// ECDSA, Ed25519). The message of a failure never holds the input.
    static PrivateKey privateKey(String file, byte[] pem) {
        requireSize(file, pem);
        String text = new String(pem, US_ASCII).strip();
        try {
            boolean whole = text.length() >= KEY_HEAD.length() + KEY_FOOT.length();
            if (whole && text.startsWith(KEY_HEAD) && text.endsWith(KEY_FOOT)) {
                byte[] der = Base64.getMimeDecoder()
                        .decode(text.substring(KEY_HEAD.length(), text.length() - KEY_FOOT.length()));
                return pkcs8(der);
            }
            return pkcs8(ForeignKey.pkcs8(text));
        } catch (IllegalArgumentException | GeneralSecurityException _) {
            throw new IllegalArgumentException(file + " holds no readable private key");
        }
    }

    private static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
        GeneralSecurityException failure = new GeneralSecurityException("no algorithm takes the key");
        for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                failure.addSuppressed(e);
            }
        }
        throw failure;
    }

    /// Refuses a key that does not sign for `certificate`; the message names both and shows neither.
    static void requirePair(String keyName, PrivateKey key, String certificateName, X509Certificate certificate) {
        if (!signs(key, certificate.getPublicKey())) {
            throw new IllegalArgumentException("%s does not belong to %s".formatted(keyName, certificateName));
        }
    }

    private static boolean signs(PrivateKey key, PublicKey pair) {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> key.getAlgorithm();
        };
        try {
            byte[] probe = {1, 2, 3, 4};
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(probe);
            byte[] signature = signer.sign();
            signer.initVerify(pair);
            signer.update(probe);
            return signer.verify(signature);
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private static void requireSize(String file, byte[] pem) {
        if (pem.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "%s has %d bytes, at most %d are read".formatted(file, pem.length, MAX_BYTES));
        }
    }

    private static String block(String label, byte[] der) {
        return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
                .replace("%n", "\n")
                .formatted(label, LINES.encodeToString(der), label);
    }

    private static byte[] der(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate cannot be encoded", e);
        }
    }
}
