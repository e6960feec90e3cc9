// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static io.canary.e2e.story.AtGateway.GRACEFUL;
import static io.canary.e2e.story.PluginRun.QUICK;
import static io.canary.e2e.story.PluginRun.expect;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.Addresses;
import io.canary.e2e.testbed.Command;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.traffic.Gateway;
import io.canary.e2e.traffic.Outcome;
import io.canary.e2e.traffic.Request;
import io.canary.e2e.traffic.RouteKind;
import io.canary.e2e.watch.MeshMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `kubectl canary verify` measures what really comes through a Gateway (issue 12).
@ReleaseStory
class PluginVerifyIT {
    /// What the pods of the testbed say of themselves.
    private static final String BY = "--by=header:canary-test-version";

    private static String behindGateways(String yaml) {
        return yaml.replace("containerPort: 8080", "containerPort: 9080")
                .replace("port: 8080}", "port: 8080, targetPort: 9080}");
    }

    private static String route(Story story, String name, String annotations) {
        return """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: %s, annotations: {%s}}
                spec:
                  parentRefs: [%s]
                  hostnames: [%s]
                  rules: [{backendRefs: [{name: order, port: 8080}]}]
                """.formatted(name, annotations, gateway(story).parent(), host(story, name));
    }

    private static String host(Story story, String name) {
        return gateway(story).host(name);
    }

    private static Gateway gateway(Story story) {
        return story.cluster().gateway();
    }

    /// v1 has 90 % and v2 10 % of what comes by the route `shop`.
    private static void serveNinetyTen(Story story) {
        story.mesh(MeshMode.OFF);
        story.apply(
                behindGateways(Workload.rootService("order", QUICK)),
                behindGateways(Workload.of("order", "v1", 4).behaving(GRACEFUL).yaml()),
                route(story, "shop", "canary.io/managed: \"true\""));
        gateway(story).awaitAnswered(Request.to(host(story, "shop")));
        story.apply(behindGateways(Workload.of("order", "v2", 4)
                .weight("10")
                .with("canary.io/users", "header:x-user-id=alice")
                .with("canary.io/hosts", host(story, "canary"))
                .yaml()));
        story.awaitPhase("order", Release.Phase.CANARY);
        story.awaitReplicas(Map.of("order-v1", 3, "order-v2", 1));
    }

    private static void awaitSplit(Story story, Map<String, Integer> weights) {
        // The rules of users stand before that of the weights.
        story.await(
                "the weights " + weights + " are in force",
                () -> List.of(0, 1).stream()
                        .anyMatch(rule -> gateway(story)
                                .weights(RouteKind.HTTP, "shop", rule)
                                .equals(weights)));
    }

    private static CommandResult verify(Story story, String... flags) {
        List<String> words = new ArrayList<>(List.of("verify", "order", "--rate=500"));
        words.addAll(List.of(flags));
        return story.canary(words.toArray(String[]::new));
    }

    /// Where each request is drawn at random, one time in a hundred the right split is found outside.
    private static CommandResult verifyOnceMore(Story story, String... flags) {
        CommandResult first = verify(story, flags);
        return first.exitCode() == 5 ? verify(story, flags) : first;
    }

    @Test
    void theSplitInForceIsMeasured(Story story) {
        serveNinetyTen(story);
        awaitSplit(story, Map.of("order-v1", 90, "order-v2", 10));

        CommandResult found = verify(story, BY);
        expect(found, 0, "http://" + Addresses.GATEWAY_HOST + "/ as " + host(story, "shop"), "");
        assertThat(found.stdout())
                .contains("v1        90%", "v2        10%", "points; ")
                .doesNotContain("outside");
        expect(verify(story, BY, "--requests=200", "-o", "json"), 0, "\"verdict\": \"inside\"", "");

        String address = "--address=" + gateway(story).address();
        expect(verify(story, address, "--by=body:\"version\":\"([^\"]+)\"", "--requests=200"), 0, "v2 ", "");
        expect(verify(story, address, "--requests=200"), 1, "", "headers canary-test-app, ");
        expect(
                verify(story, address, BY, "--host=nobody.example", "--requests=200"),
                1,
                "",
                " x status 404\nhint: is it the right --host and --path?");
    }

