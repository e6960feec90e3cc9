// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.SecureRandom;
import java.time.Instant;

/// Issues an authority that may sign for one Service only, and serving certificates under it.
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

    /// A new authority and its first serving certificate.
    public Credentials found(Instant now) {
        return issuer().found(now);
    }

    /// The same authorities with a new serving key and certificate, signed by the first.
    public Credentials renewLeaf(Credentials current, Instant now) {
        return issuer().renewLeaf(current, now);
    }

    private CertificateIssuer issuer() {
        return new CertificateIssuer(identity, lifetimes, random);
    }
}
