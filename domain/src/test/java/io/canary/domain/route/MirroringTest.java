// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MirroringTest {
    @ParameterizedTest
    @ValueSource(strings = {"1", "5", "99", "100"})
    void isAWholePercentage(String text) {
        assertThat(Mirroring.percent(text)).contains(Integer.valueOf(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "101", "5.5", "5%", " 5", "05", "", "-1", "٥", "1e1"})
    void isNothingElse(String text) {
        assertThat(Mirroring.percent(text)).isEmpty();
    }
}
