// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.domain.app.Fingerprint;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.TestApps;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestReleases;
import io.canary.domain.app.TestRoutes;
import io.canary.domain.app.TestServices;
import io.canary.domain.app.Version;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.TestPolicies;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Policies in the planner (policy.md section 3, layer 5): nothing is raised towards what they refuse, and nothing else
/// is held.
class GovernanceTest {
    private static final Instant START = Instant.parse("2026-11-29T14:00:00Z");
    private static final Instant LATER = START.plusSeconds(10);

    /// What is written of v2, in percent, `later` after its pods are ready; null where nothing is.
    private static @Nullable Integer raised(App app, Duration wall, Policy... policies) {
        Memory memory = Planner.plan(app, Memory.EMPTY, TestPolicies.of(policies), START, START.plus(wall))
                .memory();
        return weight(Planner.plan(app, memory, TestPolicies.of(policies), LATER, LATER.plus(wall)));
    }

    private static @Nullable Integer raised(App app, String spec) {
        return raised(app, Duration.ZERO, TestPolicies.prod(spec));
    }

    @Test
    void noRaiseTowardsWhatIsRefused() {
        App app = app("60", 1_000, Release.Standing.NONE, Map.of());

        assertThat(raised(app, "maxWeight: 60")).isEqualTo(60);
        assertThat(raised(app, "maxWeight: 50")).isNull();
        assertThat(raised(app, "maxWeight: 50, validationActions: [Warn]")).isEqualTo(60);
        assertThat(raised(app, "maxStep: 1, authorization: Enforced, separationOfDuties: {above: 0}"))
                .as("who asked, and from where, is not seen here")
                .isEqualTo(60);
    }

    @Test
    void noPodsAreStartedForIt() {
        Plan plan = Planner.plan(
                app("60", 1_000, Release.Standing.NONE, Map.of()),
                Memory.EMPTY,
                TestPolicies.of(TestPolicies.prod("maxWeight: 50")),
                START,
                START);

        assertThat(plan.steps()).noneMatch(Step.Scale.class::isInstance);
    }

    @Test
    void whatIsInForceStays() {
        App app = app("60", 6_000, Release.Standing.NONE, Map.of());

        assertThat(raised(app, "maxWeight: 50")).isNull();
    }

    @Test
    void loweringAndAbortAreNotHeld() {
        String all = "maxWeight: 0, requiredLabels: [team], minReplicas: 100,"
                + " windows: [{name: w, kind: Deny, from: '2020-01-01T00:00:00Z', to: '2120-01-01T00:00:00Z'}]";

        assertThat(raised(app("20", 6_000, Release.Standing.NONE, Map.of()), all))
                .isEqualTo(20);
        assertThat(raised(app("60", 6_000, Release.Standing.NONE, Map.of("abort", "bad")), all))
                .isEqualTo(0);
    }

    /// Begun by the clock of another process, a moment ahead of ours.
    @Test
    void aReleaseOfTheFutureHasJustBegun() {
        Release.Standing begun =
                new Release.Standing(new Release.Begun("bob", LATER.plusMillis(20), "hash", "10"), null, null, null);
        String spec = "weightByAge: [{after: 0s, max: 10}, {after: 900s, max: 100}]";

        assertThat(raised(app("10", 500, begun, Map.of()), spec)).isEqualTo(10);
        assertThat(raised(app("60", 500, begun, Map.of()), spec)).isNull();
        Plan held = Planner.plan(
                app("60", 500, begun, Map.of()), Memory.EMPTY, TestPolicies.of(TestPolicies.prod(spec)), START, START);
        assertThat(reported(held).version("v2").orElseThrow().standing().limit())
                .as("the same at each planning, or each would write it")
                .isEqualTo(new Release.Limit(1_000, "prod", LATER.plusMillis(20).plusSeconds(900)));
    }

