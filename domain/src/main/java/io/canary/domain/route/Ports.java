// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.App;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How the traffic of each port of the root Service is divided (design section 7): by one of our routes, by a managed
/// route that has the port as parent, or by pods.
///
/// @param own those with a route of ours
/// @param others what to say of those without
public record Ports(List<Own> own, List<String> others) {
    /// A port that one of our routes carries.
    public record Own(int port, RouteKind kind, String name) {}

    public Ports {
        own = List.copyOf(own);
        others = List.copyOf(others);
    }

    /// The ports of `app`, lowest first. One whose route of ours a controller accepts goes on by that route, also when
    /// its Service calls it something else now: else weights would stand there that nobody moves.
    public static Ports of(App app) {
        List<Own> own = new ArrayList<>();
        List<String> others = new ArrayList<>();
        ServiceFacts root = app.root();
        List<ServiceFacts.Port> ports = root == null
                ? List.of()
                : root.ports().stream()
                        .sorted(Comparator.comparingInt(ServiceFacts.Port::port))
                        .toList();
        boolean several = ports.stream().filter(port -> port.routed() != null).count() > 1;
        for (ServiceFacts.Port port : ports) {
            Optional<RouteFacts> accepted = app.routes().stream()
                    .filter(route -> route.parentPort() != null && route.parentPort() == port.port())
                    .filter(RouteFacts::accepted)
                    .findFirst();
            RouteKind kind = port.routed();
            if (kind != null && !app.managedOn(port.port()).isEmpty()) {
                continue;
            }
            if (kind != null && app.gatewayApi().containsKey(kind)) {
                own.add(new Own(port.port(), kind, name(app, kind, port.port(), several)));
            } else if (accepted.isPresent()) {
                own.add(new Own(
                        port.port(), accepted.get().kind(), accepted.get().name()));
            } else {
                others.add(byPods(port, kind));
            }
        }
        return new Ports(own, app.gatewayApi().isEmpty() ? List.of() : others);
    }

    private static String byPods(ServiceFacts.Port port, @Nullable RouteKind kind) {
        return "port " + port.port() + " is divided by pods: "
                + (kind == null
                        ? (port.protocol().equals("TCP")
                                ? "its name or appProtocol tells no HTTP or gRPC"
                                : "it is " + port.protocol())
                        : "the cluster has no " + kind.text());
    }

    /// The name that our route has, or will have: the app's, with the port where there are several.
    private static String name(App app, RouteKind kind, int port, boolean several) {
        RouteFacts present = app.route(port, kind);
        if (present != null) {
            return present.name();
        }
        String name = several ? app.name() + "-" + port : app.name();
        boolean another = app.routes().stream()
                .anyMatch(route -> route.kind() == kind && route.name().equals(name) && otherPort(app, route, port));
        return another || app.isTaken(kind, name) ? name + "-canary" : name;
    }

    /// Whether a route of ours is that of another port, which the Service still has.
    private static boolean otherPort(App app, RouteFacts route, int port) {
        ServiceFacts root = app.root();
        Integer parent = route.parentPort();
        return parent != null
                && parent != port
                && root != null
                && root.ports().stream().anyMatch(each -> each.port() == parent);
    }
}
