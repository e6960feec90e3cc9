// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static io.canary.e2e.story.AtGateway.GRACEFUL;
import static io.canary.e2e.story.AtGateway.assertNothingFailed;
import static io.canary.e2e.story.AtGateway.awaitSplit;
import static io.canary.e2e.story.AtGateway.by;
import static io.canary.e2e.story.AtGateway.gateway;
import static io.canary.e2e.story.AtGateway.manage;
import static io.canary.e2e.story.AtGateway.request;
import static io.canary.e2e.story.AtGateway.route;
import static io.canary.e2e.story.AtGateway.serve;
import static io.canary.e2e.story.AtGateway.spec;
import static io.canary.e2e.story.AtGateway.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.PodBehaviour;
import io.canary.e2e.traffic.Outcome;
import io.canary.e2e.traffic.Request;
import io.canary.e2e.traffic.SteadyLoad;
import io.canary.e2e.traffic.Tally;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A user's own route at a Gateway, split in place, with real requests (design section 7, issue 5).
@ReleaseStory
class GatewayRoutesIT {
    private static final Map<String, String> DELAY = Map.of("canary.io/scale-down-delay", "3s");
    private static final Offset<Integer> TOLERANCE = Offset.offset(35);

    @Test
    @Tag("gateways")
    void aRouteIsSplitInPlaceAndRestored(Story story) {
        serve(story);
        String before = spec(story, "{.spec}");
        story.apply(version(Workload.of("order", "v2", 4).weight("25")));
        story.awaitRelease(
                "order",
                "the bypass is told",
                r -> r.bypass().stream()
                        .anyMatch(told ->
                                told.message().contains("HTTPRoute shop forwards from a Gateway to Service order")));

        manage(story);
        story.awaitRelease(
                "order",
                "split",
                r -> r.mode() == Release.Mode.ROUTE
                        && r.phase() == Release.Phase.CANARY
                        && r.bypass().isEmpty());
        awaitSplit(story, Map.of("order-v1", 75, "order-v2", 25));
        Tally tally = gateway(story).send(400, request(story).at("/api/x"));
        assertThat(tally.failures()).isEmpty();
        assertThat(tally.of("v2")).isCloseTo(100, TOLERANCE);
        assertThat(gateway(story).served())
                .allSatisfy(served -> assertThat(served.headers().toString()).contains("x-from"));
        story.awaitRelease(
                "order",
                "its status is told",
                r -> r.routes().stream()
                        .anyMatch(route -> route.name().equals("shop") && route.accepted() && route.current()));

        // A file that is applied again shows nobody other weights: the answer to that very request is split.
        String split = spec(story, "{.spec}");
        CommandResult again = story.apply(route(story, "canary.io/managed: \"true\""));
        assertThat(again.stderr()).doesNotContain("Warning");
        assertThat(spec(story, "{.spec}")).isEqualTo(split);
        story.replace(route(story, "canary.io/managed: \"true\""));
        assertThat(spec(story, "{.spec}")).isEqualTo(split);

        story.annotate("httproute/shop", "canary.io/managed-");
        story.await("it says what it said", () -> spec(story, "{.spec}").equals(before));
        assertThat(spec(story, "{.metadata.annotations.canary\\.io/original}")).isEmpty();
        awaitSplit(story, Map.of("order", 1));
        assertThat(gateway(story).send(20, request(story)).failures()).isEmpty();
    }

    @Test
    @Tag("gateways")
    void detachRestoresIt(Story story) {
        serve(story);
        String before = spec(story, "{.spec}");
        manage(story);
        story.apply(version(Workload.of("order", "v2", 4).weight("50")));
        awaitSplit(story, Map.of("order-v1", 50, "order-v2", 50));
        story.canary("detach", "order", "--wait", "--timeout=3m").orThrow();
        assertThat(spec(story, "{.spec}")).isEqualTo(before);
        assertThat(spec(story, "{.metadata.annotations.canary\\.io/original}")).isEmpty();
        gateway(story).awaitAnswered(request(story));
        assertThat(gateway(story).send(50, request(story)).byVersion().keySet()).containsOnly("v1");
    }

