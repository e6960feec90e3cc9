// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts.Port;
import io.canary.domain.app.TestApps;
import io.canary.domain.app.TestServices;
import io.canary.domain.app.UserRoute;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PortsTest {
    private static final Port HTTP = port("http", 80, null);
    private static final Port GRPC = port("grpc-orders", 9090, null);
    private static final Map<RouteKind, String> BOTH = Map.of(RouteKind.HTTP, "v1.6.1", RouteKind.GRPC, "v1.6.1");
    private static final RouteFacts.Parent ACCEPTED =
            new RouteFacts.Parent("Service order:80", "mesh", 1, true, true, null, "Accepted");

    private static Port port(String name, int number, @Nullable String protocol) {
        return new Port(name, number, "8080", "TCP", protocol);
    }

    private static App app(
            List<Port> ports,
            List<RouteFacts> routes,
            Set<String> taken,
            List<UserRoute> users,
            Map<RouteKind, String> served) {
        return TestApps.of(TestServices.order().ports(ports).facts())
                .routes(routes)
                .taken(taken)
                .userRoutes(users)
                .gatewayApi(served)
                .app();
    }

    private static Ports of(Port... ports) {
        return Ports.of(app(List.of(ports), List.of(), Set.of(), List.of(), BOTH));
    }

    private static RouteFacts own(RouteKind kind, String name, int port, RouteFacts.Parent... parents) {
        return new RouteFacts(
                kind, name, true, 1, port, List.of(), Map.of(), List.of(), List.of(), null, null, List.of(parents));
    }

    private static UserRoute users(boolean managed, @Nullable Integer port) {
        return new UserRoute(
                RouteKind.HTTP,
                "theirs",
                managed,
                1,
                Map.of(),
                Map.of(),
                Set.of("order"),
                false,
                List.of(new UserRoute.ParentService("order", port)),
                null,
                null,
                List.of());
    }

    @Test
    void onePortHasTheAppsNameSeveralTheirNumber() {
        assertThat(of(HTTP).own()).containsExactly(new Ports.Own(80, RouteKind.HTTP, "order"));
        assertThat(of(HTTP, port("tcp-db", 5432, null)).own())
                .containsExactly(new Ports.Own(80, RouteKind.HTTP, "order"));
        assertThat(of(HTTP, GRPC).own())
                .containsExactly(
                        new Ports.Own(80, RouteKind.HTTP, "order-80"),
                        new Ports.Own(9090, RouteKind.GRPC, "order-9090"));
    }

    /// What is in force is measured at the first: the order of writing must not be another.
    @Test
    void theLowestPortIsTheFirst() {
        assertThat(of(GRPC, HTTP).own()).extracting(Ports.Own::port).containsExactly(80, 9090);
    }

    @Test
    void theApplicationProtocolDecidesBeforeTheName() {
        assertThat(of(port("http", 80, "kubernetes.io/grpc")).own())
                .containsExactly(new Ports.Own(80, RouteKind.GRPC, "order"));
        assertThat(of(port("grpc", 80, "kubernetes.io/h2c")).own())
                .containsExactly(new Ports.Own(80, RouteKind.HTTP, "order"));
    }

    @Test
    void whatNoRouteDividesIsSaid() {
        assertThat(of(HTTP, port("tcp-db", 5432, null), new Port("dns", 53, "53", "UDP", null))
                        .others())
                .containsExactly(
                        "port 53 is divided by pods: it is UDP",
                        "port 5432 is divided by pods: its name or appProtocol tells no HTTP or gRPC");
        Ports withoutGrpc =
                Ports.of(app(List.of(HTTP, GRPC), List.of(), Set.of(), List.of(), Map.of(RouteKind.HTTP, "")));
        assertThat(withoutGrpc.own()).containsExactly(new Ports.Own(80, RouteKind.HTTP, "order-80"));
        assertThat(withoutGrpc.others()).containsExactly("port 9090 is divided by pods: the cluster has no GRPCRoute");
    }

    @Test
    void aRouteThatStandsKeepsItsName() {
        List<RouteFacts> routes = List.of(own(RouteKind.HTTP, "order", 80));
        assertThat(Ports.of(app(List.of(HTTP, GRPC), routes, Set.of(), List.of(), BOTH))
                        .own())
                .containsExactly(
                        new Ports.Own(80, RouteKind.HTTP, "order"), new Ports.Own(9090, RouteKind.GRPC, "order-9090"));
    }

    @Test
    void aNameThatIsTakenIsLeft() {
        assertThat(Ports.of(app(List.of(HTTP), List.of(), Set.of("HTTPRoute/order"), List.of(), BOTH))
                        .own())
                .containsExactly(new Ports.Own(80, RouteKind.HTTP, "order-canary"));
        assertThat(Ports.of(app(List.of(HTTP), List.of(), Set.of("GRPCRoute/order"), List.of(), BOTH))
                        .own())
                .containsExactly(new Ports.Own(80, RouteKind.HTTP, "order"));
    }

    /// Else weights would stand there that nobody moves.
    @Test
    void anAcceptedRouteGoesOnWhateverItsPortIsCalledNow() {
        List<RouteFacts> accepted = List.of(own(RouteKind.HTTP, "order", 80, ACCEPTED));
        assertThat(Ports.of(app(List.of(port("tcp", 80, null)), accepted, Set.of(), List.of(), BOTH))
                        .own())
                .containsExactly(new Ports.Own(80, RouteKind.HTTP, "order"));
        List<RouteFacts> ignored = List.of(own(RouteKind.HTTP, "order", 80));
        assertThat(Ports.of(app(List.of(port("tcp", 80, null)), ignored, Set.of(), List.of(), BOTH))
                        .own())
                .isEmpty();
    }

    @Test
    void aManagedRouteTakesItsPort() {
        List<Port> ports = List.of(HTTP, port("http-admin", 81, null));
        assertThat(Ports.of(app(ports, List.of(), Set.of(), List.of(users(true, 80)), BOTH))
                        .own())
                .containsExactly(new Ports.Own(81, RouteKind.HTTP, "order-81"));
        assertThat(Ports.of(app(ports, List.of(), Set.of(), List.of(users(true, null)), BOTH))
                        .own())
                .isEmpty();
        assertThat(Ports.of(app(ports, List.of(), Set.of(), List.of(users(false, 80)), BOTH))
                        .own())
                .hasSize(2);
    }
}
