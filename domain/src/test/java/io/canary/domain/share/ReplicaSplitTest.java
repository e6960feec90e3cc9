// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.share;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicaSplitTest {
    private static final List<String> NEWEST_FIRST = List.of("v3", "v2", "v1");

    @ParameterizedTest(name = "{1} of {0} pods run {3}, the rest {2}")
    @CsvSource({
        "10, 1, 9, 1",
        "10, 10, 9, 1",
        "10, 25, 7, 3",
        "10, 50, 5, 5",
        "10, 95, 1, 9",
        "10, 99, 1, 9",
        "10, 100, 0, 10",
        "10, 0, 10, 0",
        "3, 50, 1, 2",
        "1, 10, 1, 1",
        "0, 10, 1, 1",
    })
    void splitsTheTotalAsTheDesignSays(int total, int percent, int stable, int canary) {
        Map<String, Integer> parts =
                ReplicaSplit.of(total, Map.of("v1", 10_000 - percent * 100, "v2", percent * 100), NEWEST_FIRST);
        assertThat(parts).containsEntry("v1", stable).containsEntry("v2", canary);
    }

    @Test
    void partsSumToTheTotalAndNobodyWithAShareHasNone() {
        Random random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            Map<String, Integer> shares = shares(random);
            int total = random.nextInt(200);
            Map<String, Integer> parts = ReplicaSplit.of(total, shares, NEWEST_FIRST);
            long active = shares.values().stream().filter(s -> s > 0).count();
            assertThat(parts.values().stream().mapToInt(Integer::intValue).sum())
                    .isEqualTo((int) Math.max(total, active));
            shares.forEach((v, share) -> assertThat(parts.getOrDefault(v, 0))
                    .satisfies(p -> assertThat(p > 0).isEqualTo(share > 0)));
        }
    }

    @Test
    void aVersionThatTakesShareNeverLosesPods() {
        Random random = new Random(8);
        for (int i = 0; i < 5_000; i++) {
            Map<String, Integer> before = shares(random);
            int moved = random.nextInt(before.getOrDefault("v1", 0) + 1);
            Map<String, Integer> after = new LinkedHashMap<>(before);
            after.merge("v1", -moved, Integer::sum);
            after.merge("v2", moved, Integer::sum);
            int total = random.nextInt(50);
            Map<String, Integer> was = ReplicaSplit.of(total, before, NEWEST_FIRST);
            Map<String, Integer> is = ReplicaSplit.of(total, after, NEWEST_FIRST);
            boolean sameVersions = (before.getOrDefault("v1", 0) > 0) == (after.getOrDefault("v1", 0) > 0);
            if (sameVersions) {
                assertThat(is.getOrDefault("v2", 0)).isGreaterThanOrEqualTo(was.getOrDefault("v2", 0));
            }
        }
    }

    @Test
    void startingNearTheQuotaChangesNothing() {
        Random random = new Random(9);
        for (int i = 0; i < 2_000; i++) {
            Map<String, Integer> shares = shares(random);
            int total = random.nextInt(3_000);
            assertThat(ReplicaSplit.of(total, shares, NEWEST_FIRST)).isEqualTo(podByPod(total, shares));
        }
    }

    @Test
    void aHugeTotalIsSplitAtOnce() {
        Map<String, Integer> parts = ReplicaSplit.of(Integer.MAX_VALUE, Map.of("v1", 9_999, "v2", 1), NEWEST_FIRST);
        assertThat(parts.values().stream().mapToLong(Integer::longValue).sum()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void oneInTenPodsMayBeMissing() {
        assertThat(ReplicaSplit.enough(1)).isEqualTo(1);
        assertThat(ReplicaSplit.enough(9)).isEqualTo(9);
        assertThat(ReplicaSplit.enough(10)).isEqualTo(9);
        assertThat(ReplicaSplit.enough(25)).isEqualTo(23);
    }

    /// The definition: one pod each, then pod by pod to the highest quotient.
    private static Map<String, Integer> podByPod(int total, Map<String, Integer> shares) {
        Map<String, Integer> parts = new LinkedHashMap<>();
        shares.forEach((v, share) -> parts.put(v, share > 0 ? 1 : 0));
        for (int left = total
                        - parts.values().stream().mapToInt(Integer::intValue).sum();
                left > 0;
                left--) {
            String best = "";
            for (String v : NEWEST_FIRST) {
                if (shares.getOrDefault(v, 0) > 0
                        && (best.isEmpty()
                                || (long) shares.getOrDefault(v, 0) * (2 * parts.getOrDefault(best, 0) + 1)
                                        > (long) shares.getOrDefault(best, 0) * (2 * parts.getOrDefault(v, 0) + 1))) {
                    best = v;
                }
            }
            parts.merge(best, 1, Integer::sum);
        }
        return parts;
    }

    private static Map<String, Integer> shares(Random random) {
        int first = random.nextInt(10_001);
        int second = random.nextInt(10_001 - first);
        Map<String, Integer> shares = new LinkedHashMap<>();
        shares.put("v1", 10_000 - first - second);
        shares.put("v2", first);
        shares.put("v3", second);
        return shares;
    }
}
