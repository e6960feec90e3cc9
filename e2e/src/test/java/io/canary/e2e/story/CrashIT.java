// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.PodBehaviour;
import io.canary.e2e.watch.AuditLog;
import io.canary.e2e.watch.Call;
import io.canary.e2e.watch.Calls;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The product is killed (SIGKILL) in the middle of its work and started again by its kubelet: it ends where it
/// would have ended, on the same way (issue 3, 5.8). A new leader begins when the lease of the dead one is over.
@ReleaseStory
@Tag("alone")
class CrashIT {
    private static final InstalledProduct PRODUCT = new InstalledProduct();
    private static final String DELAY = "canary.io/scale-down-delay";
    private static final Map<String, String> QUICK = Map.of(DELAY, "1s");

    /// Long enough for the product to be found waiting for its pods when it is killed.
    private static final PodBehaviour SLOW = PodBehaviour.readyAfter(Duration.ofSeconds(15));

    @AfterEach
    void bringTheProductBack(ControlPlane cluster) {
        PRODUCT.awaitReady(cluster);
    }

    @Test
    void afterTheWriteOfARouteTheScaleDownDelayBeginsAgain(Story story) {
        Duration delay = Duration.ofSeconds(8);
        story.serve(Map.of(DELAY, "8s"), Workload.of("order", "v1", 4));
        story.apply(Workload.of("order", "v2", 4).weight("25").yaml());
        story.awaitReplicas(Map.of("order-v1", 3, "order-v2", 1));

        long mark = story.audit().mark();
        story.annotate("deployment/order-v2", "canary.io/weight=75");
        kill(story, mark, wrote("patch", "httproutes", "order"));
        assertThat(story.replicas("order-v1")).isEqualTo(3);

        story.awaitShares("order", Map.of("v1", 25, "v2", 75));
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 3));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 75 v2 25", "v1 25 v2 75");
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(4, 3, 1);
        assertThat(story.recorder().replicaHistory("order-v2")).containsExactly(0, 1, 3);
        Calls after = story.audit().since(mark).by(InstalledProduct.USER).succeeded();
        Instant ledAgain = after.on("leases").writes().all().getLast().requestReceived();
        Call scaledDown = after.in(story.cluster().namespace())
                .where(wrote("patch", "deployments/scale", "order-v1"))
                .all()
                .getLast();
        Instant restarted = after.on("deployments").lists().all().getFirst().requestReceived();
        assertThat(restarted).isBefore(ledAgain);
        assertThat(Duration.between(restarted, scaledDown.requestReceived())).isGreaterThan(delay);
    }

    /// One crash finds five apps at five steps.
    @Test
    void atAnyStepTheReleaseGoesOnFromWhatIsMeasured(Story story) {
        // Pods of v2 start slowly: found after its scale-up, before the route follows.
        serve(story, "scaled", QUICK);
        apply(story, "scaled", "25", SLOW);
        // A promotion that waits for the pods of v2.
        serve(story, "promoted", QUICK);
        apply(story, "promoted", "50", SLOW);
        // A release whose Release is lost in the same moment.
        serve(story, "lost", QUICK);
        apply(story, "lost", "25", SLOW);
        for (String app : Set.of("scaled", "lost")) {
            story.awaitShares(app, Map.of("v1", 75, "v2", 25));
            story.awaitReplicas(Map.of(app + "-v1", 3, app + "-v2", 1));
        }
        story.awaitReplicas(Map.of("promoted-v1", 2, "promoted-v2", 2));
        // Traffic has left v1, its pods have not.
        serve(story, "delayed", Map.of(DELAY, "40s"));
        apply(story, "delayed", "100", PodBehaviour.READY);
        story.awaitShares("delayed", Map.of("v2", 100));

        long mark = story.audit().mark();
        story.annotate("deployment/scaled-v2", "canary.io/weight=75");
        story.annotate("deployment/lost-v2", "canary.io/weight=75");
        story.annotate("service/promoted", "canary.io/stable=v2");
        story.audit().awaitCall(mark, in(story, wrote("patch", "deployments/scale", "scaled-v2")), Story.SOON);
        story.audit().awaitCall(mark, in(story, wrote("patch", "deployments/scale", "lost-v2")), Story.SOON);
        story.audit().awaitCall(mark, in(story, wrote("patch", "deployments/scale", "promoted-v2")), Story.SOON);
        // Just begun: Services are made, no route is yet.
        serve(story, "begun", QUICK);
        apply(story, "begun", "50", PodBehaviour.READY);
        kill(story, mark, wrote("patch", "services", "begun-v2"));
        assertThat(story.shares("begun")).isEmpty();
        assertThat(story.shares("scaled")).isEqualTo(Map.of("v1", 75.0, "v2", 25.0));
        assertThat(story.shares("promoted")).isEqualTo(Map.of("v1", 50.0, "v2", 50.0));
        assertThat(story.replicas("delayed-v1")).isEqualTo(4);
        story.kubectl("delete", "release", "lost");

        for (String app : Set.of("scaled", "lost")) {
            story.awaitShares(app, Map.of("v1", 25, "v2", 75));
            story.awaitReplicas(Map.of(app + "-v1", 1, app + "-v2", 3));
            assertThat(story.shareHistory(app)).containsExactly("v1 100", "v1 75 v2 25", "v1 25 v2 75");
            assertThat(story.awaitPhase(app, Release.Phase.CANARY).stable()).isEqualTo("v1");
        }
        story.awaitShares("promoted", Map.of("v2", 100));
        story.awaitReplicas(Map.of("promoted-v1", 0, "promoted-v2", 4));
        story.awaitRelease(
                "promoted", "v2 is stable", r -> "v2".equals(r.stable()) && r.phase() == Release.Phase.STABLE);
        assertThat(story.shareHistory("promoted")).containsExactly("v1 100", "v1 50 v2 50", "v2 100");
        story.awaitShares("begun", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("begun-v1", 2, "begun-v2", 2));
        assertThat(story.shareHistory("begun")).containsExactly("v1 100", "v1 50 v2 50");
        assertThat(story.shareHistory("delayed")).containsExactly("v1 100", "v2 100");
        story.annotate("service/delayed", DELAY + "=1s");
        story.awaitReplicas(Map.of("delayed-v1", 0, "delayed-v2", 4));
    }

    @Test
    void aRestartWithNothingChangedWritesNothingAndListsEachKindOnce(Story story) {
        serve(story, "order", QUICK);
        apply(story, "order", "25", PodBehaviour.READY);
        story.awaitReplicas(Map.of("order-v1", 3, "order-v2", 1));
        story.serve(Map.of("canary.io/stable", "v1"), Workload.of("cart", "v1", 2));
        story.awaitPhase("order", Release.Phase.CANARY);
        story.awaitPhase("cart", Release.Phase.STABLE);
        story.awaitQuiet(Duration.ofSeconds(3));

        long mark = story.audit().mark();
        PRODUCT.kill(story.cluster().controlPlane());
        story.audit()
                .awaitCall(
                        mark,
                        c -> c.isWrite()
                                && c.succeeded()
                                && isOurs(c)
                                && c.resource().equals("leases"),
                        Story.SOON);
        story.audit()
                .awaitQuiet(
                        mark,
                        c -> isOurs(c) && c.isWrite() && !c.resource().equals("leases"),
                        Duration.ofSeconds(8),
                        Story.SOON);

        Calls after = story.audit().since(mark).by(InstalledProduct.USER);
        Set<String> elsewhere = Set.of(story.cluster().namespace(), "", InstalledProduct.NAMESPACE);
        assertThat(after.writes()
                        .except("leases")
                        .where(c -> elsewhere.contains(c.namespace()))
                        .all())
                .isEmpty();
        List<String> kinds = List.of(
                "canarypolicies",
                "customresourcedefinitions",
                "deployments",
                "endpointslices",
                "grpcroutes",
                "horizontalpodautoscalers",
                "httproutes",
                "mutatingwebhookconfigurations",
                "namespaces",
                "releases",
                "services",
                "validatingadmissionpolicybindings",
                "validatingwebhookconfigurations");
        assertThat(ofEveryCluster(after.lists().byVerbAndTarget())).isEqualTo(once("list ", kinds));
        assertThat(ofEveryCluster(after.watches().byVerbAndTarget())).isEqualTo(once("watch ", kinds));

        // It is there, and awake.
        story.annotate("deployment/order-v2", "canary.io/weight=50");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
    }

    /// Of five kinds of objects the definitions are looked at, each by its name.
    private static Map<String, Long> once(String verb, List<String> kinds) {
        return kinds.stream()
                .collect(Collectors.toMap(k -> verb + k, k -> k.equals("customresourcedefinitions") ? 5L : 1L));
    }

    /// Without the objects of Istio's kinds: another story may have installed these meanwhile.
    private static Map<String, Long> ofEveryCluster(Map<String, Long> calls) {
        Map<String, Long> others = new HashMap<>(calls);
        others.keySet().removeIf(call -> call.matches("(list|watch) (virtualservices|destinationrules)"));
        return others;
    }

    private static void serve(Story story, String app, Map<String, String> onService) {
        story.serve(onService, Workload.of(app, "v1", 4));
    }

    private static void apply(Story story, String app, String weight, PodBehaviour pods) {
        story.apply(Workload.of(app, "v2", 4).weight(weight).behaving(pods).yaml());
    }

    /// SIGKILL as soon as the audit log tells of the write.
    private static void kill(Story story, long mark, Predicate<Call> write) {
        AuditLog audit = story.audit();
        audit.awaitCall(mark, in(story, write), Story.SOON);
        PRODUCT.kill(story.cluster().controlPlane());
    }

    private static Predicate<Call> in(Story story, Predicate<Call> write) {
        String namespace = story.cluster().namespace();
        return write.and(c -> c.namespace().equals(namespace));
    }

    private static Predicate<Call> wrote(String verb, String target, String name) {
        return c -> isOurs(c)
                && c.succeeded()
                && c.verb().equals(verb)
                && c.target().equals(target)
                && c.name().equals(name);
    }

    private static boolean isOurs(Call call) {
        return call.user().equals(InstalledProduct.USER);
    }
}
