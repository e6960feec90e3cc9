// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.TestApps;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestServices;
import io.canary.domain.app.UserRoute;
import io.canary.domain.app.Version;
import io.canary.domain.route.ManagedRoute;
import io.canary.domain.route.RouteLimits;
import io.canary.domain.route.Split;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The Release is gone, as in a backup that leaves out what is status, and no pod is ready.
class LostReleaseTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    /// Nothing says what is in force, and a route is split.
    @Test
    void podsAreStartedThoughAManagedRouteIsSplit() {
        Version v1 =
                TestDeployments.order("v1").with("app", "order").replicas(0).version(0);
        Version v2 = TestDeployments.order("v2")
                .with("app", "order")
                .with("weight", "50")
                .replicas(0)
                .version(0);
        App app = TestApps.of(
                        TestServices.order()
                                .with("stable", "v1")
                                .with("replicas", "4")
                                .facts(),
                        v1,
                        v2)
                .withServices()
                .userRoutes(List.of(split()))
                .app();

        Plan plan = Planner.plan(app, Memory.EMPTY, NOW);

        assertThat(plan.steps().stream().filter(Step.Scale.class::isInstance).map(Step::target))
                .contains("scale/order-v1");
    }

    /// A route of a person's, in the mesh, that gives v1 and v2 half each.
    private static UserRoute split() {
        Split half = new Split(
                "shop",
                "order",
                List.of(Split.Part.of("v1", "order-v1", 5_000), Split.Part.of("v2", "order-v2", 5_000)),
                null);
        UserRoute whole = route(Map.of("rules", List.of(Map.of("backendRefs", List.of(ref("order"))))), Map.of());
        ManagedRoute.Changed changed = (ManagedRoute.Changed) ManagedRoute.split(whole, half, RouteLimits.CURRENT);
        return route(Map.of("rules", changed.rules()), changed.original().json());
    }

    private static Map<String, Object> ref(String service) {
        return Map.of("name", service, "port", 80);
    }

    private static UserRoute route(Map<String, Object> spec, Map<String, Object> original) {
        return new UserRoute(
                RouteKind.HTTP,
                "theirs",
                true,
                2,
                spec,
                original,
                Set.of("order-v1", "order-v2"),
                false,
                List.of(new UserRoute.ParentService("order", 80)),
                null,
                null,
                List.of(new RouteFacts.Parent("Service order:80", "mesh", 2, true, true, null, "Accepted")));
    }
}