    @Test
    void aFreezeHoldsOrContinues() {
        String window = "windows: [{name: w, kind: Deny, from: '2026-11-29T13:00:00Z', to: '2026-11-29T15:00:00Z'";
        App app = app("60", 1_000, Release.Standing.NONE, Map.of());

        assertThat(raised(app, window + "}]")).isNull();
        assertThat(raised(app, window + ", inProgress: Continue}]")).isEqualTo(60);
        assertThat(raised(app, Duration.ofHours(1), TestPolicies.prod(window + "}]")))
                .as("by the clock on the wall, not by that of the delays")
                .isEqualTo(60);
        Plan held = Planner.plan(
                app, Memory.EMPTY, TestPolicies.of(TestPolicies.prod(window + "}]")), START, START.plusSeconds(3_580));
        assertThat(held.wakeAt()).isEqualTo(START.plusSeconds(20));
        assertThat(reported(held).message())
                .isEqualTo("v2: CanaryPolicy \"prod\" windows: frozen by window w until 2026-11-29T15:00Z");
    }

    @Test
    void ageIsCountedFromTheFirstWeight() {
        Release.Standing begun =
                new Release.Standing(new Release.Begun("bob", START.minusSeconds(1_000), "hash"), null, null, null);
        String spec = "weightByAge: [{after: 0s, max: 10}, {after: 1005s, max: 100}]";

        assertThat(raised(app("60", 1_000, begun, Map.of()), spec)).isEqualTo(60);
        assertThat(raised(app("60", 1_000, Release.Standing.NONE, Map.of()), spec))
                .as("begins now")
                .isNull();
        Release.Standing other =
                new Release.Standing(new Release.Begun("bob", START.minusSeconds(1_000), "another"), null, null, null);
        assertThat(raised(app("60", 1_000, other, Map.of()), spec))
                .as("another pod template is another release")
                .isNull();
        Plan early = Planner.plan(
                app("60", 1_000, begun, Map.of()),
                Memory.EMPTY,
                TestPolicies.of(TestPolicies.prod(spec)),
                START,
                START);
        assertThat(early.wakeAt()).isEqualTo(START.plusSeconds(5));
        assertThat(reported(early).version("v2").orElseThrow().standing().limit())
                .isEqualTo(new Release.Limit(1_000, "prod", START.plusSeconds(5)));
    }

    @Test
    void whoBeganIsKept() {
        Release told = reported(Planner.plan(
                app("60", 1_000, Release.Standing.NONE, Map.of()), Memory.EMPTY, TestPolicies.of(), START, START));

        assertThat(told.version("v2").orElseThrow().standing().begun())
                .isEqualTo(new Release.Begun("alice", START, "hash", "60"));
        assertThat(told.version("v1").orElseThrow().standing()).isEqualTo(Release.Standing.NONE);
    }

    @Test
    void aVerdictStaysAndCounts() {
        Release.Standing passed = new Release.Standing(null, new Release.Verdict("hash", List.of("p99")), null, null);
        String spec = "requiredAnalysis: {above: 10, metrics: [p99]}";

        assertThat(raised(app("60", 1_000, passed, Map.of()), spec)).isEqualTo(60);
        assertThat(raised(app("60", 1_000, Release.Standing.NONE, Map.of()), spec))
                .isNull();
    }

    @Test
    void anOverrideIsForOneWish() {
        String spec = "maxWeight: 50, breakGlass: Allowed";
        App first = app("60", 1_000, Release.Standing.NONE, Map.of(), "CHG-1: checkout is down");
        assertThat(raised(first, spec)).isEqualTo(60);
        assertThat(raised(first, "maxWeight: 50")).as("not allowed there").isNull();

        Release.Standing used = new Release.Standing(
                null,
                null,
                null,
                new Release.Waiver(
                        "alice",
                        START,
                        "CHG-1: checkout is down",
                        "60/hash",
                        List.of(Fingerprint.of("CHG-1: checkout is down"))));
        assertThat(raised(app("60", 1_000, used, Map.of(), "CHG-1: checkout is down"), spec))
                .isEqualTo(60);
        assertThat(raised(app("70", 1_000, used, Map.of(), "CHG-1: checkout is down"), spec))
                .as("the same text for another weight")
                .isNull();
        assertThat(raised(app("70", 1_000, used, Map.of(), "CHG-2: still down, more of it"), spec))
                .isEqualTo(70);
    }

