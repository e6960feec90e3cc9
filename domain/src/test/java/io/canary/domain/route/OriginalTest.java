// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OriginalTest {
    private static JsonObject keeping(Object weight) {
        return new JsonObject(Map.of(
                "order",
                Map.of(
                        "rules",
                        List.of(Map.of(
                                "rest", "x", "refs", List.of(List.of(Map.of("name", "order", "weight", weight))))))));
    }

    /// `1e999` in the annotation, as a JSON library reads it.
    @Test
    void aNumberThatJsonDoesNotHaveIsNotReadable() {
        assertThat(Original.of(keeping(1.5)).text()).contains("\"weight\":1.5");
        assertThat(Original.of(keeping(Double.POSITIVE_INFINITY))).isEqualTo(Original.NONE);
        assertThat(Original.of(keeping(Double.NaN))).isEqualTo(Original.NONE);
    }
}
