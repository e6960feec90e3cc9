// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/// What the age of certificates asks for; one thing at a time, the most urgent first.
public sealed interface RotationDecision {
    /// An authority is followed by another this long before it ends.
    Duration AUTHORITY_NOTICE = Duration.ofDays(90);

    /// Nothing is due.
    record Keep() implements RotationDecision {}

    /// The serving certificate has lived two thirds of its life.
    record RenewLeaf(Instant expires) implements RotationDecision {}

    /// The signing authority ends soon, or has ended: another one is needed.
    record AddAuthority(Instant expires) implements RotationDecision {}

    /// A trusted authority that signs no more has ended.
    record DropAuthority(X509Certificate ended) implements RotationDecision {}

    static RotationDecision at(Instant now, Credentials credentials) {
        X509Certificate authority = credentials.authority();
        if (!now.isBefore(end(authority))) {
            return new AddAuthority(end(authority));
        }
        if (!now.isBefore(twoThirds(credentials.leaf()))) {
            return new RenewLeaf(end(credentials.leaf()));
        }
        for (X509Certificate other : credentials.authorities()) {
            if (!now.isBefore(end(other))) {
                return new DropAuthority(other);
            }
        }
        if (!now.isBefore(end(authority).minus(AUTHORITY_NOTICE))) {
            return new AddAuthority(end(authority));
        }
        return new Keep();
    }

    private static Instant twoThirds(X509Certificate certificate) {
        Instant start = certificate.getNotBefore().toInstant();
        Duration life = Duration.between(start, end(certificate));
        return start.plus(life.multipliedBy(2).dividedBy(3));
    }

    private static Instant end(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant();
    }
}
