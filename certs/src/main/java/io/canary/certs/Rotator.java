// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.time.Clock;
import java.time.Instant;
import java.util.Map;

/// Brings the stored credentials up to date: founds what is missing, renews what is due.
public final class Rotator {
    private final CertificateStore store;
    private final CertificateAuthority authority;
    private final Clock clock;

    public Rotator(CertificateStore store, CertificateAuthority authority, Clock clock) {
        this.store = store;
        this.authority = authority;
        this.clock = clock;
    }

    /// The credentials to serve with from now on; an [IllegalArgumentException] says what is wrong with the stored
    /// ones.
    public Credentials refresh() {
        Instant now = clock.instant();
        Map<String, byte[]> stored =
                store.load().orElseGet(() -> store.create(authority.found(now).encode()));
        Credentials current = Credentials.decode(stored);
        return switch (RotationDecision.at(now, current)) {
            case RotationDecision.Keep _ -> current;
            case RotationDecision.RenewLeaf _ -> replace(stored, authority.renewLeaf(current, now));
            case RotationDecision.DropAuthority(var ended) -> replace(stored, current.without(ended));
            // With the authority ended nobody trusts us any more and nothing is lost by a new one. Before that a
            // second authority must be trusted everywhere first; that order is not built yet.
            case RotationDecision.AddAuthority(var expires) ->
                now.isBefore(expires) ? current : replace(stored, authority.found(now));
        };
    }

    private Credentials replace(Map<String, byte[]> stored, Credentials next) {
        return Credentials.decode(store.replace(stored, next.encode()));
    }
}
