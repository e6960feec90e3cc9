// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.util.Map;

/// Who asks for a change, and what is known of their rights. What was not asked counts as no.
///
/// @param answers to the SubjectAccessReviews that were asked
public record Asker(String name, Map<Right, Boolean> answers) {
    public Asker {
        answers = Map.copyOf(answers);
    }

    /// Whether they may.
    public boolean may(Right right) {
        return answers.getOrDefault(right, false);
    }
}
