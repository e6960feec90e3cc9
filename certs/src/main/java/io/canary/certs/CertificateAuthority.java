// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Issues authorities that may sign for one Service only, and serving certificates under them.
///
/// An authority key that leaks is of no use elsewhere: path length 0, server authentication only, and name
/// constraints that permit the Service's names and exclude every IP address.
public final class CertificateAuthority {
    private final ServiceIdentity identity;
    private final Lifetimes lifetimes;
    private final SecureRandom random;

    public CertificateAuthority(ServiceIdentity identity, Lifetimes lifetimes, SecureRandom random) {
        this.identity = identity;
        this.lifetimes = lifetimes;
        this.random = random;
    }

    /// A new authority.
    ///
    /// @param life how long it is valid from now
    public Authority found(Instant now, Duration life) {
        return issuer().found(now, life);
    }

    /// A new serving key and its certificate.
    ///
    /// @param trusted all that clients must trust, `signer` among them
    public Credentials issue(Authority signer, List<X509Certificate> trusted, Instant now) {
        return issuer().issue(signer, trusted, now);
    }

    private CertificateIssuer issuer() {
        return new CertificateIssuer(identity, lifetimes, random);
    }
}
