// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.TestApps;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestReleases;
import io.canary.domain.app.TestRoutes;
import io.canary.domain.app.TestServices;
import io.canary.domain.app.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// How a weight that was withdrawn comes back (design 5.5): v1 has all, v2 had 30 and has 3 pods again.
class WithdrawalTest {
    private static final Instant LOST = Instant.parse("2026-01-01T12:00:00Z");
    private static final Instant READY = LOST.plusSeconds(60);

    @Test
    void returnsWhilePausedAlthoughMoreIsAsked() {
        App app = app(TestServices.order().with("paused", "wait").facts(), "50", once());

        assertThat(weightsAfter(Duration.ofSeconds(29), app)).isNull();
        assertThat(weightsAfter(Duration.ofSeconds(30), app)).isEqualTo(Map.of("order-v1", 70, "order-v2", 30));
    }

    @Test
    void returnsToWhatIsAskedWhereThatIsLess() {
        App app = app(TestServices.order().facts(), "20", once());

        assertThat(weightsAfter(Duration.ofSeconds(30), app)).isEqualTo(Map.of("order-v1", 80, "order-v2", 20));
    }

    @Test
    void staysAwayAfterTheSecondTimeUntilAnEdit() {
        App app = app(TestServices.order().facts(), "30", twice(version("30", 3)));

        assertThat(weightsAfter(Duration.ofMinutes(5), app)).isNull();
    }

    @Test
    void returnsAfter30SecondsWhenAnEditLiftsTheHold() {
        App app = app(TestServices.order().facts(), "20", twice(version("30", 3)));

        assertThat(weightsAfter(Duration.ofSeconds(29), app)).isNull();
        assertThat(weightsAfter(Duration.ofSeconds(30), app)).isEqualTo(Map.of("order-v1", 80, "order-v2", 20));
    }

    @Test
    void countsOnAcrossTheEditThatLiftsTheHold() {
        App app = app(TestServices.order().facts(), "20", twice(version("30", 3)));

        Memory after = Planner.plan(app, Memory.EMPTY, READY).memory();

        Release.Withdrawal now = Objects.requireNonNull(
                Objects.requireNonNull(after.versions().get("uid-v2")).withdrawal());
        assertThat(now).isEqualTo(new Release.Withdrawal(3_000, LOST, LOST.minusSeconds(60), null));
        Release.Withdrawal givenBack = new Release.Withdrawal(0, now.at(), now.before(), now.heldFor());
        assertThat(Gates.withdraw(version("20", 3), givenBack, 2_000, READY).heldFor())
                .isNotNull();
    }

    /// A write that is refused, or undone, and tried again is no second loss.
    @Test
    void isTheSameUntilItIsGivenBack() {
        assertThat(Gates.withdraw(version("30", 3), once(), 3_000, READY))
                .isEqualTo(new Release.Withdrawal(3_000, READY, null, null));
        assertThat(Gates.withdraw(version("30", 3), twice(version("30", 3)), 3_000, READY)
                        .heldFor())
                .isNotNull();
    }

    /// Whoever led before may have had a clock that was ahead.
    @Test
    void oneOfTheFutureIsAsOldAsItIsFarAway() {
        Release.Withdrawal moment = new Release.Withdrawal(0, READY.plusMillis(20), null, null);
        Release.Withdrawal hours = new Release.Withdrawal(0, READY.plusSeconds(7_200), null, null);
        assertThat(Gates.withdraw(version("30", 3), moment, 3_000, READY).heldFor())
                .isNotNull();
        assertThat(Gates.withdraw(version("30", 3), hours, 3_000, READY).heldFor())
                .isNull();
    }

    /// The edit takes away what it may return to, and makes its pods no steadier.
    @Test
    void isForgottenWhenNothingIsAskedAnyMoreButForThe30Seconds() {
        App off = app(TestServices.order().facts(), "0", once());
        Memory memory = Planner.plan(off, Memory.EMPTY, READY).memory();
        App again = app(TestServices.order().facts(), "30", once());

        assertThat(weights(again, memory, 4)).isNull();
        assertThat(weights(again, memory, 31)).isEqualTo(Map.of("order-v1", 70, "order-v2", 30));
    }

    @Test
    void isToldAsOurs() {
        Release told = first(Step.Report.class, Planner.plan(lost(), Memory.EMPTY, READY))
                .release();

        assertThat(told.history())
                .containsExactly(new Release.Move(
                        READY, "canary", "v1 70, v2 30", "v1 100", "withdrawn: v2 has no ready endpoint", ""));
    }

    /// v3 has no Service yet, and a quota may refuse it one: what comes after a refused write is not done.
    @Test
    void andThePodsForItComeBeforeTheServiceOfAnotherVersion() {
        Version v3 =
                TestDeployments.order("v3").with("weight", "10").replicas(0).version(0);

        assertThat(Planner.plan(with(lost(), v3), Memory.EMPTY, READY).steps())
                .extracting(Step::target)
                .startsWith("HTTPRoute/order")
                .containsSubsequence("scale/order-v1", "service/order-v3");
    }

