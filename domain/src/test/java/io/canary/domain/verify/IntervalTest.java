// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalTest {
    /// Newcombe 1998 (81/263, 15/148, 0/20, 1/29), Agresti and Coull, and R's `prop.test(…, correct = FALSE)`.
    @ParameterizedTest
    @CsvSource({
        "10, 100, 0.0552, 0.1744",
        "81, 263, 0.2553, 0.3662",
        "15, 148, 0.0624, 0.1605",
        "0, 20, 0.0000, 0.1611",
        "1, 29, 0.0061, 0.1718",
        "20, 20, 0.8389, 1.0000",
        "0, 10, 0.0000, 0.2775",
        "5, 10, 0.2366, 0.7634",
        "100, 1000, 0.0829, 0.1202",
        "0, 0, 0.0000, 1.0000"
    })
    void textbookValues(int hits, int of, double low, double high) {
        Interval interval = Interval.of(hits, of, Confidence.PERCENT_95);
        assertThat(interval.low()).isCloseTo(low, within(0.00006));
        assertThat(interval.high()).isCloseTo(high, within(0.00006));
    }

    @Test
    void moreConfidenceIsWider() {
        Interval sure = Interval.of(10, 100, Confidence.PERCENT_99);
        Interval shown = Interval.of(10, 100, Confidence.PERCENT_95);
        assertThat(sure.low()).isLessThan(shown.low());
        assertThat(sure.high()).isGreaterThan(shown.high());
    }

    /// A version without a share may not answer once; one with everything may not miss once.
    @ParameterizedTest
    @CsvSource({
        "0, 1000, 0, true",
        "1, 1000, 0, false",
        "1000, 1000, 10000, true",
        "999, 1000, 10000, false",
        "0, 0, 5000, true",
        "100, 1000, 1000, true",
        "100, 1000, 1300, false",
        "100, 1000, 700, false"
    })
    void whatItHolds(int hits, int of, int basisPoints, boolean held) {
        assertThat(Interval.of(hits, of, Confidence.PERCENT_99).holds(basisPoints))
                .isEqualTo(held);
    }

    @ParameterizedTest
    @CsvSource({"0.1, 0.01", "0.5, 0.01", "0, 0.01", "1, 0.005", "0.5, 0.001", "0.0953, 0.02"})
    void isTheLeastNumber(double share, double halfWidth) {
        long needed = Interval.needed(share, halfWidth, Confidence.PERCENT_95);
        double z = 1.959963984540054;
        assertThat(halfWidth(share, needed, z)).isLessThanOrEqualTo(halfWidth);
        assertThat(halfWidth(share, needed - 1, z)).isGreaterThan(halfWidth);
    }

    private static double halfWidth(double p, long requests, double z) {
        double n = (double) requests;
        return z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
    }

    /// Which has 3458 at 10 % for one point.
    @Test
    void isNearTheNormalApproximation() {
        assertThat(Interval.needed(0.1, 0.01, Confidence.PERCENT_95)).isEqualTo(3461);
        assertThat(Interval.of(100, 1000, Confidence.PERCENT_95).halfWidth()).isCloseTo(0.0186, within(0.0001));
    }

    @Test
    void refusesWhatIsNoCount() {
        assertThatIllegalArgumentException().isThrownBy(() -> Interval.of(2, 1, Confidence.PERCENT_95));
        assertThatIllegalArgumentException().isThrownBy(() -> Interval.of(-1, 1, Confidence.PERCENT_95));
    }

    @ParameterizedTest
    @CsvSource({"1000, 60", "100, 657", "1, 66343", "10000, 1"})
    void howManyRuleOutAShareThatIsNotSeen(int basisPoints, long requests) {
        assertThat(Interval.rulingOut(basisPoints, Confidence.PERCENT_99)).isEqualTo(requests);
        assertThat(Interval.of(0, requests, Confidence.PERCENT_99).holds(basisPoints))
                .isFalse();
        assertThat(Interval.of(0, requests - 1, Confidence.PERCENT_99).holds(basisPoints))
                .isTrue();
    }

    /// Of many right splits about one in a hundred is judged wrong: never many more.
    @Test
    void aRightSplitIsSeldomCalledWrong() {
        var random = new java.util.Random(42);
        int wrong = 0;
        for (int run = 0; run < 2000; run++) {
            int hits = 0;
            for (int i = 0; i < 500; i++) {
                hits += random.nextInt(100) < 10 ? 1 : 0;
            }
            wrong += Interval.of(hits, 500, Confidence.PERCENT_99).holds(1000) ? 0 : 1;
        }
        assertThat(wrong).isBetween(5, 40);
    }
}
