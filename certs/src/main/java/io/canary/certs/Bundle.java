// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.cert.X509Certificate;
import java.time.Instant;
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

    /// As PEM.
    public byte[] encode() {
        return Pem.encode(authorities);
    }

    /// These, and of `published` what has not ended.
    public Bundle keeping(Bundle published, Instant now) {
        Set<X509Certificate> all = new LinkedHashSet<>(authorities);
        published.authorities().stream()
                .filter(one -> one.getBasicConstraints() >= 0
                        && now.isBefore(one.getNotAfter().toInstant()))
                .forEach(all::add);
        return new Bundle(all.stream().limit(Math.max(MOST, authorities.size())).toList());
    }

    /// Those that stand in both.
    public Bundle common(Bundle other) {
        return new Bundle(
                authorities.stream().filter(other.authorities()::contains).toList());
    }
}