    @Test
    void anOverrideOnTheRootServiceIsForWhatIsAskedThen() {
        String spec = "maxWeight: 50, breakGlass: Allowed";

        assertThat(raised(app("60", 1_000, Release.Standing.NONE, Map.of("override", "CHG-3: resume it now")), spec))
                .isEqualTo(60);
        Release.Standing used = new Release.Standing(
                null,
                null,
                null,
                new Release.Waiver(
                        "alice",
                        START,
                        "CHG-3: resume it now",
                        "60/hash",
                        List.of(Fingerprint.of("CHG-3: resume it now"))));
        assertThat(raised(app("70", 1_000, used, Map.of("override", "CHG-3: resume it now")), spec))
                .isNull();
        assertThat(raised(
                        app(
                                "40",
                                1_000,
                                Release.Standing.NONE,
                                Map.of("stable", "v2", "override", "CHG-4: now or never")),
                        "minReplicas: 11, breakGlass: Allowed"))
                .isEqualTo(100);
    }

    /// One that was given to an earlier Deployment of this name is not for this one.
    @Test
    void anOverrideForHostsIsForOneDeployment() {
        Policy policy = TestPolicies.prod("hosts: ['*.example.org'], breakGlass: Allowed");
        Governance governance = new Governance(TestPolicies.of(policy), START, new Watch(START));
        Version v2 = TestDeployments.order("v2").with("hosts", "v2.example.com").version(10);
        Release.Standing used = new Release.Standing(
                null, null, null, new Release.Waiver("alice", START, "CHG-5: a demo", v2.wish(), List.of()));
        App waived = app(TestServices.order().facts(), v2, 0, used, null);
        Version another = TestDeployments.order("v2")
                .uid("another")
                .with("hosts", "v2.example.com")
                .version(10);

        assertThat(governance.heldHosts(waived)).isEmpty();
        assertThat(governance.heldHosts(app(TestServices.order().facts(), another, 0, used, null)))
                .containsOnlyKeys("v2");
    }

    /// A text that stands on the root Service when a version is first seen is for others.
    @Test
    void anOldOverrideIsNotForANewVersion() {
        App known = app("60", 1_000, Release.Standing.NONE, Map.of("override", "CHG-3: resume it now"));

        assertThat(raised(known, "maxWeight: 50, breakGlass: Allowed")).isEqualTo(60);
        assertThat(raised(forgotten(known, null), "maxWeight: 50, breakGlass: Allowed"))
                .isNull();
    }

    /// An undo to a version so old that the Release does not tell of it any more.
    @Test
    void aPromotionOfAVersionThatIsNotKnownHasTheOverrideThatCameWithIt() {
        String text = "CHG-6: v3 was bad, too";
        String spec = "minReplicas: 11, breakGlass: Allowed";
        App promoted = app("", 1_000, Release.Standing.NONE, Map.of("stable", "v2", "override", text));
        Release.Waiver before = new Release.Waiver("bob", START, text, "", List.of(Fingerprint.of(text)));

        assertThat(raised(forgotten(promoted, null), spec)).isEqualTo(100);
        assertThat(raised(forgotten(promoted, before), spec))
                .as("it stood there before")
                .isNull();
    }

    /// `app` where the Release tells of v1 alone.
    private static App forgotten(App app, Release.@Nullable Waiver waiver) {
        Release.VersionStatus v1 = TestReleases.version("v1", 10_000, 10);
        return TestApps.like(app)
                .release(TestReleases.of(
                        "v1",
                        10,
                        new Release.VersionStatus(
                                v1.name(),
                                "order-v1",
                                "uid-v1",
                                10_000,
                                10_000,
                                10_000,
                                10,
                                10,
                                10,
                                "",
                                null,
                                false,
                                null,
                                new Release.Standing(null, null, null, waiver))))
                .app();
    }

    @Test
    void aPromotionGoesOnThoughItsWeightIsTakenAway() {
        Release.Standing begun = new Release.Standing(
                new Release.Begun("bob", START.minusSeconds(1_000), "hash", "10"), null, null, null);
        String spec = "weightByAge: [{after: 0s, max: 10}, {after: 900s, max: 100}]";

        assertThat(raised(app("", 1_000, begun, Map.of("stable", "v2")), spec)).isEqualTo(100);
    }

