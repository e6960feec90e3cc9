// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The authorities that clients trust, the key of the first of them, and the serving certificate with its key.
///
/// Stored as the data of a Secret of type `kubernetes.io/tls` with two more entries, see [#encode()].
public record Credentials(
        PrivateKey authorityKey, List<X509Certificate> authorities, PrivateKey leafKey, X509Certificate leaf) {
    public static final String AUTHORITIES_FILE = "ca.crt";
    public static final String AUTHORITY_KEY_FILE = "ca.key";
    public static final String LEAF_FILE = "tls.crt";
    public static final String LEAF_KEY_FILE = "tls.key";

    public Credentials {
        authorities = List.copyOf(authorities);
        if (authorities.isEmpty()) {
            throw new IllegalArgumentException(AUTHORITIES_FILE + " holds no certificate");
        }
        requirePair(AUTHORITY_KEY_FILE, authorityKey, AUTHORITIES_FILE, authorities.getFirst());
        requirePair(LEAF_KEY_FILE, leafKey, LEAF_FILE, leaf);
        requireTrust(authorities, leaf);
    }

    /// The authority that signs.
    public X509Certificate authority() {
        return authorities.getFirst();
    }

    /// What clients must trust: PEM, for `caBundle`.
    public byte[] bundle() {
        return Pem.encode(authorities);
    }

    /// The serving certificate as PEM.
    public byte[] leafPem() {
        return Pem.encode(List.of(leaf));
    }

    /// The serving key as PEM; a secret.
    public byte[] leafKeyPem() {
        return Pem.encode(leafKey);
    }

    /// The data of the Secret: file name to PEM bytes.
    public Map<String, byte[]> encode() {
        return Map.of(
                AUTHORITIES_FILE, bundle(),
                AUTHORITY_KEY_FILE, Pem.encode(authorityKey),
                LEAF_FILE, leafPem(),
                LEAF_KEY_FILE, leafKeyPem());
    }

    /// The opposite of [#encode()]; an [IllegalArgumentException] names the entry that is missing or wrong.
    public static Credentials decode(Map<String, byte[]> data) {
        return new Credentials(
                Pem.privateKey(AUTHORITY_KEY_FILE, entry(data, AUTHORITY_KEY_FILE)),
                Pem.certificates(AUTHORITIES_FILE, entry(data, AUTHORITIES_FILE)),
                Pem.privateKey(LEAF_KEY_FILE, entry(data, LEAF_KEY_FILE)),
                Pem.certificates(LEAF_FILE, entry(data, LEAF_FILE)).getFirst());
    }

    /// The same without an authority that no longer counts.
    Credentials without(X509Certificate authority) {
        Stream<X509Certificate> rest = authorities.stream().filter(other -> !other.equals(authority));
        return new Credentials(authorityKey, rest.toList(), leafKey, leaf);
    }

    /// Names and dates only, never a key.
    @Override
    public String toString() {
        return "Credentials[leaf=%s until %s, authority=%s until %s, trusted=%d]"
                .formatted(
                        leaf.getSubjectX500Principal(),
                        leaf.getNotAfter().toInstant(),
                        authority().getSubjectX500Principal(),
                        authority().getNotAfter().toInstant(),
                        authorities.size());
    }

    private static byte[] entry(Map<String, byte[]> data, String file) {
        byte[] found = data.get(file);
        if (found == null) {
            throw new IllegalArgumentException(file + " is missing");
        }
        return found;
    }

    private static void requirePair(String keyFile, PrivateKey key, String certificateFile, X509Certificate cert) {
        if (!signs(key, cert.getPublicKey())) {
            throw new IllegalArgumentException("%s does not belong to %s".formatted(keyFile, certificateFile));
        }
    }

    private static void requireTrust(List<X509Certificate> authorities, X509Certificate leaf) {
        if (authorities.stream().noneMatch(authority -> issued(authority, leaf))) {
            throw new IllegalArgumentException(LEAF_FILE + " is not signed by an authority in " + AUTHORITIES_FILE);
        }
    }

    private static boolean signs(PrivateKey key, PublicKey pair) {
        try {
            byte[] probe = {1, 2, 3, 4};
            Signature signer = Signature.getInstance("SHA256withECDSA");
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

    private static boolean issued(X509Certificate authority, X509Certificate leaf) {
        try {
            leaf.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException _) {
            return false;
        }
    }
}
