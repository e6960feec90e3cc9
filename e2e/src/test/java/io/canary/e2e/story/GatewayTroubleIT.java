// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static io.canary.e2e.story.AtGateway.awaitSplit;
import static io.canary.e2e.story.AtGateway.behindGateways;
import static io.canary.e2e.story.AtGateway.by;
import static io.canary.e2e.story.AtGateway.gateway;
import static io.canary.e2e.story.AtGateway.host;
import static io.canary.e2e.story.AtGateway.manage;
import static io.canary.e2e.story.AtGateway.request;
import static io.canary.e2e.story.AtGateway.serve;
import static io.canary.e2e.story.AtGateway.spec;
import static io.canary.e2e.story.AtGateway.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.domain.app.Release.Bypass.Reason;
import io.canary.e2e.testbed.PodBehaviour;
import io.canary.e2e.traffic.Outcome;
import io.canary.e2e.traffic.Request;
import io.canary.e2e.traffic.RouteKind;
import io.canary.e2e.traffic.SteadyLoad;
import io.canary.e2e.watch.MeshMode;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// At a Gateway, with real requests: gRPC, clients that keep their version, what a controller cannot do, and what goes
/// wrong under load (issue 5).
@ReleaseStory
class GatewayTroubleIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /// v1 behind a managed route, and v2 with `percent` of it.
    private static void canary(Story story, String percent) {
        serve(story);
        manage(story);
        story.apply(version(Workload.of("order", "v2", 4).weight(percent)));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    @Tag("gateways")
    void callsOfGrpcAreSplit(Story story) {
        story.mesh(MeshMode.OFF);
        story.apply(
                behindGateways(Workload.rootService("order", Map.of())
                        .replace("name: http,", "name: grpc, appProtocol: kubernetes.io/h2c,")),
                version(Workload.of("order", "v1", 4)),
                """
                apiVersion: gateway.networking.k8s.io/v1
                kind: GRPCRoute
                metadata: {name: calls}
                spec:
                  parentRefs: [%s]
                  hostnames: [%s]
                  rules:
                  - matches: [{method: {service: shop.Orders, method: Get}}]
                    backendRefs: [{name: order, port: 8080}]
                """.formatted(gateway(story).parent(), host(story)));
        gateway(story).awaitRoute(RouteKind.GRPC, "calls");
        story.annotate("grpcroute/calls", "canary.io/managed=true");
        story.apply(
                version(Workload.of("order", "v2", 4).weight("25").with("canary.io/users", "header:x-user-id=alice")));
        story.awaitPhase("order", Release.Phase.CANARY);
        Request call = Request.call(host(story), "shop.Orders", "Get");
        gateway(story).awaitOutcome("alice gets v2", call.with("x-user-id", "alice"), by("v2"));
        assertThat(gateway(story)
                        .send(20, call.with("x-user-id", "alice"))
                        .byVersion()
                        .keySet())
                .containsOnly("v2");
        var tally = gateway(story).send(200, call);
        assertThat(tally.failures()).isEmpty();
        assertThat(tally.of("v2")).isBetween(25, 75);
        story.canary("detach", "order", "--wait", "--timeout=3m").orThrow();
        assertThat(story.kubectl("get", "grpcroute", "calls", "-o", "jsonpath={.spec.rules[*].backendRefs[*].name}")
                        .stdout())
                .isEqualTo("order");
    }

    /// A Gateway does not care what a port is called: where a mesh could not route it, the Gateway's route alone
    /// carries
    /// the weights.
    @Test
    @Tag("gateways")
    void aPortThatNoMeshKnowsIsSplitAtTheGateway(Story story) {
        story.mesh(MeshMode.OFF);
        story.apply(
                behindGateways(Workload.rootService("order", Map.of("canary.io/scale-down-delay", "3s"))
                        .replace("name: http,", "name: web,")),
                version(Workload.of("order", "v1", 4)),
                AtGateway.route(story, "canary.io/managed: \"true\""));
        gateway(story).awaitAnswered(request(story));
        story.apply(version(Workload.of("order", "v2", 4).weight("25")));
        story.awaitRelease(
                "order", "route mode", r -> r.mode() == Release.Mode.ROUTE && r.phase() == Release.Phase.CANARY);
        awaitSplit(story, Map.of("order-v1", 75, "order-v2", 25));
        story.canary("promote", "order", "--wait").orThrow();
        awaitSplit(story, Map.of("order-v2", 100));
        story.canary("detach", "order", "--wait", "--timeout=3m").orThrow();
        assertThat(spec(story, "{.spec.rules[1].backendRefs[*].name}")).isEqualTo("order");
    }

    /// Who got v2 by its share keeps it by a cookie, until v2 is aborted.
    @Test
    @Tag("gateways")
    void clientsKeepTheirVersion(Story story) {
        serve(story);
        manage(story);
        story.apply(version(Workload.of("order", "v2", 4).weight("50").with("canary.io/sticky", "true")));
        story.awaitPhase("order", Release.Phase.CANARY);
        awaitSplitWithCookie(story);
        Set<String> cookies = gateway(story).send(40, request(story)).answered().stream()
                .map(answered -> answered.version() + " " + cookie(answered))
                .collect(Collectors.toSet());
        assertThat(cookies).containsExactlyInAnyOrder("v1 ", "v2 canary-order=v2; Path=/");
        Request keeps = request(story).cookie("canary-order", "v2");
        assertThat(gateway(story).send(40, keeps).byVersion().keySet()).containsOnly("v2");

        story.canary("abort", "order", "--reason=test", "--wait").orThrow();
        gateway(story).awaitOutcome("the cookie means nothing any more", keeps, by("v1"));
        assertThat(gateway(story).send(40, keeps).byVersion().keySet()).containsOnly("v1");
        assertThat(spec(story, "{.spec}")).doesNotContain("canary-order");
    }

    private static void awaitSplitWithCookie(Story story) {
        gateway(story)
                .awaitOutcome(
                        "a cookie is set",
                        request(story),
                        outcome -> outcome instanceof Outcome.Answered answered
                                && cookie(answered).equals("canary-order=v2; Path=/"));
    }

    private static String cookie(Outcome.Answered answered) {
        return answered.headers().entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase("set-cookie"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }

    /// Traefik accepts a route with a mirror, knows none, and answers 500: so no route at a Gateway gets one.
    @Test
    @Tag("gateways")
    void atAGatewayNoCopiesAreMade(Story story) {
        canary(story, "25");
        story.apply(version(Workload.of("order", "v3", 4).with("canary.io/mirror", "5")));
        story.awaitRelease(
                "order",
                "told",
                r -> r.bypass().stream()
                        .anyMatch(bypass -> bypass.reason() == Reason.ROUTE
                                && bypass.message()
                                        .equals("HTTPRoute shop makes no copies: they are made in the mesh only")));
        story.awaitReplicas(Map.of("order-v1", 3, "order-v2", 1, "order-v3", 1));
        assertThat(spec(story, "{.spec}")).doesNotContain("RequestMirror");
        awaitSplit(story, Map.of("order-v1", 75, "order-v2", 25));
        assertThat(gateway(story).send(40, request(story)).failures()).isEmpty();
    }

    /// In the mesh our own route has it, and the version one pod for each part of the copies.
    @Test
    void copiesGoToAVersionWithoutWeight(Story story) {
        story.serve(Map.of("canary.io/scale-down-delay", "3s"), Workload.of("order", "v1", 4));
        story.apply(Workload.of("order", "v2", 4).with("canary.io/mirror", "50").yaml());
        story.await(
                "a mirror stands",
                () -> story.kubectl(
                                "get",
                                "httproute",
                                "order",
                                "--ignore-not-found",
                                "-o",
                                "jsonpath={.spec.rules[*].filters[*].requestMirror.backendRef.name}"
                                        + " {.spec.rules[*].filters[*].requestMirror.percent}")
                        .stdout()
                        .equals("order-v2 50"));
        story.awaitReplicas(Map.of("order-v1", 4, "order-v2", 2));
        story.canary("set", "weight", "order", "25", "--wait").orThrow();
        assertThat(story.kubectl("get", "httproute", "order", "-o", "jsonpath={.spec.rules[*].filters}")
                        .stdout())
                .as("no copies for a version that serves")
                .isEmpty();
        story.canary("detach", "order", "--wait", "--timeout=3m").orThrow();
    }

    /// A version Service deleted by hand comes back at once; the share of it fails meanwhile, and no other request.
    @Test
    @Tag("gateways")
    void aServiceThatSomebodyDeletesComesBack(Story story) {
        canary(story, "25");
        awaitSplit(story, Map.of("order-v1", 75, "order-v2", 25));
        story.awaitReplicas(Map.of("order-v1", 3, "order-v2", 1));
        try (SteadyLoad load = gateway(story).load(50, request(story))) {
            load.await("v2 serves", LIMIT, tally -> tally.of("v2") >= 5);
            story.kubectl("delete", "service", "order-v2").orThrow();
            int served = load.tally().of("v2");
            load.await("v2 serves again", LIMIT, tally -> tally.of("v2") >= served + 10);
            var failures = load.tally().failures();
            assertThat(failures.size()).as(failures.toString()).isLessThan(100);
        }
        story.awaitPhase("order", Release.Phase.CANARY);
        assertThat(gateway(story).send(40, request(story)).failures()).isEmpty();
    }

    /// The last endpoint of a version goes: its weight does at once, so that few requests fail.
    @Test
    @Tag("gateways")
    void aVersionThatLosesItsEndpointsLosesItsTraffic(Story story) {
        canary(story, "50");
        awaitSplit(story, Map.of("order-v1", 50, "order-v2", 50));
        try (SteadyLoad load = gateway(story).load(50, request(story))) {
            load.await("v2 serves", LIMIT, tally -> tally.of("v2") >= 5);
            story.behave("v2", PodBehaviour.NEVER_READY);
            awaitSplit(story, Map.of("order-v1", 100));
            int failed = load.tally().failures().size();
            int served = load.tally().of("v1");
            load.await("v1 serves all", LIMIT, tally -> tally.of("v1") >= served + 100);
            assertThat(load.tally().failures().size()).isLessThanOrEqualTo(failed + 10);
        }
        story.awaitRelease(
                "order",
                "withdrawn",
                r -> r.history().getLast().reason().equals("withdrawn: v2 has no ready endpoint"));
    }
}
