// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MicroTimeTest {
    @ParameterizedTest
    @CsvSource({
        "2026-11-25T00:51:51.622Z, 2026-11-25T00:51:51.622000Z",
        "2026-11-25T00:51:51Z, 2026-11-25T00:51:51.000000Z",
        "2026-11-25T00:51:51.123456789Z, 2026-11-25T00:51:51.123456Z"
    })
    void hasSixDecimalsAlways(String at, String text) {
        assertThat(MicroTime.of(Instant.parse(at))).isEqualTo(text);
        assertThat(Instant.parse(text)).isBeforeOrEqualTo(Instant.parse(at));
    }
}
