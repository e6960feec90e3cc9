// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static io.canary.e2e.story.AtGateway.behindGateways;
import static io.canary.e2e.story.AtGateway.by;
import static io.canary.e2e.story.AtGateway.gateway;
import static io.canary.e2e.story.AtGateway.host;
import static io.canary.e2e.story.AtGateway.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.traffic.Request;
import io.canary.e2e.watch.MeshMode;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A controller that really rejects a route, as Contour does one whose calls are matched by their service alone.
@ReleaseStory
@Tag("contour")
class RejectedRouteIT {
    private static String route(Story story, String method) {
        return """
                apiVersion: gateway.networking.k8s.io/v1
                kind: GRPCRoute
                metadata: {name: calls, annotations: {canary.io/managed: "true"}}
                spec:
                  parentRefs: [%s]
                  hostnames: [%s]
                  rules:
                  - matches: [{method: {%s}}]
                    backendRefs: [{name: order, port: 8080}]
                """.formatted(gateway(story).parent(), host(story), method);
    }

    @Test
    void itIsToldAndFollowedOnceItIsAccepted(Story story) {
        story.mesh(MeshMode.OFF);
        story.apply(
                behindGateways(Workload.rootService("order", Map.of("canary.io/scale-down-delay", "3s"))
                        .replace("name: http,", "name: grpc, appProtocol: kubernetes.io/h2c,")),
                version(Workload.of("order", "v1", 4)),
                route(story, "service: shop.Orders"));
        story.apply(
                version(Workload.of("order", "v2", 4).weight("25").with("canary.io/users", "header:x-user-id=alice")));
        story.awaitRelease(
                "order",
                "traffic follows pods, and the route that is rejected is told",
                r -> r.mode() == Release.Mode.REPLICA
                        && r.phase() == Release.Phase.CANARY
                        && r.routes().stream()
                                .anyMatch(route -> route.name().equals("calls")
                                        && route.controller().equals("projectcontour.io/gateway-controller")
                                        && !route.accepted()
                                        && route.reason().equals("InvalidMethodMatch")));
        assertThat(story.canary("check", "order").stdout()).contains("CAN102", "InvalidMethodMatch");

        story.apply(route(story, "service: shop.Orders, method: Get"));
        story.awaitRelease(
                "order",
                "traffic follows the route",
                r -> r.mode() == Release.Mode.ROUTE
                        && r.phase() == Release.Phase.CANARY
                        && r.routes().stream().anyMatch(route -> route.name().equals("calls") && route.accepted()));
        Request call = Request.call(host(story), "shop.Orders", "Get");
        gateway(story).awaitOutcome("alice gets v2", call.with("x-user-id", "alice"), by("v2"));
        var tally = gateway(story).send(200, call);
        assertThat(tally.failures()).isEmpty();
        assertThat(tally.of("v2")).isBetween(25, 75);
    }
}
