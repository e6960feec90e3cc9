// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the Secret of the serving certificate holds, as far as it can be read.
///
/// @param trusted the authorities; empty where there are none or they cannot be read
/// @param credentials null where the pair cannot be used
/// @param problem why it cannot be used
record Stock(List<X509Certificate> trusted, @Nullable Credentials credentials, String problem) {
    /// Nothing is stored yet.
    static final Stock NOTHING = new Stock(List.of(), null, "there is none");

    static Stock of(Map<String, byte[]> files) {
        List<X509Certificate> trusted;
        try {
            trusted = Credentials.trusted(files);
        } catch (IllegalArgumentException e) {
            return new Stock(List.of(), null, String.valueOf(e.getMessage()));
        }
        try {
            return new Stock(trusted, Credentials.decode(files), "");
        } catch (IllegalArgumentException e) {
            return new Stock(trusted, null, String.valueOf(e.getMessage()));
        }
    }
}
