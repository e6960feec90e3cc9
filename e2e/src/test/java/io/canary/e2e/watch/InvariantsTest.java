// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import static io.canary.e2e.watch.TestTimeline.order;
import static io.canary.e2e.watch.TestTimeline.orderAtTenPercent;
import static io.canary.e2e.watch.Violation.Rule.ALTERNATING_WRITES;
import static io.canary.e2e.watch.Violation.Rule.BAD_WEIGHTS;
import static io.canary.e2e.watch.Violation.Rule.DEPLOYMENT_DELETED;
import static io.canary.e2e.watch.Violation.Rule.FIRST_WEIGHT_TOO_EARLY;
import static io.canary.e2e.watch.Violation.Rule.FOREIGN_WRITE;
import static io.canary.e2e.watch.Violation.Rule.MOVED_WHILE_NOBODY_READY;
import static io.canary.e2e.watch.Violation.Rule.OWNER_REFERENCES;
import static io.canary.e2e.watch.Violation.Rule.RAISED_WITHOUT_ENDPOINTS;
import static io.canary.e2e.watch.Violation.Rule.RETURNED_AFTER_FLAPPING;
import static io.canary.e2e.watch.Violation.Rule.RETURNED_TOO_EARLY;
import static io.canary.e2e.watch.Violation.Rule.SCALED_BEFORE_DELAY;
import static io.canary.e2e.watch.Violation.Rule.SCALED_BEFORE_STATUS;
import static io.canary.e2e.watch.Violation.Rule.SCALED_BELOW_WEIGHT;
import static io.canary.e2e.watch.Violation.Rule.SERVICE_MISSING;
import static io.canary.e2e.watch.Violation.Rule.WEIGHT_LINGERS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class InvariantsTest {
    @Test
    void ordinaryReleaseIsClean() {
        TestTimeline t = orderAtTenPercent()
                .weight("order-v2", "50")
                .scale("order-v2", 5)
                .at(61_000)
                .ready("order-v2", 5)
                .at(61_020)
                .route("order-v1=50 order-v2=50")
                .at(91_100)
                .scale("order-v1", 5)
                .at(91_200)
                .ready("order-v1", 5)
                .at(200_000);
        assertThat(t.violations()).isEmpty();
        assertThat(Invariants.weightHistory(t.timeline(), "order"))
                .containsExactly(
                        Map.of("order-v1", 9000, "order-v2", 1000), Map.of("order-v1", 5000, "order-v2", 5000));
        assertThat(Invariants.replicaHistory(t.timeline(), "order-v1")).containsExactly(9, 5);
    }

    @Nested
    class Raise {
        @Test
        void withoutEndpointsIsCaught() {
            assertThat(orderAtTenPercent()
                            .ready("order-v2", 0)
                            .at(60_300)
                            .route("order-v1=50 order-v2=50")
                            .broken())
                    .containsExactly(RAISED_WITHOUT_ENDPOINTS);
        }

        @Test
        void shortlyAfterTheLossIsForgiven() {
            assertThat(orderAtTenPercent()
                            .ready("order-v2", 0)
                            .at(60_200)
                            .route("order-v1=50 order-v2=50")
                            .broken())
                    .isEmpty();
        }

        @Test
        void bySomebodyElseIsNotOurs() {
            assertThat(orderAtTenPercent()
                            .ready("order-v2", 0)
                            .at(61_000)
                            .routeBy("kubectl", "order-v1=50 order-v2=50")
                            .broken())
                    .isEmpty();
        }

        @Test
        void isJudgedInTheOrderOfWritesNotOfArrivals() {
            TestTimeline t = orderAtTenPercent()
                    .ready("order-v2", 0)
                    .at(64_000)
                    .ready("order-v2", 1)
                    .at(64_001)
                    .route("order-v1=80 order-v2=20");
            List<Sighting> ordered = new ArrayList<>();
            List<Sighting> arrived = new ArrayList<>(t.timeline().sightings());
            Collections.swap(arrived, arrived.size() - 1, arrived.size() - 2);
            arrived.forEach(s -> Timeline.insert(ordered, s));
            assertThat(ordered).isEqualTo(t.timeline().sightings());
            assertThat(t.broken()).isEmpty();
        }

        @Test
        void ofFirstRouteIsMeasuredAgainstRootEndpoints() {
            assertThat(order().rootEndpoints("v1", "v1", "v2")
                            .judgedFromHere()
                            .at(10_000)
                            .route("order-v1=67 order-v2=33")
                            .broken())
                    .isEmpty();
            assertThat(order().ready("order-v2", 0)
                            .rootEndpoints("v1", "v1")
                            .judgedFromHere()
                            .at(10_000)
                            .route("order-v1=67 order-v2=33")
                            .broken())
                    .containsExactly(RAISED_WITHOUT_ENDPOINTS);
        }

        @Test
        void ofLostRouteIsMeasuredAgainstWhatItWas() {
            assertThat(orderAtTenPercent()
                            .gone("HTTPRoute/order")
                            .ready("order-v2", 0)
                            .at(61_000)
                            .route("order-v1=90 order-v2=10")
                            .at(62_000)
                            .broken())
                    .isEmpty();
        }

        @Test
        void withoutSlicesGoesByReadyPods() {
            TestTimeline unsliced = order().route("order-v1=100")
                    .versionService("order-v3", "v3")
                    .see(new Seen.Pod("p3", Map.of("app", "order", "version", "v3"), true))
                    .judgedFromHere()
                    .at(10_000);
            assertThat(unsliced.route("order-v1=90 order-v3=10").broken()).isEmpty();
        }

        @Test
        void toFirstWeightBeforeThreeSecondsIsCaught() {
            TestTimeline t = order().route("order-v1=90 order-v2=10")
                    .versionService("order-v3", "v3")
                    .judgedFromHere()
                    .at(60_000)
                    .ready("order-v3", 1)
                    .at(61_000);
            assertThat(t.route("order-v1=80 order-v2=10 order-v3=10").broken()).containsExactly(FIRST_WEIGHT_TOO_EARLY);
        }

        @Test
        void toFirstWeightAfterThreeSecondsIsClean() {
            TestTimeline t = order().route("order-v1=90 order-v2=10")
                    .versionService("order-v3", "v3")
                    .judgedFromHere()
                    .at(60_000)
                    .ready("order-v3", 1)
                    .at(63_000);
            assertThat(t.route("order-v1=80 order-v2=10 order-v3=10").broken()).isEmpty();
        }
    }

    @Nested
    class Withdrawal {
        @Test
        void tooLateIsCaughtOnce() {
            assertThat(orderAtTenPercent()
                            .ready("order-v2", 0)
                            .at(65_100)
                            .ready("order-v1", 9)
                            .at(70_000)
                            .broken())
                    .containsExactly(WEIGHT_LINGERS);
        }

        @Test
        void inTimeIsClean() {
            assertThat(orderAtTenPercent()
                            .ready("order-v2", 0)
                            .at(60_100)
                            .route("order-v1=100 order-v2=0")
                            .at(90_000)
                            .broken())
                    .isEmpty();
        }

        @Test
        void isNotAskedOfStable() {
            assertThat(orderAtTenPercent().ready("order-v1", 0).at(90_000).broken())
                    .isEmpty();
        }

        @Test
        void isAskedOfVersionThatIsNotYetPromoted() {
            assertThat(orderAtTenPercent()
                            .release("v1", 10, Map.of("v1", 9000, "v2", 1000))
                            .root("canary.io/stable", "v2")
                            .ready("order-v2", 0)
                            .at(90_000)
                            .broken())
                    .containsExactly(WEIGHT_LINGERS);
        }

        @Test
        void isNotAskedWhileStableHasNoneEither() {
            assertThat(orderAtTenPercent()
                            .ready("order-v1", 0)
                            .ready("order-v2", 0)
                            .at(90_000)
                            .broken())
                    .isEmpty();
        }

        @Test
        void concernsUserRulesButNotHosts() {
            TestTimeline t = order().route("order-v1=100")
                    .judgedFromHere()
                    .at(60_000)
                    .hostsRoute("order-v2=1")
                    .ready("order-v2", 0)
                    .at(90_000);
            assertThat(t.broken()).isEmpty();
            assertThat(t.rules("if order-v2=1", "order-v1=100").at(100_000).broken())
                    .containsExactly(WEIGHT_LINGERS);
        }
    }

    @Nested
    class Return {
        private static TestTimeline withdrawn() {
            return orderAtTenPercent()
                    .ready("order-v2", 0)
                    .at(60_100)
                    .route("order-v1=100 order-v2=0")
                    .at(70_000)
                    .ready("order-v2", 1);
        }

        @Test
        void beforeThirtySecondsOfReadinessIsCaught() {
            assertThat(withdrawn().at(90_000).route("order-v1=90 order-v2=10").broken())
                    .containsExactly(RETURNED_TOO_EARLY);
        }

        @Test
        void afterThirtySecondsIsClean() {
            assertThat(withdrawn().at(100_000).route("order-v1=90 order-v2=10").broken())
                    .isEmpty();
        }

        @Test
        void afterLessWhereTheLimitSaysSoIsClean() {
            assertThat(withdrawn()
                            .limits(Limits.DESIGN.withHold(Duration.ofSeconds(2)))
                            .at(72_000)
                            .route("order-v1=90 order-v2=10")
                            .broken())
                    .isEmpty();
        }

        @Test
        void afterLoweringByTheUserIsNoReturn() {
            assertThat(orderAtTenPercent()
                            .weight("order-v2", "0")
                            .ready("order-v2", 0)
                            .at(60_100)
                            .route("order-v1=100 order-v2=0")
                            .at(70_000)
                            .ready("order-v2", 1)
                            .weight("order-v2", "10")
                            .at(71_000)
                            .route("order-v1=90 order-v2=10")
                            .broken())
                    .isEmpty();
        }

        @Test
        void isForgottenWhenTheUserAskedForNothingMeanwhile() {
            assertThat(withdrawn()
                            .weight("order-v2", "0")
                            .at(71_000)
                            .weight("order-v2", "10")
                            .at(74_000)
                            .route("order-v1=90 order-v2=10")
                            .broken())
                    .isEmpty();
        }

        @Test
        void ofADeploymentThatWasMadeAnewIsClean() {
            Seen.Deployment anew = new Seen.Deployment(
                    "order-v2",
                    "another-uid",
                    1,
                    "kubectl-create",
                    Map.of("app", "order", "version", "v2"),
                    1,
                    Map.of("canary.io/app", "order", "canary.io/weight", "10"));
            assertThat(orderAtTenPercent()
                            .gone("Deployment/order-v2")
                            .ready("order-v2", 0)
                            .gone("HTTPRoute/order")
                            .see(anew)
                            .at(60_100)
                            .route("order-v1=100 order-v2=0")
                            .at(70_000)
                            .ready("order-v2", 1)
                            .at(74_000)
                            .route("order-v1=90 order-v2=10")
                            .broken())
                    .isEmpty();
        }

        @Test
        void isRememberedWhenTheSliceCameAfterTheWrite() {
            assertThat(orderAtTenPercent()
                            .route("order-v1=100 order-v2=0")
                            .at(60_100)
                            .ready("order-v2", 0)
                            .at(70_000)
                            .ready("order-v2", 1)
                            .at(80_000)
                            .route("order-v1=90 order-v2=10")
                            .broken())
                    .containsExactly(RETURNED_TOO_EARLY);
        }

        private static TestTimeline twice() {
            return withdrawn()
                    .at(101_000)
                    .route("order-v1=90 order-v2=10")
                    .at(110_000)
                    .ready("order-v2", 0)
                    .at(110_050)
                    .route("order-v1=100 order-v2=0")
                    .at(120_000)
                    .ready("order-v2", 1)
                    .at(160_000);
        }

        @Test
        void afterTwoWithdrawalsIsCaught() {
            assertThat(twice().route("order-v1=90 order-v2=10").broken()).containsExactly(RETURNED_AFTER_FLAPPING);
        }

        @Test
        void afterTwoWithdrawalsAndAnEditIsClean() {
            assertThat(twice().weight("order-v2", "5")
                            .route("order-v1=95 order-v2=5")
                            .broken())
                    .isEmpty();
        }
    }

    @Nested
    class Weights {
        @Test
        void thatDoNotSumAreCaught() {
            assertThat(orderAtTenPercent().route("order-v1=90 order-v2=9").broken())
                    .containsExactly(BAD_WEIGHTS);
            assertThat(orderAtTenPercent().route("order-v1=0 order-v2=0").broken())
                    .containsExactly(BAD_WEIGHTS);
            assertThat(orderAtTenPercent().route("order-v1=110 order-v2=-10").broken())
                    .contains(BAD_WEIGHTS);
        }

        @Test
        void inBasisPointsAreClean() {
            assertThat(orderAtTenPercent().route("order-v1=9050 order-v2=950").broken())
                    .isEmpty();
        }

        @Test
        void ofUserRulesMayBeOne() {
            assertThat(orderAtTenPercent()
                            .rules("if order-v2=1", "order-v1=90 order-v2=10")
                            .broken())
                    .isEmpty();
        }

        @Test
        void movingWhileNobodyIsReadyIsCaught() {
            assertThat(orderAtTenPercent()
                            .ready("order-v1", 0)
                            .ready("order-v2", 0)
                            .at(61_000)
                            .route("order-v1=100 order-v2=0")
                            .broken())
                    .contains(MOVED_WHILE_NOBODY_READY);
        }

        @Test
        void stayingWhileNobodyIsReadyIsClean() {
            assertThat(orderAtTenPercent()
                            .ready("order-v1", 0)
                            .ready("order-v2", 0)
                            .at(61_000)
                            .route("order-v1=90 order-v2=10")
                            .broken())
                    .isEmpty();
        }
    }

    @Nested
    class Turns {
        @Test
        void betweenTwoLeadersAreCaught() {
            assertThat(orderAtTenPercent()
                            .route("order-v1=95 order-v2=5")
                            .at(61_000)
                            .route("order-v1=90 order-v2=10")
                            .at(62_000)
                            .route("order-v1=95 order-v2=5")
                            .at(63_000)
                            .route("order-v1=90 order-v2=10")
                            .broken())
                    .containsExactly(ALTERNATING_WRITES);
        }

        @Test
        void thatEditsExplainAreClean() {
            TestTimeline t = orderAtTenPercent();
            for (int i = 0; i < 4; i++) {
                t.weight("order-v2", "" + (5 + 5 * (i % 2)))
                        .route("order-v1=%d order-v2=%d".formatted(95 - 5 * (i % 2), 5 + 5 * (i % 2)))
                        .at(61_000 + i * 1000L);
            }
            assertThat(t.broken()).isEmpty();
        }

        @Test
        void withSomebodyElseAreCaughtAfterFiveRounds() {
            TestTimeline t = orderAtTenPercent();
            for (int i = 0; i < 3; i++) {
                t.routeBy("kubectl", "order-v1=99 order-v2=1").route("order-v1=90 order-v2=10");
            }
            assertThat(t.broken()).isEmpty();
            for (int i = 0; i < 3; i++) {
                t.routeBy("kubectl", "order-v1=99 order-v2=1").route("order-v1=90 order-v2=10");
            }
            assertThat(t.broken()).containsExactly(ALTERNATING_WRITES);
        }
    }

    @Nested
    class Lowering {
        @Test
        void belowWhatTheWeightNeedsIsCaught() {
            assertThat(orderAtTenPercent().scale("order-v1", 5).broken()).containsExactly(SCALED_BELOW_WEIGHT);
        }

        @Test
        void toNothingWhileThereIsWeightIsCaughtWithoutTotal() {
            TestTimeline t = orderAtTenPercent()
                    .service("order", null, Map.of("canary.io/stable", "v1"), Map.of("app", "order"));
            assertThat(t.scale("order-v2", 0).broken()).containsExactly(SCALED_BELOW_WEIGHT);
        }

        @Test
        void byAnotherManagerIsNotOurs() {
            assertThat(orderAtTenPercent().scaleBy("kubectl", "order-v1", 5).broken())
                    .isEmpty();
        }

        @Test
        void inReplicaModeIsClean() {
            assertThat(order().unreportedRoute("order-v1=90 order-v2=10")
                            .judgedFromHere()
                            .scale("order-v1", 5)
                            .broken())
                    .isEmpty();
        }

        @Test
        void makingRoomForStableIsClean() {
            assertThat(orderAtTenPercent()
                            .ready("order-v1", 0)
                            .scale("order-v2", 0)
                            .broken())
                    .isEmpty();
        }

        @Test
        void toNothingWhileStableHasNoEndpointsIsCaught() {
            assertThat(orderAtTenPercent()
                            .root("canary.io/stable", "v2")
                            .ready("order-v2", 0)
                            .at(60_100)
                            .scale("order-v1", 0)
                            .broken())
                    .containsExactly(SCALED_BELOW_WEIGHT);
        }

        @Test
        void beforeTheDelayIsCaught() {
            assertThat(orderAtTenPercent()
                            .route("order-v1=100 order-v2=0")
                            .at(65_000)
                            .scale("order-v2", 0)
                            .broken())
                    .containsExactly(SCALED_BEFORE_DELAY);
        }

        @Test
        void afterTheDelayOnTheRootServiceIsClean() {
            assertThat(orderAtTenPercent()
                            .root("canary.io/scale-down-delay", "2s")
                            .route("order-v1=100 order-v2=0")
                            .at(62_000)
                            .scale("order-v2", 0)
                            .broken())
                    .isEmpty();
        }

        @Test
        void afterADelayThatLeftWithTheAnnotationIsClean() {
            assertThat(orderAtTenPercent()
                            .root("canary.io/scale-down-delay", "2s")
                            .route("order-v1=100 order-v2=0")
                            .at(62_000)
                            .service("order", null, Map.of("canary.io/stable", "v1"), Map.of("app", "order"))
                            .scale("order-v2", 0)
                            .broken())
                    .isEmpty();
        }

        @Test
        void afterTheDelayIsCleanThoughTheRouteWasSeenLate() {
            TestTimeline t = orderAtTenPercent()
                    .root("canary.io/scale-down-delay", "2s")
                    .at(61_500)
                    .route("order-v1=100 order-v2=0")
                    .at(60_000)
                    .ready("order-v1", 10)
                    .at(62_000)
                    .scale("order-v2", 0);
            assertThat(t.broken()).isEmpty();
        }

        @Test
        void beforeTheStatusIsCurrentIsCaught() {
            assertThat(orderAtTenPercent()
                            .staleRoute("order-v1=100 order-v2=0")
                            .at(100_000)
                            .scale("order-v2", 0)
                            .broken())
                    .containsExactly(SCALED_BEFORE_STATUS);
        }
    }

    @Nested
    class Objects {
        @Test
        void weightForMissingServiceIsCaught() {
            assertThat(orderAtTenPercent()
                            .gone("Service/order-v2")
                            .at(61_000)
                            .route("order-v1=91 order-v2=9")
                            .broken())
                    .contains(SERVICE_MISSING);
        }

        @Test
        void noWeightForMissingServiceIsClean() {
            assertThat(orderAtTenPercent()
                            .gone("Service/order-v2")
                            .at(61_000)
                            .route("order-v1=100")
                            .broken())
                    .isEmpty();
        }

        @Test
        void ownersOfOursAreCaught() {
            assertThat(order().judgedFromHere()
                            .ownedRoute("order-v1=100 order-v2=0")
                            .broken())
                    .contains(OWNER_REFERENCES);
            assertThat(order().judgedFromHere()
                            .see(new Seen.Service("mine", null, Map.of(), Map.of(), true))
                            .broken())
                    .isEmpty();
        }

        @Test
        void deletedDeploymentAndForeignKindsAreTold() {
            assertThat(Invariants.check(new Calls(List.of(
                            call("delete", "deployments", ""),
                            call("update", "configmaps", ""),
                            call("patch", "deployments", "scale"),
                            call("patch", "httproutes", ""),
                            call("create", "events", ""),
                            call("delete", "services", ""),
                            call("list", "configmaps", "")))))
                    .extracting(Violation::rule)
                    .containsExactly(DEPLOYMENT_DELETED, FOREIGN_WRITE);
        }

        private static Call call(String verb, String resource, String subresource) {
            return new Call("canary", "sa", verb, "", resource, subresource, "t", "x", 200, Instant.EPOCH, false);
        }
    }

    @Test
    void managedRouteOfTheUserIsJudgedByTheAppsShareOfIt() {
        Seen.Rule before = new Seen.Rule(
                false,
                List.of(
                        new Seen.Ref("Service", "order-v1", 80, 90),
                        new Seen.Ref("Service", "order-v2", 80, 10),
                        new Seen.Ref("Service", "foreign", 80, 100)));
        Seen.Rule after = new Seen.Rule(
                false,
                List.of(
                        new Seen.Ref("Service", "order-v1", 80, 50),
                        new Seen.Ref("Service", "order-v2", 80, 50),
                        new Seen.Ref("Service", "foreign", 80, 100)));
        TestTimeline t = order().service("foreign", null, Map.of(), Map.of())
                .see(managed(before))
                .judgedFromHere()
                .at(60_000)
                .ready("order-v2", 0)
                .at(61_000)
                .see(managed(after));
        assertThat(t.broken()).containsExactly(RAISED_WITHOUT_ENDPOINTS);
        assertThat(Invariants.weightHistory(t.timeline(), "shop"))
                .containsExactly(
                        Map.of("order-v1", 9000, "order-v2", 1000), Map.of("order-v1", 5000, "order-v2", 5000));
    }

    private static Seen.Route managed(Seen.Rule rule) {
        return new Seen.Route(
                "HTTPRoute",
                "shop",
                null,
                true,
                List.of("shop.example"),
                1,
                Set.of("canary"),
                List.of(rule),
                List.of(),
                false);
    }

    @Test
    void excerptShowsWhatChangedBeforeTheViolation() {
        TestTimeline t = orderAtTenPercent().ready("order-v2", 0).at(61_000).route("order-v1=50 order-v2=50");
        String excerpt = t.timeline().excerpt(t.violations().getFirst().revision());
        assertThat(excerpt.lines().toList().getLast())
                .startsWith("  >")
                .contains("HTTPRoute/order", "order-v1=50 order-v2=50", "[canary]");
        assertThat(excerpt).contains("order-v2: 0 of 1 ready");
    }
}
