// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Certificates for tests, of the Service that the product has.
final class TestCertificates {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    static final ServiceIdentity CANARY = new ServiceIdentity("canary-webhook", "canary-system");

    private TestCertificates() {}

    static CertificateAuthority issuer(ServiceIdentity identity, Lifetimes lifetimes) {
        return new CertificateAuthority(identity, lifetimes, new SecureRandom());
    }

    static CertificateAuthority issuer() {
        return issuer(CANARY, Lifetimes.DEFAULT);
    }

    /// An authority made at [#NOW].
    static Authority authority(int days) {
        return issuer().found(NOW, Duration.ofDays(days));
    }

    /// A pair signed at `now`, trusted with `others`.
    static Credentials signed(Instant now, Authority signer, Authority... others) {
        return issuer().issue(signer, certificates(signer, others), now);
    }

    static List<X509Certificate> certificates(Authority first, Authority... others) {
        return java.util.stream.Stream.concat(java.util.stream.Stream.of(first), java.util.Arrays.stream(others))
                .map(Authority::certificate)
                .toList();
    }
}
