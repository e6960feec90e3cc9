// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Many breaches are counted, and few are told.
class ViolationsTest {
    private static Compliance.Breach breach(int app, PolicyRule rule) {
        return new Compliance.Breach(
                "shop", "app-%03d".formatted(app), "v2", new Finding("p", rule, Finding.Outcome.DENIED, "60 > 50"));
    }

    @Test
    void theFirstTwentyAreToldInOrderHoweverTheyCome() {
        Violations violations = new Violations();
        IntStream.of(30, 29, 5, 1, 28, 2).forEach(i -> violations.add(breach(i, PolicyRule.MAX_WEIGHT)));
        IntStream.range(6, 28).forEach(i -> violations.add(breach(i, PolicyRule.MAX_WEIGHT)));
        violations.add(breach(3, PolicyRule.MAX_WEIGHT));

        List<String> expected = IntStream.rangeClosed(1, 21)
                .filter(i -> i != 4)
                .mapToObj("maxWeight: shop/app-%03d v2: 60 > 50"::formatted)
                .toList();
        assertThat(violations.first()).isEqualTo(expected);
        assertThat(violations.total()).isEqualTo(29);
    }

    @Test
    void eachRuleIsCountedForItself() {
        Violations violations = new Violations();
        violations.add(breach(1, PolicyRule.MAX_WEIGHT));
        violations.add(breach(1, PolicyRule.MIN_REPLICAS));
        violations.add(breach(2, PolicyRule.MIN_REPLICAS));

        assertThat(violations.byRule()).isEqualTo(Map.of(PolicyRule.MAX_WEIGHT, 1, PolicyRule.MIN_REPLICAS, 2));
        assertThat(new Violations().total()).isZero();
    }
}
