// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.TestApps;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestRoutes;
import io.canary.domain.app.TestServices;
import io.canary.domain.app.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Weights move once a second at most, and what others write is no wish that is kept for a second: an app with an
/// HTTPRoute for port 80 and a GRPCRoute for port 90, v1 and v2 with half each and pods for more.
class PaceTest {
    private static final String HTTP = "order-80";
    private static final String GRPC = "order-90";
    private static final List<String> BOTH = List.of(HTTP, GRPC);

    private final Map<String, Integer> replicas = new TreeMap<>();
    private final Map<String, RouteFacts> routes = new TreeMap<>();
    private List<ServiceFacts.Port> ports = List.of(port("http", 80), port("grpc", 90));
    private Instant now = Instant.parse("2026-01-01T12:00:00Z");
    private Memory memory = Memory.EMPTY;
    private @Nullable Release release;
    private int weight = 50;
    private Map<String, String> root = Map.of("canary.io/stable", "v1");

    @BeforeEach
    void halfEach() {
        write(HTTP, 50, 50, null);
        write(GRPC, 50, 50, null);
        for (int i = 0; i < 8; i++) {
            plan();
            now = now.plusSeconds(10);
        }
        assertThat(plan()).isEmpty();
    }

    @Test
    void whatIsAskedAgainWithinASecondWaits() {
        weight = 40;
        assertThat(plan()).isEqualTo(BOTH);
        after(100);
        weight = 60;
        assertThat(plan()).isEmpty();
        after(899);
        assertThat(plan()).isEmpty();
        after(1);
        assertThat(plan()).isEqualTo(BOTH);
        assertThat(weights(HTTP)).isEqualTo(Map.of("order-v1", 40, "order-v2", 60));
    }

    /// Design 5.4: with enough pods it is one write, at once.
    @Test
    void anAbortWaitsForNothing() {
        weight = 60;
        assertThat(plan()).isEqualTo(BOTH);
        after(10);
        root = Map.of("canary.io/stable", "v1", "canary.io/abort", "errors");
        assertThat(plan()).isEqualTo(BOTH);
        assertThat(weights(HTTP)).containsEntry("order-v1", 100);
        after(10);
        root = Map.of("canary.io/stable", "v1");
        assertThat(plan()).isEmpty();
        after(990);
        assertThat(plan()).isEqualTo(BOTH);
    }

    @Test
    void aRouteThatWasEditedIsPutRightAtOnceAndNoOther() {
        weight = 40;
        plan();
        after(300);
        write(HTTP, 0, 100, "kubectl");
        assertThat(plan()).isEqualTo(List.of(HTTP));
        assertThat(weights(HTTP)).isEqualTo(Map.of("order-v1", 60, "order-v2", 40));
    }

    @Test
    void aMoveThatCameHalfWayIsFinishedAtOnce() {
        weight = 40;
        assertThat(planWithout(GRPC)).isEqualTo(List.of(HTTP));
        after(10);
        assertThat(plan()).isEqualTo(List.of(GRPC));
        assertThat(weights(GRPC)).isEqualTo(weights(HTTP));
    }

    /// Default delay: 30 s. Somebody gives v1 more by one route once more, 5 s after the weight had left both.
    @Test
    void podsStayForTheDelayFromWhenTheWeightLeftTheLastRoute() {
        weight = 60;
        assertThat(plan()).isEqualTo(BOTH);
        plan();
        after(5_000);
        write(GRPC, 50, 50, "kubectl");
        assertThat(plan()).isEqualTo(List.of(GRPC));
        plan();
        after(29_999);
        plan();
        assertThat(replicas).containsEntry("order-v1", 5);
        after(1);
        plan();
        assertThat(replicas).containsEntry("order-v1", 4);
    }

