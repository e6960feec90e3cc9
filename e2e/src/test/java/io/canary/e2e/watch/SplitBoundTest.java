// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitBoundTest {
    @ParameterizedTest
    @CsvSource({"100,9,1", "1000,9,1", "2500,7,2", "5000,5,5", "9500,1,9", "9999,1,9"})
    void tenReplicasSplitAsInTheDesign(int share, int stable, int canary) {
        Map<String, Integer> shares = Map.of("v1", 10_000 - share, "v2", share);
        assertThat(SplitBound.least(shares, "v1", 10)).isEqualTo(stable);
        assertThat(SplitBound.least(shares, "v2", 10)).isEqualTo(canary);
    }

    @Test
    void tieIsLost() {
        assertThat(SplitBound.least(Map.of("v1", 5000, "v2", 5000), "v1", 3)).isEqualTo(1);
        assertThat(SplitBound.least(Map.of("v1", 5000, "v2", 5000), "v2", 3)).isEqualTo(1);
    }

    @Test
    void everyShareKeepsOneAndNoShareNothing() {
        Map<String, Integer> shares = Map.of("v1", 9990, "v2", 10, "v3", 0);
        assertThat(SplitBound.least(shares, "v2", 1)).isEqualTo(1);
        assertThat(SplitBound.least(shares, "v3", 10)).isZero();
        assertThat(SplitBound.least(shares, "v4", 10)).isZero();
    }
}
