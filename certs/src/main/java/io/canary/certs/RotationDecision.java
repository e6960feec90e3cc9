// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// What the age of stored certificates asks for; one thing at a time, the most urgent first.
///
/// Two authorities are trusted at any time, with ends that lie apart, so that whoever signs next has been
/// trusted for months. Authorities come in before they are needed and go out when they have ended, and with
/// them every leaf that they signed.
public sealed interface RotationDecision {
    /// Nothing is due.
    record Keep() implements RotationDecision {}

    /// Nothing is stored that clients could trust: authorities and a serving certificate are needed at once.
    record Found() implements RotationDecision {}

    /// Fewer than two trusted authorities have a future: another is needed.
    ///
    /// @param life of the new one
    record AddAuthority(Duration life) implements RotationDecision {}

    /// The serving certificate cannot be used, or has lived two thirds of its life.
    record RenewLeaf(String why) implements RotationDecision {}

    /// Trusted authorities have ended.
    record DropAuthorities(List<X509Certificate> ended) implements RotationDecision {}

    static RotationDecision at(Instant now, Lifetimes lifetimes, Stock stock) {
        List<X509Certificate> valid =
                stock.trusted().stream().filter(one -> now.isBefore(end(one))).toList();
        if (valid.isEmpty()) {
            return new Found();
        }
        List<X509Certificate> lasting = valid.stream()
                .filter(one -> now.isBefore(end(one).minus(lifetimes.notice())))
                .toList();
        if (lasting.size() < 2) {
            return new AddAuthority(life(now, lifetimes, lasting));
        }
        Credentials credentials = stock.credentials();
        if (credentials == null) {
            return new RenewLeaf(stock.problem());
        }
        if (!now.isBefore(due(credentials.leaf()))) {
            return new RenewLeaf("it ends at " + credentials.end());
        }
        return valid.size() == stock.trusted().size()
                ? new Keep()
                : new DropAuthorities(stock.trusted().stream()
                        .filter(one -> !valid.contains(one))
                        .toList());
    }

    /// Two authorities must not come to their ends together.
    private static Duration life(Instant now, Lifetimes lifetimes, List<X509Certificate> lasting) {
        Instant whole = now.plus(lifetimes.authority());
        boolean together = lasting.stream()
                .anyMatch(one -> Duration.between(end(one), whole).abs().compareTo(lifetimes.notice()) < 0);
        return together ? lifetimes.authority().dividedBy(2) : lifetimes.authority();
    }

    /// Two thirds of a life, of which the hour before the issue is no part.
    private static Instant due(X509Certificate leaf) {
        Instant issued = leaf.getNotBefore().toInstant().plus(CertificateIssuer.BACKDATED);
        return issued.plus(Duration.between(issued, end(leaf)).multipliedBy(2).dividedBy(3));
    }

    private static Instant end(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant();
    }
}