    /// Not one request fails through a whole release, where pods that are to go still serve for a moment.
    @Test
    @Tag("gateways")
    void nothingFailsThroughAWholeRelease(Story story) {
        serve(story);
        manage(story);
        try (SteadyLoad load = gateway(story).load(50, request(story))) {
            story.apply(version(Workload.of("order", "v2", 4).behaving(GRACEFUL).weight("0")));
            story.canary("set", "weight", "order", "10", "--wait").orThrow();
            awaitSplit(story, Map.of("order-v1", 90, "order-v2", 10));
            story.canary("set", "weight", "order", "50", "--wait").orThrow();
            awaitSplit(story, Map.of("order-v1", 50, "order-v2", 50));
            story.canary("promote", "order", "--wait").orThrow();
            awaitSplit(story, Map.of("order-v2", 100));
            story.awaitReplicas(Map.of("order-v1", 0, "order-v2", 4));
            story.canary("undo", "order", "--yes", "--wait").orThrow();
            awaitSplit(story, Map.of("order-v1", 100));
            story.apply(version(Workload.of("order", "v3", 4).behaving(GRACEFUL).weight("50")));
            awaitSplit(story, Map.of("order-v1", 50, "order-v3", 50));
            story.canary("abort", "order", "--wait").orThrow();
            awaitSplit(story, Map.of("order-v1", 100));
            story.awaitReplicas(Map.of("order-v1", 4, "order-v3", 0));
            assertNothingFailed(story, load.tally());
            assertThat(load.tally().byVersion().keySet()).contains("v1", "v2", "v3");
        }
    }

    /// Canary users get the version whatever its weight, on every path, and nobody once it has no endpoints.
    @Test
    @Tag("gateways")
    void usersGetTheirVersion(Story story) {
        serve(story);
        manage(story);
        story.apply(version(Workload.of("order", "v2", 4)
                .weight("0")
                .with("canary.io/users", "header:x-user-id=alice, cookie:canary=always")));
        Request alice = request(story).with("x-user-id", "alice");
        gateway(story).awaitOutcome("alice gets v2", alice.at("/api/x"), by("v2"));
        assertThat(gateway(story).send(20, alice).byVersion().keySet()).containsOnly("v2");
        assertThat(gateway(story)
                        .send(20, request(story).cookie("canary", "always"))
                        .byVersion()
                        .keySet())
                .containsOnly("v2");
        assertThat(gateway(story)
                        .send(20, request(story).with("x-user-id", "bob"))
                        .byVersion()
                        .keySet())
                .containsOnly("v1");
        story.awaitReplicas(Map.of("order-v1", 4, "order-v2", 1));

        story.behave("v2", PodBehaviour.NEVER_READY);
        gateway(story).awaitOutcome("alice gets v1", alice, by("v1"));
        story.behave("v2", PodBehaviour.READY);
        gateway(story).awaitOutcome("alice gets v2 again", alice, by("v2"));
    }

