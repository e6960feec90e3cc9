// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;

/// An authority that signs serving certificates, with its key. Kept in a Secret of its own, which is read only
/// while something is signed (threat T26).
public record Authority(X509Certificate certificate, PrivateKey key) {
    public Authority {
        Pem.requirePair("the key", key, "its authority", certificate);
    }

    Instant end() {
        return certificate.getNotAfter().toInstant();
    }

    /// Name and date only, never the key.
    @Override
    public String toString() {
        return "Authority[%s until %s]".formatted(certificate.getSubjectX500Principal(), end());
    }
}
