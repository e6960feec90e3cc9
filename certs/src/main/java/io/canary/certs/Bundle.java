// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Authorities that clients are told to trust: the content of a `caBundle`.
///
/// It loses no authority before that has ended, for somebody may still serve with a certificate by it: a
/// process that was slow, or one that has not seen what replaced its Secret.
public record Bundle(List<X509Certificate> authorities) {
    /// More than ever are needed at once; a bundle that somebody filled up keeps no more.
    private static final int MOST = 16;

    /// Trusts nobody.
    public static final Bundle EMPTY = new Bundle(List.of());

    public Bundle {
        authorities = List.copyOf(authorities);
    }

    /// What PEM says; what is empty or cannot be read trusts nobody.
    public static Bundle decode(byte[] pem) {
        try {
            return new Bundle(Pem.certificates("caBundle", pem));
        } catch (IllegalArgumentException _) {
            return EMPTY;
        }
    }

    /// Whom clients must trust where this is `stored` and that is `served` still: what waits to be served, and what
    /// serves until then.
    public static Bundle of(Credentials stored, Credentials served) {
        Set<X509Certificate> all = new LinkedHashSet<>(stored.authorities());
        all.add(served.issuer());
        return new Bundle(List.copyOf(all));
    }

    /// As PEM.
    public byte[] encode() {
        return Pem.encode(authorities);
    }

    /// These, and of `published` what has not ended; also what is no authority by its extensions, for a certificate
    /// that nobody else signed is trusted as it stands, and its server may be slow to take another. In an order of
    /// their own, so that replicas that find the same do not write it by turns.
    public Bundle keeping(Bundle published, Instant now) {
        Set<X509Certificate> all = new LinkedHashSet<>(authorities);
        published.authorities().stream()
                .filter(one -> now.isBefore(one.getNotAfter().toInstant()))
                .forEach(all::add);
        return new Bundle(all.stream()
                .limit(Math.max(MOST, authorities.size()))
                .sorted(Comparator.comparing(X509Certificate::getSerialNumber)
                        .thenComparing(one -> Pem.encode(List.of(one)), Arrays::compare))
                .toList());
    }

    /// Those that stand in both.
    public Bundle common(Bundle other) {
        return new Bundle(
                authorities.stream().filter(other.authorities()::contains).toList());
    }
}
