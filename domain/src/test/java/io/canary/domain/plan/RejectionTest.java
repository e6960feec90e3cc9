// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.TestApps;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestReleases;
import io.canary.domain.app.TestRoutes;
import io.canary.domain.app.TestServices;
import io.canary.domain.app.Version;
import io.canary.domain.route.Ports;
import io.canary.domain.share.Shares;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A route that its controller rejects with rules for users: it goes on without them, while just these are asked for.
class RejectionTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Ports.Own PORT = new Ports.Own(80, RouteKind.HTTP, "order");
    private static final Map<String, Object> MAIN =
            TestRoutes.rule(RouteKind.HTTP, new RouteFacts.Ref("order-v1", 80, 100));
    private static final RouteFacts ACCEPTED = route(List.of(), true);
    private static final RouteFacts REJECTED = route(List.of(Map.of("matches", List.of())), false);
    private static final String ALICE = "header:x-user-id=alice";

    private static RouteFacts route(List<Object> entries, boolean accepted) {
        String reason = accepted ? "Accepted" : "UnsupportedValue";
        return new RouteFacts(
                RouteKind.HTTP,
                "order",
                true,
                2,
                80,
                entries,
                MAIN,
                List.of(new RouteFacts.Ref("order-v1", 80, 100)),
                List.of(),
                null,
                null,
                List.of(new RouteFacts.Parent("Service order:80", "mesh", 2, accepted, true, null, reason)));
    }

    private static Version version(String name, @Nullable String users) {
        TestDeployments deployment = TestDeployments.order(name).with("app", "order");
        return (users == null ? deployment : deployment.with("users", users)).version(1);
    }

    private static App app(String users, @Nullable Release release) {
        return TestApps.of(TestServices.order().facts(), version("v1", null), version("v2", users))
                .withServices()
                .release(release)
                .app();
    }

    /// One planning's view of the routes.
    private static UserRoutes planning(App app, Memory before) {
        Map<String, Memory.OfVersion> versions = new HashMap<>();
        app.versions().forEach(version -> versions.put(version.uid(), served()));
        return new UserRoutes(app, before, versions, new Watch(NOW));
    }

    private static Memory.OfVersion served() {
        return new Memory.OfVersion(
                NOW.minusSeconds(60), null, null, null, 0, false, null, null, Release.Standing.NONE);
    }

    /// What a process remembers that has planned before.
    private static Memory remembering(Map<String, String> rejected) {
        return new Memory(
                Map.of("uid", served()),
                Map.of(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Map.of(),
                rejected,
                Map.of(),
                Set.of());
    }

    private static Release telling(UserRoutes routes) {
        Release told = TestReleases.of("v1", 1);
        return new Release(
                told.phase(),
                told.message(),
                told.stable(),
                told.line(),
                told.total(),
                told.mode(),
                told.modeReason(),
                told.atRest(),
                told.versions(),
                told.problems(),
                told.foreignPods(),
                routes.refused(),
                told.routes(),
                told.history());
    }

    private static List<Object> rules(UserRoutes routes, RouteFacts present) {
        return routes.rules(Shares.all("v1"), PORT, present, false);
    }

    @Test
    void isWrittenWithoutWhatWasRejectedAndSaid() {
        UserRoutes first = planning(app(ALICE, null), remembering(Map.of()));
        assertThat(rules(first, ACCEPTED)).as("before").hasSize(2);

        UserRoutes rejected = planning(app(ALICE, null), remembering(Map.of()));
        assertThat(rules(rejected, REJECTED)).containsExactly(MAIN);
        assertThat(rejected.refused()).extracting(Release.Bypass::reason).containsExactly(Release.Bypass.Reason.ROUTE);

        UserRoutes next = planning(app(ALICE, telling(rejected)), remembering(rejected.rejected()));
        assertThat(rules(next, ACCEPTED)).as("accepted without them").containsExactly(MAIN);
    }

    @Test
    void otherUsersAreTriedAgain() {
        UserRoutes rejected = planning(app(ALICE, null), remembering(Map.of()));
        rules(rejected, REJECTED);
        UserRoutes next = planning(app("header:x-user-id=bob", telling(rejected)), remembering(rejected.rejected()));
        assertThat(rules(next, ACCEPTED)).hasSize(2);
        assertThat(next.refused()).isEmpty();
    }

    @Test
    void aRestartTriesNothingAgain() {
        UserRoutes rejected = planning(app(ALICE, null), remembering(Map.of()));
        rules(rejected, REJECTED);
        UserRoutes restarted = planning(app(ALICE, telling(rejected)), Memory.EMPTY);
        assertThat(rules(restarted, ACCEPTED)).containsExactly(MAIN);
        UserRoutes later = planning(app("header:x-user-id=bob", telling(restarted)), remembering(restarted.rejected()));
        assertThat(rules(later, ACCEPTED)).hasSize(2);
    }
}
