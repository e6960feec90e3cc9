// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/// Certificates and EC keys as PEM text (RFC 7468) and back, by the JDK alone: a start reads, it rarely issues.
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

    /// The one EC key in PKCS #8 form; the message of a failure never holds the input.
    static PrivateKey privateKey(String file, byte[] pem) {
        requireSize(file, pem);
        String text = new String(pem, US_ASCII).strip();
        if (!text.startsWith(KEY_HEAD) || !text.endsWith(KEY_FOOT)) {
            throw new IllegalArgumentException(file + " is not one PEM block PRIVATE KEY");
        }
        try {
            byte[] der = Base64.getMimeDecoder()
                    .decode(text.substring(KEY_HEAD.length(), text.length() - KEY_FOOT.length()));
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (IllegalArgumentException | GeneralSecurityException _) {
            throw new IllegalArgumentException(file + " holds no readable EC key");
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
