// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.json;

import java.time.Instant;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What `metadata.managedFields` of a Deployment says of one field manager.
///
/// @param at when it last wrote, or null
/// @param ofReplicas whether `spec.replicas` is among its fields
public record ReplicasOwner(String manager, @Nullable Instant at, boolean ofReplicas) {
    /// The one that last wrote `spec.replicas`, unless that is us or nobody is known.
    public static @Nullable String of(Stream<ReplicasOwner> owners) {
        return owners.filter(ReplicasOwner::ofReplicas)
                .max(Comparator.comparing(ReplicasOwner::at, Comparator.nullsFirst(Comparator.naturalOrder())))
                .map(ReplicasOwner::manager)
                .filter(manager -> !manager.isEmpty() && !manager.equals(RouteJson.MANAGER))
                .orElse(null);
    }
}
