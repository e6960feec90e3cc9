// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.sim;

import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The planner against a simulated cluster: random users, tools, pods and crashes at every write.
class PlannerSimulationTest {
    private static final int HISTORIES = Integer.getInteger("canary.histories", 1_500);
    private static final int LENGTH = Integer.getInteger("canary.length", 25);
    private static final long SEED = Long.getLong("canary.seed", 1);

    @Test
    void noHistoryBreaksARuleOrKeepsTheAppFromConverging() {
        for (long seed = SEED; seed < SEED + HISTORIES; seed++) {
            List<Simulation.Action> history = Simulation.random(seed, 3 + (int) (seed % LENGTH));
            Optional<String> failure = Simulation.failure(history);
            if (failure.isPresent()) {
                List<Simulation.Action> shortest = Simulation.shortest(history);
                fail("seed %d: %s%nshortest history: %s%n%s%n%s"
                        .formatted(
                                seed,
                                failure.get(),
                                shortest,
                                Simulation.failure(shortest).orElse("?"),
                                Simulation.story(shortest)));
            }
        }
    }
}
