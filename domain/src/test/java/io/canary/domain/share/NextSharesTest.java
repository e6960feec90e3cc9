// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Weight;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NextSharesTest {
    private static final List<String> NEWEST_FIRST = List.of("v3", "v2", "v1");

    @ParameterizedTest(name = "asked {0} with gate open to {1}: {2}")
    @CsvSource({"5000, 5000, 5000", "5000, 0, 1000", "500, 0, 500", "0, 0, 0"})
    void aRaiseWaitsForItsGateAndALoweringForNothing(int asked, int ceiling, int next) {
        NextShares shares =
                NextShares.of(stable(split(10_000 - 1000, 1000, 0), split(10_000 - asked, asked, 0), ceiling));
        assertThat(shares.shares().of("v2")).isEqualTo(next);
    }

    @ParameterizedTest(name = "stable asked for everything with {0} of 10 pods at {1} %: {2}")
    @CsvSource({"10, 125, 10000", "8, 125, 10000", "4, 125, 5000", "4, 200, 8000", "1, 125, 1200", "0, 200, 1000"})
    void aRetreatGoesAsFarAsStableCarriesIt(int ready, int overload, int next) {
        NextShares shares = NextShares.of(new NextShares.Position(
                split(1000, 9000, 0),
                Shares.all("v1"),
                "v1",
                "v1",
                false,
                false,
                10,
                ready(ready, 9, 0),
                Map.of(),
                Set.of(),
                overload,
                false,
                NEWEST_FIRST));
        assertThat(shares.shares().of("v1")).isEqualTo(next);
    }

    @ParameterizedTest(name = "promoted with {0} pods while v3 waits: {1}")
    @CsvSource({"10, 10000", "9, 10000", "5, 5000", "4, 1000"})
    void aPromotionTakesWhatIsLeftOverOnlyWithThePodsForIt(int ready, int next) {
        int ceiling = ready >= 5 ? 5000 : 0;
        NextShares shares = NextShares.of(new NextShares.Position(
                split(9000, 1000, 0),
                split(0, 5000, 5000),
                "v2",
                "v1",
                false,
                false,
                10,
                ready(10, ready, 0),
                Map.of("v2", ceiling),
                Set.of("v1", "v2", "v3"),
                125,
                false,
                NEWEST_FIRST));
        assertThat(shares.shares()).isEqualTo(split(10_000 - next, next, 0));
    }

    @Test
    void noVersionWithoutEndpointsEverRises() {
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            Shares inForce = random(random);
            Map<String, Integer> ready = ready(random.nextInt(4), random.nextInt(4), random.nextInt(4));
            boolean promoted = random.nextBoolean();
            NextShares next = NextShares.of(new NextShares.Position(
                    inForce,
                    random(random),
                    promoted ? "v2" : "v1",
                    random.nextInt(4) == 0 ? null : "v1",
                    random.nextBoolean(),
                    random.nextInt(4) == 0,
                    10,
                    ready,
                    Map.of("v2", random.nextInt(10_001), "v3", random.nextInt(10_001)),
                    Set.of("v1", "v2", "v3"),
                    random.nextBoolean() ? 125 : 200,
                    random.nextBoolean(),
                    NEWEST_FIRST));
            ready.forEach((v, pods) -> {
                if (pods == 0) {
                    assertThat(next.shares().of(v)).isLessThanOrEqualTo(inForce.of(v));
                }
            });
        }
    }

    private static NextShares.Position stable(Shares inForce, Shares asked, int ceiling) {
        return new NextShares.Position(
                inForce,
                asked,
                "v1",
                "v1",
                false,
                false,
                10,
                ready(10, 1, 0),
                Map.of("v2", ceiling),
                Set.of(),
                125,
                false,
                NEWEST_FIRST);
    }

    private static Map<String, Integer> ready(int v1, int v2, int v3) {
        Map<String, Integer> ready = new LinkedHashMap<>();
        ready.put("v1", v1);
        ready.put("v2", v2);
        ready.put("v3", v3);
        return ready;
    }

    private static Shares split(int v1, int v2, int v3) {
        return new Shares(Map.of("v1", v1, "v2", v2, "v3", v3));
    }

    private static Shares random(Random random) {
        int v2 = random.nextInt(Weight.ALL + 1);
        int v3 = random.nextInt(Weight.ALL + 1 - v2);
        return split(Weight.ALL - v2 - v3, v2, v3);
    }
}
