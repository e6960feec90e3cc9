// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.json;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// A field manager's last write of some fields of an object, by `metadata.managedFields`.
public record FieldWrite(@Nullable String manager, @Nullable Instant at) {
    /// The field manager of our writes.
    public static final String MANAGER = "canary";

    /// The manager other than us that wrote last, or null.
    public static @Nullable String lastOfOthers(Collection<FieldWrite> writes) {
        return writes.stream()
                .filter(write -> !MANAGER.equals(write.manager()))
                .max(Comparator.comparing(FieldWrite::at, Comparator.nullsFirst(Comparator.naturalOrder())))
                .map(FieldWrite::manager)
                .orElse(null);
    }
}
