// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.time.Duration;

/// How long certificates are valid from the moment they are issued.
public record Lifetimes(Duration authority, Duration leaf) {
    /// One year for the authority, thirty days for the serving certificate.
    public static final Lifetimes DEFAULT = new Lifetimes(Duration.ofDays(365), Duration.ofDays(30));

    public Lifetimes {
        if (leaf.compareTo(Duration.ZERO) <= 0 || authority.compareTo(leaf) < 0) {
            throw new IllegalArgumentException("a leaf lives longer than zero and no longer than its authority: %s, %s"
                    .formatted(leaf, authority));
        }
    }
}
