// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.domain.admission.Change;
import io.canary.domain.policy.Right;
import java.util.Map;
import java.util.Set;

/// Answers what a requester may do.
@FunctionalInterface
public interface Rights {
    /// The answers to `questions` about `user`; those that could not be had are missing. Blocks the (virtual) thread.
    Map<Right, Boolean> of(Change.Requester user, Set<Right> questions);
}
