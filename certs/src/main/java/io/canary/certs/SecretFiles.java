// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One Secret: file name to bytes. Several processes that start together agree on one content by it.
public interface SecretFiles {
    /// @param foreign kept by somebody else, as cert-manager: never written by us
    record Content(Map<String, byte[]> files, boolean foreign) {
        /// The names of the entries only.
        @Override
        public String toString() {
            return "Content[files=%s, foreign=%s]".formatted(files.keySet(), foreign);
        }
    }

    /// What is stored; empty where there is no such Secret.
    Optional<Content> load();

    /// Stores `files` where `previous` stands, or where nothing stands (null). Whoever comes second changes
    /// nothing: load again.
    void store(@Nullable Content previous, Map<String, byte[]> files);
}