    @Test
    void isRememberedWhereOnlyTheRouteWasWritten() {
        App app = lost();
        Plan plan = Planner.plan(app, Memory.EMPTY, READY);
        Step scale = first(Step.Scale.class, plan);

        Memory written = plan.memoryUntil(scale, false, Set.of(), Memory.EMPTY);
        Memory nothing = plan.memoryUntil(plan.steps().getFirst(), false, Set.of(), Memory.EMPTY);

        assertThat(taken(written)).isEqualTo(new Release.Withdrawal(3_000, READY, null, null));
        assertThat(written.writes()).containsOnlyKeys("HTTPRoute/order");
        assertThat(taken(nothing)).isNull();
        assertThat(nothing.writes()).isEmpty();
    }

    /// The route may have been written: it has no weight for v2 when it is read again.
    @Test
    void isRememberedWhereTheRouteGotNoAnswer() {
        Plan plan = Planner.plan(lost(), Memory.EMPTY, READY);
        Step route = first(Step.EnsureRoute.class, plan);

        Memory unknown = plan.memoryUntil(route, true, Set.of(), Memory.EMPTY);

        assertThat(taken(unknown)).isEqualTo(new Release.Withdrawal(3_000, READY, null, null));
        assertThat(unknown.writes()).isEmpty();
        assertThat(taken(plan.memoryUntil(route, false, Set.of(), Memory.EMPTY)))
                .isNull();
        assertThat(plan.memoryUntil(plan.steps().getLast(), true, Set.of(), Memory.EMPTY)
                        .writes())
                .containsOnlyKeys("HTTPRoute/order");
    }

    /// It returns also while paused (design 5.5), when the write that gives it back got no answer and was not done.
    @Test
    void returnsWhereTheWriteThatGivesItBackWasLost() {
        App app = app(TestServices.order().with("paused", "wait").facts(), "30", once());
        Memory ready = Planner.plan(app, Memory.EMPTY, READY).memory();
        Plan back = Planner.plan(app, ready, READY.plusSeconds(30));
        Step route = first(Step.EnsureRoute.class, back);

        Memory lost = back.memoryUntil(route, true, Set.of(), ready);

        assertThat(weights(app, lost, 31)).isEqualTo(Map.of("order-v1", 70, "order-v2", 30));
    }

    /// After a takeover, with a write that is refused each time: the 30 s are over all the same.
    @Test
    void returnsAlsoWhereEachPlanFailed() {
        App app = app(TestServices.order().facts(), "30", once());
        Memory memory = Memory.EMPTY;
        for (int second = 0; second < 30; second++) {
            Plan plan = Planner.plan(app, memory, READY.plusSeconds(second));
            memory = plan.memoryUntil(
                    new Step.Report("order", TestReleases.of("v1", 10), "fails"), false, Set.of(), memory);
        }

        assertThat(weights(app, memory, 30)).isEqualTo(Map.of("order-v1", 70, "order-v2", 30));
    }

    /// The route was written, and the process that did it ended before it wrote the Release, which still gives v2 30.
    @Test
    void isKnownToTheNextProcessAlthoughNoReleaseTellsIt() {
        App app = app(TestServices.order().facts(), "30", 3_000, null);

        assertThat(weightsAfter(Duration.ofSeconds(29), app)).isNull();
        assertThat(weightsAfter(Duration.ofSeconds(30), app)).isEqualTo(Map.of("order-v1", 70, "order-v2", 30));
    }

    /// Somebody else may have lowered the route, so that it counts for none of the two in ten minutes.
    @Test
    void isNotHeldForOneThatNoReleaseTells() {
        Release.Withdrawal before = new Release.Withdrawal(0, READY.minusSeconds(60), null, null);
        App told = app(TestServices.order().facts(), "30", 3_000, before);
        App untold = app(TestServices.order().facts(), "30", 3_000, null);

        assertThat(withdrawal(told)).isEqualTo(before);
        assertThat(Gates.withdraw(version("30", 3), withdrawal(untold), 3_000, READY)
                        .heldFor())
                .isNull();
    }

    private static Release.@Nullable Withdrawal withdrawal(App app) {
        return taken(Planner.plan(app, Memory.EMPTY, READY).memory());
    }

    /// Nor by one that finds the app aborted, which hides what v2 asks.
    @Test
    void isKnownToTheNextProcessAlsoWhereAnAbortIsLiftedSoon() {
        App aborted = app(TestServices.order().with("abort", "bad").facts(), "30", 3_000, null);
        App lifted = app(TestServices.order().facts(), "30", 3_000, null);
        Memory memory = Planner.plan(aborted, Memory.EMPTY, READY).memory();

        assertThat(weights(lifted, memory, 29)).isNull();
        assertThat(weights(lifted, memory, 30)).isEqualTo(Map.of("order-v1", 70, "order-v2", 30));
    }

