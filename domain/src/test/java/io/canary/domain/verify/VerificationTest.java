// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VerificationTest {
    private static Verification measured(Map<String, Integer> expected, Tally tally) {
        return new Verification(new Expectation(expected, new Expectation.Basis.InForce(), List.of()), tally);
    }

    private static Tally tally(int v1, int v2) {
        return new Tally(Map.of("v1", v1, "v2", v2), 0, Map.of());
    }

    private static final Map<String, Integer> NINETY_TEN = Map.of("v1", 9000, "v2", 1000, "v0", 0);

    @Test
    void aRightSplitIsInside() {
        Verification verification = measured(NINETY_TEN, tally(905, 95));
        assertThat(verification.verdict()).isEqualTo(new Verdict.Inside());
        assertThat(verification.rows()).extracting(Verification.Row::version).containsExactly("v1", "v2");
    }

    /// 130 of 1000 is outside of 95 % and inside of 99 %: the verdict is by 99 %.
    @Test
    void theVerdictIsByNinetyNinePercent() {
        Verification verification = measured(NINETY_TEN, tally(878, 122));
        assertThat(verification.rows().get(1).shown().holds(1000)).isFalse();
        assertThat(verification.verdict()).isEqualTo(new Verdict.Inside());
        assertThat(measured(NINETY_TEN, tally(870, 130)).verdict()).isInstanceOf(Verdict.Outside.class);
    }

    @Test
    void aVersionWithoutAShareMayNotAnswer() {
        Verification verification = measured(NINETY_TEN, new Tally(Map.of("v1", 900, "v2", 99, "v0", 1), 0, Map.of()));
        assertThat(verification.verdict())
                .isInstanceOfSatisfying(
                        Verdict.Outside.class,
                        outside -> assertThat(outside.rows())
                                .extracting(Verification.Row::version)
                                .containsExactly("v0"));
    }

    @Test
    void failuresAndUnknownAnswersAreNoGoodEnd() {
        assertThat(measured(NINETY_TEN, new Tally(Map.of("v1", 90, "v2", 10), 2, Map.of("timed out", 1)))
                        .verdict())
                .isEqualTo(new Verdict.Incomplete(1, 2));
        assertThat(measured(NINETY_TEN, new Tally(Map.of(), 0, Map.of("refused", 3)))
                        .verdict())
                .isEqualTo(new Verdict.Incomplete(3, 0));
    }

    @Test
    void tellsWhatTighterAnswersWouldTake() {
        assertThat(measured(NINETY_TEN, tally(900, 100)).tighter())
                .extracting(Verification.Tighter::halfWidth)
                .containsExactly(0.01, 0.005);
        assertThat(measured(NINETY_TEN, tally(5, 5)).tighter())
                .extracting(Verification.Tighter::halfWidth)
                .containsExactly(0.05, 0.02);
        assertThat(measured(NINETY_TEN, tally(900, 100)).tighter().getFirst().requests())
                .isBetween(3450L, 3470L);
        assertThat(measured(NINETY_TEN, Tally.NOTHING).tighter()).isEmpty();
    }

    @Test
    void countsAddUp() {
        Tally tally = Tally.NOTHING
                .answeredBy("v1")
                .answeredBy("v1")
                .untold()
                .failed("status 503")
                .failed("timed out");
        assertThat(tally.of("v1")).isEqualTo(2);
        assertThat(List.of(tally.told(), tally.unknown(), tally.failed(), tally.sent()))
                .containsExactly(2, 1, 2, 5);
    }
}
