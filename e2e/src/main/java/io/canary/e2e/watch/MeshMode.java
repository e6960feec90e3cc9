// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.time.Duration;

/// How the played mesh treats the routes of one namespace.
public sealed interface MeshMode {
    MeshMode PROMPT = new Prompt();
    MeshMode STALE = new Stale();
    MeshMode NOT_ACCEPTED = new NotAccepted();
    MeshMode REFS_FALSE = new RefsFalse();
    MeshMode OFF = new Off();
    MeshMode GONE = new Gone();

    /// A status after that time instead of the usual delay.
    static MeshMode slow(Duration delay) {
        return new Slow(delay);
    }

    /// The truth, after the usual delay.
    record Prompt() implements MeshMode {}

    /// The truth, late.
    record Slow(Duration delay) implements MeshMode {}

    /// Conditions are written, but `observedGeneration` stays old.
    record Stale() implements MeshMode {}

    /// `Accepted` is False (`NoMatchingParent`), as if the Service were none of the mesh's.
    record NotAccepted() implements MeshMode {}

    /// `ResolvedRefs` is False (`BackendNotFound`), whatever the refs say.
    record RefsFalse() implements MeshMode {}

    /// Nothing is written; what was written stays.
    record Off() implements MeshMode {}

    /// As after an uninstall that cleaned up: what was written is removed.
    record Gone() implements MeshMode {}
}
