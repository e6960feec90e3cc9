// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/// Who signs the next serving certificate.
sealed interface Signing {
    /// This one: every client trusts it, or there is nothing to lose.
    record By(Authority authority) implements Signing {}

    /// Clients may not trust who could sign; what is served is still good.
    record Later() implements Signing {}

    /// Nobody can: no key of a trusted authority is left.
    record Nobody() implements Signing {}

    /// The one with the longest future of those that are `proven` to be trusted.
    ///
    /// @param keys the authorities whose keys we hold
    /// @param proven whether all clients are known to trust it
    static Signing of(Instant now, List<Authority> keys, Stock stock, Predicate<X509Certificate> proven) {
        Credentials served = stock.credentials();
        boolean good = served != null && now.isBefore(served.over());
        List<Authority> able = keys.stream()
                .filter(one -> stock.trusted().contains(one.certificate()) && now.isBefore(one.end()))
                .toList();
        if (able.isEmpty()) {
            return new Nobody();
        }
        List<Authority> trusted =
                able.stream().filter(one -> proven.test(one.certificate())).toList();
        if (!trusted.isEmpty()) {
            return new By(longest(trusted));
        }
        return good ? new Later() : new By(longest(able));
    }

    /// The one that ends last, of at least one.
    static Authority longest(List<Authority> authorities) {
        return Collections.max(authorities, Comparator.comparing(Authority::end));
    }
}