    @Test
    void whoChangedTheTemplateAloneIsNotKnown() {
        Release.Standing begun = new Release.Standing(
                new Release.Begun("bob", START.minusSeconds(1_000), "another", "60"), null, null, null);
        Release told = reported(
                Planner.plan(app("60", 1_000, begun, Map.of()), Memory.EMPTY, TestPolicies.of(), START, START));

        assertThat(told.version("v2").orElseThrow().standing().begun())
                .isEqualTo(new Release.Begun("", START, "hash", "60"));
    }

    @Test
    void aPromotionIsHeldToo() {
        App app = app("10", 1_000, Release.Standing.NONE, Map.of("stable", "v2"));

        assertThat(raised(app, "maxWeight: 10"))
                .as("a promotion is not measured by it")
                .isEqualTo(100);
        assertThat(raised(app, "minReplicas: 11")).isNull();
    }

    @Test
    void aWithdrawnWeightComesBackByItself() {
        App app = withdrawn(new Release.Withdrawal(6_000, START.minusSeconds(60), null, null));
        Policy strict = TestPolicies.prod("maxWeight: 50");
        Memory memory = Planner.plan(app, Memory.EMPTY, TestPolicies.of(strict), START, START)
                .memory();
        Instant then = START.plusSeconds(31);

        assertThat(weight(Planner.plan(app, memory, TestPolicies.of(strict), then, then)))
                .isEqualTo(60);
    }

    private static Release reported(Plan plan) {
        return plan.steps().stream()
                .filter(Step.Report.class::isInstance)
                .map(step -> ((Step.Report) step).release())
                .findFirst()
                .orElseThrow();
    }

    private static @Nullable Integer weight(Plan plan) {
        Map<String, Integer> weights = TestPlans.weights(plan);
        return weights == null ? null : weights.getOrDefault("order-v2", 0);
    }

    private static App app(String weight, int inForce, Release.Standing standing, Map<String, String> onRoot) {
        return app(weight, inForce, standing, onRoot, "");
    }

    /// `order` with ten pods of each version, v2 asking for `weight` percent.
    private static App app(
            String weight, int inForce, Release.Standing standing, Map<String, String> onRoot, String override) {
        TestDeployments plain = TestDeployments.order("v2")
                .with("app", "order")
                .with("total", "10")
                .with("by", "alice");
        TestDeployments v2 = weight.isEmpty() ? plain : plain.with("weight", weight);
        Version second = (override.isEmpty() ? v2 : v2.with("override", override)).version(10);
        TestServices root = TestServices.order();
        for (Map.Entry<String, String> key : onRoot.entrySet()) {
            root = root.with(key.getKey(), key.getValue());
        }
        return app(root.facts(), second, inForce, standing, null);
    }

    private static App withdrawn(Release.Withdrawal withdrawal) {
        Version v2 = TestDeployments.order("v2")
                .with("app", "order")
                .with("total", "10")
                .with("weight", "60")
                .version(10);
        return app(TestServices.order().facts(), v2, 0, Release.Standing.NONE, withdrawal);
    }

    private static App app(
            ServiceFacts root,
            Version v2,
            int inForce,
            Release.Standing standing,
            Release.@Nullable Withdrawal withdrawal) {
        Version v1 = TestDeployments.order("v1")
                .with("app", "order")
                .with("total", "10")
                .version(10);
        Release.VersionStatus status = new Release.VersionStatus(
                "v2",
                "order-v2",
                "uid-v2",
                inForce,
                inForce,
                inForce,
                10,
                10,
                1,
                "",
                null,
                false,
                withdrawal,
                standing);
        RouteFacts.Parent mesh = new RouteFacts.Parent("Service order:80", "mesh", 1, true, true, null, "Accepted");
        RouteFacts.Ref[] refs = {
            new RouteFacts.Ref("order-v1", 80, 100 - inForce / 100), new RouteFacts.Ref("order-v2", 80, inForce / 100)
        };
        return TestApps.of(root, v1, v2)
                .withServices()
                .routes(List.of(TestRoutes.order(List.of(mesh), refs)))
                .release(TestReleases.of("v1", 10, TestReleases.version("v1", 10_000 - inForce, 10), status))
                .app();
    }
}