    /// Who lowers a weight to 0 takes nothing for lack of pods.
    @Test
    void isNoneWhereItsUserAsksForNothing() {
        App off = app(TestServices.order().facts(), "0", 3_000, null);
        App again = app(TestServices.order().facts(), "30", 3_000, null);
        Memory memory = Planner.plan(off, Memory.EMPTY, READY).memory();

        assertThat(weights(again, memory, 4)).isEqualTo(Map.of("order-v1", 70, "order-v2", 30));
    }

    /// What was taken by an abort that is lifted again is not to come back by itself.
    @Test
    void givesNothingBackWhilePausedWhereNoReleaseTellsIt() {
        App app = app(TestServices.order().with("paused", "wait").facts(), "30", 3_000, null);

        assertThat(weightsAfter(Duration.ofMinutes(5), app)).isNull();
    }

    private static <S extends Step> S first(Class<S> kind, Plan plan) {
        return plan.steps().stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .findFirst()
                .orElseThrow();
    }

    /// The weights that are written so many seconds after READY; null where none are.
    private static @Nullable Map<String, Integer> weights(App app, Memory memory, int seconds) {
        return TestPlans.weights(Planner.plan(app, memory, READY.plusSeconds(seconds)));
    }

    private static Release.@Nullable Withdrawal taken(Memory memory) {
        return Objects.requireNonNull(memory.versions().get("uid-v2")).withdrawal();
    }

    private static Release.Withdrawal once() {
        return new Release.Withdrawal(3_000, LOST, null, null);
    }

    private static Release.Withdrawal twice(Version version) {
        return new Release.Withdrawal(3_000, LOST, LOST.minusSeconds(60), version.fingerprint());
    }

    /// The weights that are written when `app` has stood as it is for so long; null where none are.
    private static @Nullable Map<String, Integer> weightsAfter(Duration time, App app) {
        Memory memory = Planner.plan(app, Memory.EMPTY, READY).memory();
        return TestPlans.weights(Planner.plan(app, memory, READY.plus(time)));
    }

    private static Version version(String weight, int ready) {
        return TestDeployments.order("v2")
                .with("app", "order")
                .with("total", "10")
                .with("weight", weight)
                .with("by", "alice")
                .replicas(ready)
                .version(ready);
    }

    /// v2 has 30 and not one pod ready any more; v1 needs more pods now.
    private static App lost() {
        App before = app(TestServices.order().facts(), "30", once());
        RouteFacts route = before.routes().getFirst();
        Version v1 = TestDeployments.order("v1")
                .with("app", "order")
                .with("total", "10")
                .replicas(7)
                .version(7);
        return TestApps.like(before)
                .versions(Stream.of(v1, version("30", 0)))
                .routes(List.of(TestRoutes.order(
                        route.parents(),
                        new RouteFacts.Ref("order-v1", 80, 70),
                        new RouteFacts.Ref("order-v2", 80, 30))))
                .release(TestReleases.of(
                        "v1", 10, TestReleases.version("v1", 7_000, 7), TestReleases.version("v2", 3_000, 3)))
                .app();
    }

    private static App with(App app, Version more) {
        return TestApps.like(app)
                .versions(Stream.concat(app.versions().stream(), Stream.of(more)))
                .app();
    }

    private static App app(ServiceFacts root, String weight, Release.Withdrawal withdrawal) {
        return app(root, weight, 0, withdrawal);
    }

    /// @param told basis points that v2 has as the Release tells; it has none
    private static App app(ServiceFacts root, String weight, int told, Release.@Nullable Withdrawal withdrawal) {
        Version v1 = TestDeployments.order("v1")
                .with("app", "order")
                .with("total", "10")
                .version(10);
        Release.VersionStatus lost = TestReleases.version("v2", 0, 3);
        Release release = TestReleases.of(
                "v1",
                10,
                TestReleases.version("v1", 10_000, 10),
                new Release.VersionStatus(
                        "v2",
                        lost.deployment(),
                        lost.uid(),
                        3_000,
                        told,
                        0,
                        3,
                        3,
                        3,
                        "",
                        null,
                        false,
                        withdrawal,
                        Release.Standing.NONE));
        RouteFacts.Parent mesh = new RouteFacts.Parent("Service order:80", "mesh", 1, true, true, null, "Accepted");
        RouteFacts route = TestRoutes.order(List.of(mesh), new RouteFacts.Ref("order-v1", 80, 100));
        return TestApps.of(root, v1, version(weight, 3))
                .withServices()
                .routes(List.of(route))
                .release(release)
                .app();
    }
}
