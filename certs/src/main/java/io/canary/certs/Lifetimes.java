// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.time.Duration;

/// How long certificates are valid from the moment they are issued.
public record Lifetimes(Duration authority, Duration leaf) {
    /// One year for an authority, thirty days for the serving certificate.
    public static final Lifetimes DEFAULT = new Lifetimes(Duration.ofDays(365), Duration.ofDays(30));

    /// An authority's quarter must hold a whole leaf: no leaf is cut short by the end of who signed it.
    public Lifetimes {
        if (leaf.compareTo(Duration.ZERO) <= 0 || authority.dividedBy(4).compareTo(leaf) < 0) {
            throw new IllegalArgumentException(
                    "a serving certificate lives longer than zero and at most a quarter of its authority: %s, %s"
                            .formatted(leaf, authority));
        }
    }

    /// How long before its end an authority is followed by another: 91 days of a year.
    Duration notice() {
        return authority.dividedBy(4);
    }
}
