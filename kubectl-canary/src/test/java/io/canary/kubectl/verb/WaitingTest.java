// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WaitingTest {
    @ParameterizedTest
    @CsvSource({
        "90s, PT1M30S",
        "5m, PT5M",
        "1h30m, PT1H30M",
        "1.5h, PT1H30M",
        "500ms, PT0.5S",
        "1m0.5s, PT1M0.5S",
        "10us, PT0.00001S",
        "0s, PT0S",
        "99999999h, PT8760H"
    })
    void goDurations(String text, Duration duration) {
        assertThat(Waiting.duration(text)).contains(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "5", "-5m", "5 m", "1d", "m", "1..5h", "1.h"})
    void whatIsNone(String text) {
        assertThat(Waiting.duration(text)).isEmpty();
    }
}
