// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.util.Map;
import java.util.Optional;

/// Where credentials are kept, so that several processes that start together agree on one set.
public interface CertificateStore {
    /// What is stored: file name to PEM bytes.
    Optional<Map<String, byte[]>> load();

    /// Stores the first credentials. Whoever comes second gets what the first stored.
    Map<String, byte[]> create(Map<String, byte[]> fresh);

    /// Stores `next` in the place of `previous`. If somebody else was faster, gets what they stored.
    Map<String, byte[]> replace(Map<String, byte[]> previous, Map<String, byte[]> next);

    /// Tells clients what to trust (PEM); writes only where something else stands.
    ///
    /// @return whether all places where it belongs exist
    boolean publish(byte[] bundle);
}
