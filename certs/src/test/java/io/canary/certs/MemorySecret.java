// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A Secret in memory, with what the API server does: a write counts only where nobody wrote since.
final class MemorySecret implements SecretFiles {
    @Nullable
    Content content;

    int writes;

    @Override
    public Optional<Content> load() {
        return Optional.ofNullable(content);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // what was loaded stands for its version
    public void store(@Nullable Content previous, Map<String, byte[]> files) {
        if (previous == content) {
            writes++;
            content = new Content(Map.copyOf(files), content != null && content.foreign());
        }
    }
}
