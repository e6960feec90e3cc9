// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.domain.policy.Finding;
import io.canary.domain.policy.Ruling;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.function.Supplier;

/// Counts what policies decided: `canary_policy_decisions_total`, `canary_policy_overrides_total`,
/// `canary_policy_evaluation_seconds`.
public final class PolicyMetrics {
    private final MeterRegistry registry;
    private final Timer evaluation;

    public PolicyMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.evaluation = registry.timer("canary.policy.evaluation");
    }

    /// What `judging` returns, timed with the questions about rights that it asks.
    <T> T timed(Supplier<T> judging) {
        Timer.Sample sample = Timer.start(registry);
        T judged = judging.get();
        sample.stop(evaluation);
        return judged;
    }

    void count(Ruling ruling) {
        for (Finding finding : ruling.findings()) {
            registry.counter(
                            "canary.policy.decisions",
                            "policy",
                            finding.policy(),
                            "rule",
                            finding.rule().text(),
                            "action",
                            finding.outcome().name().toLowerCase(Locale.ROOT))
                    .increment();
            if (finding.outcome() == Finding.Outcome.OVERRIDDEN) {
                registry.counter("canary.policy.overrides", "policy", finding.policy())
                        .increment();
            }
        }
    }
}
