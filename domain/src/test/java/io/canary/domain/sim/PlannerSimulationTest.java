// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.sim;

import static io.canary.domain.sim.Simulation.Kind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.canary.domain.sim.Simulation.Action;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The planner against a simulated cluster: random users, tools, pods and crashes at every write.
class PlannerSimulationTest {
    /// Histories to try; -1: as many as fit into the time.
    private static final int HISTORIES = Integer.getInteger("canary.histories", -1);
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("canary.seconds", 6));
    private static final int LENGTH = Integer.getInteger("canary.length", 25);
    private static final long SEED = Long.getLong("canary.seed", 1);

    private static final List<Simulation.Trouble> TROUBLES = List.of(Simulation.Trouble.values());
    private static final Action MINUTE = new Action(Kind.WAIT, 4, 0);
    private static final Action CREATE_V2 = new Action(Kind.CREATE, 1, 2);
    private static final Action CREATE_V3 = new Action(Kind.CREATE, 2, 2);

    /// Releases as people do them, with time between the edits. `v1` runs 10 pods before each.
    static Stream<Arguments> stories() {
        return Stream.of(
                story("promoted", CREATE_V2, MINUTE, weight(1, "50"), MINUTE, stable(1), MINUTE),
                story("undone", CREATE_V2, MINUTE, stable(1), MINUTE, stable(0), MINUTE),
                story("aborted", CREATE_V2, MINUTE, weight(1, "90"), MINUTE, of(Kind.ABORT), MINUTE),
                story("handed back", CREATE_V2, MINUTE, of(Kind.DETACH), MINUTE),
                story("deleted", CREATE_V2, MINUTE, weight(1, "50"), MINUTE, new Action(Kind.DELETE, 1, 0), MINUTE),
                story("withdrawn", CREATE_V2, MINUTE, new Action(Kind.TEMPLATE, 1, 0), MINUTE, MINUTE),
                story("three", CREATE_V2, CREATE_V3, MINUTE, weight(1, "25"), weight(2, "50"), MINUTE, stable(2)),
                story("by replicas", of(Kind.GATEWAY_API), CREATE_V2, MINUTE, weight(1, "50"), MINUTE, stable(1)),
                story("routes appear", of(Kind.GATEWAY_API), CREATE_V2, MINUTE, of(Kind.GATEWAY_API), weight(1, "50")),
                story("autoscaled", CREATE_V2, new Action(Kind.AUTOSCALE, 1, 0), MINUTE, weight(1, "90"), MINUTE),
                story("repaired", CREATE_V2, MINUTE, new Action(Kind.SCALE, 0, 3), new Action(Kind.EDIT_ROUTE, 0, 1)));
    }

    private static Arguments story(String name, Action... actions) {
        return Arguments.arguments(name, List.of(actions));
    }

    private static Action of(Kind kind) {
        return new Action(kind, 0, 0);
    }

    private static Action stable(int version) {
        return new Action(Kind.STABLE, version, 0);
    }

    private static Action weight(int version, String weight) {
        return new Action(Kind.WEIGHT, version, Simulation.WEIGHTS.indexOf(weight));
    }

    @Test
    void noHistoryBreaksARuleOrKeepsTheAppFromConverging() {
        long end = System.nanoTime() + TIME.toNanos();
        for (long seed = SEED; HISTORIES < 0 ? System.nanoTime() < end : seed < SEED + HISTORIES; seed++) {
            List<Action> history = history(seed);
            Optional<String> failure = Simulation.failure(history);
            if (failure.isPresent()) {
                List<Action> shortest = Simulation.shortest(history);
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

    /// Also with the Release deleted meanwhile: what is in force is measured, the rest stands in annotations.
    @ParameterizedTest(name = "{0}")
    @MethodSource("stories")
    void troubleAfterAnyWriteEndsTheSame(String name, List<Action> story) {
        Simulation.Run calm = Simulation.run(story);
        assertThat(calm.failure()).isEmpty();
        for (int write = 1; write <= calm.writes(); write++) {
            for (Simulation.Trouble trouble : Simulation.Trouble.values()) {
                Simulation.Run troubled = Simulation.run(story, write, trouble);
                String what = name + ": " + trouble + " after write " + write;
                assertThat(troubled.failure()).as(what).isEmpty();
                assertThat(troubled.outcome()).as(what).isEqualTo(calm.outcome());
            }
        }
    }

    @Test
    void noRandomHistoryBreaksARuleWhereverThereIsTrouble() {
        long end = System.nanoTime() + TIME.toNanos() / 2;
        for (long seed = SEED; System.nanoTime() < end; seed++) {
            List<Action> history = history(seed);
            int writes = Simulation.run(history).writes();
            for (int write = 1; write <= writes && System.nanoTime() < end; write++) {
                Simulation.Trouble trouble = TROUBLES.get(write % TROUBLES.size());
                assertThat(Simulation.run(history, write, trouble).failure())
                        .as("seed %d, %s after write %d", seed, trouble, write)
                        .isEmpty();
            }
        }
    }

    private static List<Action> history(long seed) {
        return new ArrayList<>(Simulation.random(seed, 3 + (int) (seed % LENGTH)));
    }
}
