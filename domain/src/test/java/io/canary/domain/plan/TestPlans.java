// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What tests ask of plans.
final class TestPlans {
    private TestPlans() {}

    /// The weights that the first written route gets, by Service; null where none is written.
    static @Nullable Map<String, Integer> weights(Plan plan) {
        return plan.steps().stream()
                .filter(Step.EnsureRoute.class::isInstance)
                .map(Step.EnsureRoute.class::cast)
                .map(step -> {
                    Map<String, Integer> weights = new LinkedHashMap<>();
                    step.refs().forEach(ref -> weights.put(ref.service(), ref.weight()));
                    return weights;
                })
                .findFirst()
                .orElse(null);
    }
}