    /// A canary domain leads to its version and nowhere else, also when that has no endpoints.
    @Test
    @Tag("gateways")
    void domainsLeadToTheirVersion(Story story) {
        serve(story);
        story.apply(version(Workload.of("order", "v2", 4)
                .weight("0")
                .with("canary.io/hosts", gateway(story).host("canary"))));
        story.awaitRelease(
                "order",
                "the hosts wait",
                r -> r.bypass().stream().anyMatch(told -> told.message().contains("wait for a Gateway route")));
        manage(story);
        Request canary = Request.to(gateway(story).host("canary"));
        gateway(story).awaitOutcome("the domain leads to v2", canary.at("/api/x"), by("v2"));
        assertThat(gateway(story).send(20, canary).byVersion().keySet()).containsOnly("v2");
        assertThat(gateway(story).send(20, request(story)).byVersion().keySet()).containsOnly("v1");
        story.awaitReplicas(Map.of("order-v1", 4, "order-v2", 1));
        story.awaitRelease(
                "order",
                "the route of the hosts is told",
                r -> r.routes().stream()
                        .anyMatch(route -> route.name().equals("order-v2-at-shop") && route.accepted()));

        story.behave("v2", PodBehaviour.NEVER_READY);
        gateway(story).awaitOutcome("nobody answers there", canary, Outcome.Failed.class::isInstance);
        assertThat(gateway(story).send(20, canary).byVersion()).isEmpty();
        story.behave("v2", PodBehaviour.READY);
        gateway(story).awaitOutcome("v2 answers again", canary, by("v2"));

        story.canary("set", "hosts", "order", "--version=v2").orThrow();
        story.await(
                "our route is gone",
                () -> !story.kubectl("get", "httproutes", "-o", "name").stdout().contains("order-v2-at-shop"));
        story.awaitReplicas(Map.of("order-v1", 4, "order-v2", 0));
    }

    /// Who is sent to a version with a lane is in the lane; nobody gets there by writing its header.
    @Test
    @Tag("gateways")
    void aLaneIsEnteredAtTheEdge(Story story) {
        serve(story);
        manage(story);
        story.apply(version(Workload.of("order", "v2", 4)
                .weight("0")
                .with("canary.io/lane", "blue")
                .with("canary.io/users", "header:x-user-id=alice")));
        Request alice = request(story).with("x-user-id", "alice");
        gateway(story).awaitOutcome("alice gets v2", alice, by("v2"));
        assertThat(lanes(gateway(story).send(10, alice))).containsOnly("blue");
        Tally forged = gateway(story).send(10, request(story).with("x-canary-lane", "blue"));
        assertThat(forged.byVersion().keySet()).containsOnly("v1");
        assertThat(lanes(forged)).containsOnly("");

        // by its share as well
        story.canary("set", "weight", "order", "50", "--wait").orThrow();
        gateway(story).awaitOutcome("v2 has a share", request(story), by("v2"));
        gateway(story)
                .send(40, request(story))
                .answered()
                .forEach(answered -> assertThat(lane(answered))
                        .as(answered.version())
                        .isEqualTo(answered.version().equals("v2") ? "blue" : ""));
    }

    private static Set<String> lanes(Tally tally) {
        return tally.answered().stream().map(GatewayRoutesIT::lane).collect(Collectors.toSet());
    }

    private static String lane(Outcome.Answered answered) {
        return answered.sent().entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase("x-canary-lane"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }

    /// In the mesh too, before the rule of the weights; and no rule for a version that does not serve.
    @Test
    void usersHaveARuleInTheMesh(Story story) {
        story.serve(DELAY, Workload.of("order", "v1", 4));
        story.apply(Workload.of("order", "v2", 4).weight("25").yaml());
        story.awaitPhase("order", Release.Phase.CANARY);
        story.canary("set", "users", "order", "header:x-user-id=alice").orThrow();
        String headers = "{.spec.rules[*].matches[*].headers[*].value}";
        String own = "{.spec.rules[*].backendRefs[*].name}";
        story.await("alice has a rule", () -> "alice".equals(ownRoute(story, headers)));
        assertThat(ownRoute(story, own)).isEqualTo("order-v2 order-v1 order-v2");
        story.behave("v2", PodBehaviour.NEVER_READY);
        story.await("she has none", () -> "order-v1".equals(ownRoute(story, own)));
        story.behave("v2", PodBehaviour.READY);
        story.await("she has one again", () -> "order-v2 order-v1 order-v2".equals(ownRoute(story, own)));
        story.canary("detach", "order", "--wait", "--timeout=3m").orThrow();
    }

    private static String ownRoute(Story story, String path) {
        return story.kubectl("get", "httproute", "order", "-o", "jsonpath=" + path)
                .stdout();
    }
}