    @Test
    void aFightOverOneRouteIsToldAndLeavesTheOtherAlone() {
        int rounds = 0;
        while (Objects.requireNonNull(release).phase() != Release.Phase.CONFLICT && rounds++ < 10) {
            write(HTTP, 10, 90, "argocd");
            assertThat(plan()).doesNotContain(GRPC);
            after(1_100);
            plan();
        }
        assertThat(rounds).isBetween(3, 4);
        assertThat(release.problems()).singleElement().asString().contains(HTTP, "argocd");
    }

    /// What is measured tells the next leader how far this one came.
    @Test
    void theRouteThatIsMeasuredIsWrittenFirst() {
        ports = List.of(port("grpc", 80), port("grpc-more", 90));
        weight = 40;
        assertThat(Planner.plan(app(), memory, now).steps())
                .filteredOn(Step.EnsureRoute.class::isInstance)
                .extracting(Step::target)
                .first()
                .isEqualTo("HTTPRoute/order-80");
    }

    // ---- the world

    private void after(int milliseconds) {
        now = now.plus(Duration.ofMillis(milliseconds));
    }

    private Map<String, Integer> weights(String route) {
        return new TreeMap<>(Objects.requireNonNull(routes.get(route)).weights());
    }

    /// The routes that were written.
    private List<String> plan() {
        return planWithout("none");
    }

    /// As [#plan()], where the write of one fails.
    private List<String> planWithout(String refused) {
        Plan plan = Planner.plan(app(), memory, now);
        List<String> written = new ArrayList<>();
        for (Step step : plan.steps()) {
            switch (step) {
                case Step.EnsureRoute route
                when route.name().equals(refused) -> {
                    memory = plan.memoryUntil(step, false, Set.of(), memory);
                    return written;
                }
                case Step.EnsureRoute route -> {
                    written.add(route.name());
                    write(route.name(), share(route, "order-v1"), share(route, "order-v2"), null);
                }
                case Step.Scale scale -> replicas.put(scale.deployment(), scale.to());
                case Step.Report report -> release = report.release();
                default -> {}
            }
        }
        memory = plan.memory();
        return written;
    }

    private static int share(Step.EnsureRoute route, String service) {
        return route.refs().stream()
                .filter(ref -> ref.service().equals(service))
                .mapToInt(RouteFacts.Ref::weight)
                .sum();
    }

    private void write(String name, int v1, int v2, @Nullable String manager) {
        RouteKind kind = name.equals(GRPC) ? RouteKind.GRPC : RouteKind.HTTP;
        int port = name.equals(GRPC) ? 90 : 80;
        RouteFacts.Ref[] refs = Stream.of(
                        new RouteFacts.Ref("order-v1", port, v1), new RouteFacts.Ref("order-v2", port, v2))
                .filter(ref -> ref.weight() > 0)
                .toArray(RouteFacts.Ref[]::new);
        routes.put(
                name,
                new RouteFacts(
                        kind,
                        name,
                        true,
                        1,
                        port,
                        List.of(),
                        TestRoutes.rule(kind, refs),
                        List.of(refs),
                        List.of(),
                        null,
                        manager,
                        List.of(new RouteFacts.Parent(
                                "Service order:" + port, "mesh", 1, true, true, null, "Accepted"))));
    }

    private App app() {
        return TestApps.of(
                        TestServices.order().annotated(root).ports(ports).facts(),
                        version("v1", ""),
                        version("v2", Integer.toString(weight)))
                .services(
                        TestServices.ofVersion("v1").ports(ports).facts(),
                        TestServices.ofVersion("v2").ports(ports).facts())
                .routes(List.copyOf(routes.values()))
                .gatewayApi(Map.of(RouteKind.HTTP, "", RouteKind.GRPC, ""))
                .release(release)
                .app();
    }

    private Version version(String name, String weight) {
        TestDeployments version =
                TestDeployments.order(name).with("app", "order").with("total", "10");
        return (weight.isEmpty() ? version : version.with("weight", weight))
                .replicas(replicas.getOrDefault("order-" + name, 10))
                .version(10);
    }

    private static ServiceFacts.Port port(String name, int port) {
        return new ServiceFacts.Port(name, port, Integer.toString(port), "TCP", null);
    }
}
