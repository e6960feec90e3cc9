// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.testbed.PodBehaviour;
import io.canary.e2e.traffic.Gateway;
import io.canary.e2e.traffic.Outcome;
import io.canary.e2e.traffic.Request;
import io.canary.e2e.traffic.RouteKind;
import io.canary.e2e.traffic.Tally;
import io.canary.e2e.watch.MeshMode;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;

/// An app `order` behind a user's route `shop` at the tests' Gateway.
final class AtGateway {
    /// A pod that is to go still serves until no Gateway sends there any more.
    static final PodBehaviour GRACEFUL = PodBehaviour.READY.deletedAfter(Duration.ofSeconds(10));

    private static final Map<String, String> DELAY = Map.of("canary.io/scale-down-delay", "3s");

    private AtGateway() {}

    static String behindGateways(String yaml) {
        return yaml.replace("containerPort: 8080", "containerPort: 9080")
                .replace("port: 8080}", "port: 8080, targetPort: 9080}");
    }

    static String version(Workload workload) {
        return behindGateways(workload.yaml());
    }

    /// The route `shop`: everything to the app, but for a page that leads elsewhere.
    static String route(Story story, String annotations) {
        return """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: shop, annotations: {%s}}
                spec:
                  parentRefs: [%s]
                  hostnames: [%s]
                  rules:
                  - matches: [{path: {type: PathPrefix, value: /old}}]
                    filters: [{type: RequestRedirect, requestRedirect: {statusCode: 301, path: {type: ReplaceFullPath, replaceFullPath: /}}}]
                  - matches: [{path: {type: PathPrefix, value: /api}}, {path: {type: PathPrefix, value: /}}]
                    filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-from, value: edge}]}}]
                    backendRefs: [{name: order, port: 8080}]
                """.formatted(annotations, gateway(story).parent(), host(story));
    }

    static String host(Story story) {
        return gateway(story).host("order");
    }

    static Gateway gateway(Story story) {
        return story.cluster().gateway();
    }

    static Request request(Story story) {
        return Request.to(host(story));
    }

    static void awaitSplit(Story story, Map<String, Integer> byService) {
        gateway(story).awaitWeights(RouteKind.HTTP, "shop", 1, byService);
    }

    static Predicate<Outcome> by(String version) {
        return outcome -> outcome instanceof Outcome.Answered answered
                && answered.version().equals(version);
    }

    /// Not one request failed; where some do while Services change, it is less than one in fifty, and only these.
    static void assertNothingFailed(Story story, Tally tally) {
        if (gateway(story).controller().failsWhileServicesChange()) {
            assertThat(tally.failures())
                    .hasSizeLessThan(tally.size() / 50)
                    .allSatisfy(failed -> assertThat(failed.reason()).isEqualTo("status 503: "));
        } else {
            assertThat(tally.failures()).isEmpty();
        }
    }

    static String spec(Story story, String path) {
        return story.kubectl("get", "httproute", "shop", "-o", "jsonpath=" + path)
                .stdout();
    }

    /// v1 serves alone, by a route that nobody manages.
    static void serve(Story story) {
        story.mesh(MeshMode.OFF);
        story.apply(
                behindGateways(Workload.rootService("order", DELAY)),
                version(Workload.of("order", "v1", 4).behaving(GRACEFUL)),
                route(story, ""));
        gateway(story).awaitAnswered(request(story));
    }

    static void manage(Story story) {
        story.annotate("httproute/shop", "canary.io/managed=true");
    }
}
