// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.PodBehaviour;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What is ours and was changed by hand comes back (issue 3, 5.5; design 5.8).
@ReleaseStory
class DriftIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");

    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("30");

    // ---- the route

    @Test
    void weightsEditedByHandComeBackAtOnce(Story story) {
        onTheWay(story);

        story.editWeights("order", 40, 60);

        story.awaitShareHistory("order", "v1 100", "v1 70 v2 30", "v1 40 v2 60", "v1 70 v2 30");
        assertThat(story.replicas("order-v2")).isEqualTo(3);
    }

    @Test
    void weightsThatWereTakenFromTheCanaryComeBack(Story story) {
        onTheWay(story);

        story.editWeights("order", 100, 0);

        story.awaitShareHistory("order", "v1 100", "v1 70 v2 30", "v1 100", "v1 70 v2 30");
    }

    @Test
    void weightsThatSumToNothingComeBackAsTheyWere(Story story) {
        onTheWay(story);

        story.editWeights("order", 0, 0);

        story.awaitShareHistory("order", "v1 100", "v1 70 v2 30", "", "v1 70 v2 30");
    }

    @Test
    void refOfTheRouteToAnotherServiceComesBack(Story story) {
        onTheWay(story);

        story.patch("httproute/order", """
                [{"op": "replace", "path": "/spec/rules/0/backendRefs/1/name", "value": "order"}]""");

        story.awaitShareHistory("order", "v1 100", "v1 70 v2 30", "v1 100", "v1 70 v2 30");
        assertThat(refs(story)).containsExactly("order-v1 70", "order-v2 30");
    }

    @Test
    void parentOfTheRouteComesBack(Story story) {
        onTheWay(story);
        story.patch("httproute/order", """
                [{"op": "remove", "path": "/spec/parentRefs/0/port"}]""");
        story.await("the parent has its port again", () -> parents(story).equals(List.of("order:8080")));

        story.patch("httproute/order", """
                [{"op": "replace", "path": "/spec/parentRefs/0/name", "value": "elsewhere"}]""");
        story.await("the parent is order again", () -> parents(story).equals(List.of("order:8080")));

        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void ruleAddedByAnotherIsKeptWhileOursMoves(Story story) {
        onTheWay(story);
        story.patch("httproute/order", """
                [{"op": "add", "path": "/spec/rules/0", "value": {
                    "matches": [{"path": {"type": "Exact", "value": "/old"}}],
                    "filters": [{"type": "RequestRedirect", "requestRedirect": {"statusCode": 301, "hostname": "new"}}]}}]""");

        story.annotate("deployment/order-v2", "canary.io/weight=50");

        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        List<Map<String, Object>> rules = rules(story);
        assertThat(rules).hasSize(2);
        assertThat(rules.getFirst().toString()).contains("/old", "RequestRedirect", "hostname=new");
        assertThat(rules.getLast().toString()).contains("order-v1", "order-v2").doesNotContain("filters");
    }

    @Test
    void routeThatIsDeletedComesBackAtTheWeightsInForce(Story story) {
        onTheWay(story);
        String uid = route(story).getMetadata().getUid();

        story.kubectl("delete", "httproute/order");

        story.await("there is a new route", () -> {
            GenericKubernetesResource found = routeOrNull(story);
            return found != null && !found.getMetadata().getUid().equals(uid);
        });
        assertThat(refs(story)).containsExactly("order-v1 70", "order-v2 30");
        story.awaitPhase("order", Release.Phase.CANARY);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 70 v2 30");
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 7);
    }

    @Test
    void routeDeletedWhileAMoveWaitsComesBackAtTheWeightsInForce(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.behaving(PodBehaviour.NEVER_READY).yaml());
        story.awaitRelease("order", "v2 waits", r -> r.message().equals("v2: 0 of 3 pods ready"));

        story.kubectl("delete", "httproute/order");

        story.await("there is a route", () -> routeOrNull(story) != null);
        assertThat(refs(story)).containsExactly("order-v1 100");
        story.behave("v2", PodBehaviour.READY);
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
    }

    @Test
    void twoOwnersThatFightAreToldWithTheNameOfTheOther(Story story) {
        onTheWay(story);

        int edits = 0;
        while (!story.inConflict("order") && edits++ < 50) {
            int before = edits;
            story.kubectl(
                    "patch",
                    "httproute/order",
                    "--type=json",
                    "--field-manager=stubborn",
                    "--patch=[{\"op\": \"replace\", \"path\": \"/spec/rules/0/backendRefs\", \"value\": ["
                            + "{\"group\": \"\", \"kind\": \"Service\", \"name\": \"order-v1\", \"port\": 8080, \"weight\": 60}, "
                            + "{\"group\": \"\", \"kind\": \"Service\", \"name\": \"order-v2\", \"port\": 8080, \"weight\": 40}]}]");
            story.await(
                    "round " + before + " is answered",
                    () -> !story.shares("order").equals(Map.of("v1", 60.0, "v2", 40.0)) || story.inConflict("order"));
        }

        Release conflict = story.awaitPhase("order", Release.Phase.CONFLICT);
        assertThat(edits).as("rounds").isBetween(3, 5);
        assertThat(conflict.problems()).singleElement().asString().contains("order", "stubborn");
        story.awaitEvent("Conflict", "stubborn");
        story.kubectl("wait", "release/order", "--for=condition=Conflict", "--timeout=10s");

        // The other gives up: it is put right at the next try, and all is well.
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    // ---- Services

    @Test
    void selectorAndPortsOfAVersionServiceComeBack(Story story) {
        onTheWay(story);

        story.merge("service/order-v2", """
                {"spec": {"selector": {"tier": "none"}}}""");
        story.await(
                "its selector is back",
                () -> story.service("order-v2")
                        .getSpec()
                        .getSelector()
                        .equals(Map.of("app", "order", "version", "v2")));
        story.patch("service/order-v1", """
                [{"op": "replace", "path": "/spec/ports/0/port", "value": 81}]""");
        story.await(
                "its port is back",
                () -> story.service("order-v1").getSpec().getPorts().stream()
                        .map(p -> p.getPort())
                        .toList()
                        .equals(List.of(8080)));

        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void versionServiceThatIsDeletedComesBackWithItsWeight(Story story) {
        onTheWay(story);
        String uid = story.service("order-v2").getMetadata().getUid();

        story.kubectl("delete", "service/order-v2");

        story.await(
                "there is a new Service",
                () -> story.kubectl(
                                "get", "service", "order-v2", "--ignore-not-found", "-o", "jsonpath={.metadata.uid}")
                        .stdout()
                        .transform(now -> !now.isEmpty() && !now.equals(uid)));
        story.await("it has endpoints", () -> story.recorder().readyEndpoints("order-v2") == 3);
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void serviceOfStableThatIsDeletedComesBackWithItsWeight(Story story) {
        onTheWay(story);

        story.kubectl("delete", "service/order-v1");

        story.await("it has endpoints", () -> story.recorder().readyEndpoints("order-v1") == 7);
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void portAddedToTheRootServiceReachesTheVersionServices(Story story) {
        onTheWay(story);

        story.patch("service/order", """
                [{"op": "add", "path": "/spec/ports/-", "value": {"name": "tcp-admin", "port": 9000}}]""");

        story.await(
                "both have the port",
                () -> List.of("order-v1", "order-v2").stream()
                        .allMatch(
                                name -> story.service(name).getSpec().getPorts().size() == 2));
        var _ = story.awaitQuiet(Duration.ofSeconds(2));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 70 v2 30");
    }

    private static void onTheWay(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());
        story.awaitReplicas(Map.of("order-v1", 7, "order-v2", 3));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    private static GenericKubernetesResource route(Story story) {
        return Objects.requireNonNull(routeOrNull(story));
    }

    private static @Nullable GenericKubernetesResource routeOrNull(Story story) {
        return story.cluster()
                .client()
                .genericKubernetesResources("gateway.networking.k8s.io/v1", "HTTPRoute")
                .inNamespace(story.cluster().namespace())
                .withName("order")
                .get();
    }

    private static List<Map<String, Object>> rules(Story story) {
        return route(story).get("spec", "rules");
    }

    private static List<String> refs(Story story) {
        List<Map<String, Object>> refs = route(story).get("spec", "rules", 0, "backendRefs");
        return refs.stream()
                .map(ref -> ref.get("name") + " " + ref.get("weight"))
                .toList();
    }

    private static List<String> parents(Story story) {
        List<Map<String, Object>> refs = route(story).get("spec", "parentRefs");
        return refs.stream().map(ref -> ref.get("name") + ":" + ref.get("port")).toList();
    }
}
