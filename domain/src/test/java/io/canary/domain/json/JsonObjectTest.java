// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonObjectTest {
    /// The API server refuses a status with `+10000-01-01T04:59:59Z`.
    @ParameterizedTest
    @CsvSource({
        "9999-12-31T23:59:59-05:00, 9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59.5Z, 9999-12-31T23:59:59Z",
        "0000-01-01T00:00:00+05:00, 0000-01-01T00:00:00Z",
        "2026-01-01T00:00:00+05:00, 2025-12-31T19:00:00Z",
    })
    void timesCanBeWrittenAgain(String read, String written) {
        assertThat(JsonObject.instantOf(read)).hasToString(written);
    }
}