    /// A user and a domain of the canary get nothing else; another user gets the split, and it is said.
    @Test
    @Tag("gateways")
    void usersAndDomainsMustGetTheirVersion(Story story) {
        serveNinetyTen(story);
        Request alice = Request.to(host(story, "shop")).with("x-user-id", "alice");
        gateway(story).awaitOutcome("alice gets v2", alice, PluginVerifyIT::byV2);
        gateway(story).awaitOutcome("the domain leads to v2", Request.to(host(story, "canary")), PluginVerifyIT::byV2);
        awaitSplit(story, Map.of("order-v1", 90, "order-v2", 10));

        String address = "--address=" + gateway(story).address(); // other than its status says, with Contour
        expect(
                verify(story, BY, address, "--requests=100", "--user=header:x-user-id=alice"),
                0,
                "v2        100%       100.0%",
                "");
        expect(
                verifyOnceMore(story, BY, address, "--requests=200", "--user=header:x-user-id=bob"),
                0,
                "v2        10% ",
                "no version lists header:x-user-id=bob");
        CommandResult domain = verify(story, BY, address, "--requests=100", "--host=" + host(story, "canary"));
        expect(domain, 0, "v2        100%       100.0%", "");
        assertThat(domain.stdout()).contains(" as " + host(story, "canary") + "\n");
    }

    private static boolean byV2(Outcome outcome) {
        return outcome instanceof Outcome.Answered answered
                && answered.version().equals("v2");
    }

    /// By a route that nobody manages traffic follows pods, of which v2 has more than one in ten.
    @Test
    void aRoutePastTheSplitIsOutside(Story story) {
        serveNinetyTen(story);
        awaitSplit(story, Map.of("order-v1", 90, "order-v2", 10));
        story.apply(route(story, "legacy", ""));
        gateway(story).awaitAnswered(Request.to(host(story, "legacy")));

        CommandResult outside = verify(story, BY, "--host=" + host(story, "legacy"));
        expect(outside, 5, "outside", "error: v2: 10% is in force, and 2");
        assertThat(outside.stderr()).endsWith("hint: kubectl canary check order\n");

        story.kubectl("delete", "httproute", "shop");
        CommandResult[] byPods = new CommandResult[1];
        // While the mode changes, so do the shares: then there is no verdict, but exit code 3.
        story.await("it is measured by pods", () -> {
            byPods[0] = verify(story, BY, "--requests=300");
            return byPods[0].stdout().contains("BY PODS") && byPods[0].exitCode() != 3;
        });
        expect(byPods[0], 0, " as " + host(story, "legacy") + "\n", "traffic follows pods");
    }

    /// Ctrl-C, to the plugin alone: what was measured is told.
    @Test
    void anInterruptTellsWhatWasMeasured(Story story) throws Exception {
        serveNinetyTen(story);
        int before = gateway(story).served().size();
        Command typed = story.plugin()
                .command(
                        "",
                        List.of(
                                "verify",
                                "order",
                                BY,
                                "--requests=100000",
                                "-n",
                                story.cluster().namespace()));
        ProcessBuilder builder = new ProcessBuilder(typed.line());
        builder.environment().putAll(typed.environment());
        Process process = builder.redirectErrorStream(true).start();
        try {
            story.await("it measures", () -> gateway(story).served().size() > before + 50);
            assertThat(new Command("kill", "-INT", Long.toString(process.pid()))
                            .run()
                            .succeeded())
                    .isTrue();
            assertThat(process.waitFor()).isEqualTo(130);
            assertThat(new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                    .contains("MEASURED", "error: interrupted after ");
        } finally {
            process.destroyForcibly();
        }
    }
}
