// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// What a server serves with, and what its clients must trust for it.
///
/// Stored as the data of a Secret of type `kubernetes.io/tls` with one more entry, `ca.crt`: as cert-manager
/// does.
///
/// @param authorities all that clients must trust, whoever signed
/// @param chain the serving certificate, then what leads from it to an authority
public record Credentials(List<X509Certificate> authorities, PrivateKey leafKey, List<X509Certificate> chain) {
    public static final String AUTHORITIES_FILE = "ca.crt";
    public static final String LEAF_FILE = "tls.crt";
    public static final String LEAF_KEY_FILE = "tls.key";

    private static final Duration LEAD = Duration.ofSeconds(2);

    /// @throws IllegalArgumentException if the parts do not belong together
    public Credentials {
        authorities = List.copyOf(authorities);
        chain = List.copyOf(chain);
        Pem.requirePair(LEAF_KEY_FILE, leafKey, LEAF_FILE, chain.getFirst());
        issuer(authorities, chain);
    }

    public X509Certificate leaf() {
        return chain.getFirst();
    }

    /// When the serving certificate ends.
    public Instant end() {
        return leaf().getNotAfter().toInstant();
    }

    /// When it is as good as ended, a little before [#end]: a call is under way then, and clocks differ. From
    /// then on what clients may not trust yet is better.
    public Instant over() {
        return end().minus(LEAD);
    }

    /// The authority that clients must trust to trust the serving certificate.
    public X509Certificate issuer() {
        return issuer(authorities, chain);
    }

    /// What clients must trust: PEM, for `caBundle`.
    public byte[] bundle() {
        return Pem.encode(authorities);
    }

    /// The data of the Secret: file name to PEM bytes.
    public Map<String, byte[]> encode() {
        return Map.of(
                AUTHORITIES_FILE, bundle(),
                LEAF_FILE, Pem.encode(chain),
                LEAF_KEY_FILE, Pem.encode(leafKey));
    }

    /// The opposite of [#encode()]; an [IllegalArgumentException] names the entry that is missing or wrong.
    public static Credentials decode(Map<String, byte[]> data) {
        return new Credentials(
                trusted(data),
                Pem.privateKey(LEAF_KEY_FILE, entry(data, LEAF_KEY_FILE)),
                Pem.certificates(LEAF_FILE, entry(data, LEAF_FILE)));
    }

    /// Only what clients must trust, for where the rest cannot be read.
    static List<X509Certificate> trusted(Map<String, byte[]> data) {
        return Pem.certificates(AUTHORITIES_FILE, entry(data, AUTHORITIES_FILE));
    }

    /// The same pair, with other authorities to trust.
    Credentials trusting(Collection<X509Certificate> others) {
        return new Credentials(List.copyOf(others), leafKey, chain);
    }

    /// Refuses a certificate that a client who calls `name` would refuse.
    ///
    /// @throws IllegalArgumentException with the names that it has
    Credentials requireName(String name) {
        List<String> names = dnsNames();
        if (!names.contains(name)) {
            throw new IllegalArgumentException("%s is for %s, not for %s".formatted(LEAF_FILE, names, name));
        }
        return this;
    }

    private List<String> dnsNames() {
        try {
            Collection<List<?>> names = leaf().getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> Integer.valueOf(2).equals(name.getFirst()))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException e) {
            throw new IllegalArgumentException(LEAF_FILE + " has unreadable names", e);
        }
    }

    /// Names and dates only, never a key.
    @Override
    public String toString() {
        return "Credentials[leaf=%s until %s, issuer=%s until %s, trusted=%d]"
                .formatted(
                        leaf().getSubjectX500Principal(),
                        end(),
                        issuer().getSubjectX500Principal(),
                        issuer().getNotAfter().toInstant(),
                        authorities.size());
    }

    private static byte[] entry(Map<String, byte[]> data, String file) {
        byte[] found = data.get(file);
        if (found == null) {
            throw new IllegalArgumentException(file + " is missing");
        }
        return found;
    }

    private static X509Certificate issuer(List<X509Certificate> authorities, List<X509Certificate> chain) {
        for (int i = 1; i < chain.size(); i++) {
            if (!issued(chain.get(i), chain.get(i - 1))) {
                throw new IllegalArgumentException(
                        "%s: certificate %d does not sign the one before it".formatted(LEAF_FILE, i + 1));
            }
        }
        return authorities.stream()
                .filter(authority -> issued(authority, chain.getLast()) || authority.equals(chain.getLast()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        LEAF_FILE + " is not signed by an authority in " + AUTHORITIES_FILE));
    }

    private static boolean issued(X509Certificate authority, X509Certificate other) {
        if (!authority.getSubjectX500Principal().equals(other.getIssuerX500Principal())) {
            return false;
        }
        try {
            other.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException _) {
            return false;
        }
    }
}
