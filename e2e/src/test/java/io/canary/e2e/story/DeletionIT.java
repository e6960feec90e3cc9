// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.watch.Call;
import io.canary.e2e.watch.Calls;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Objects of an app are deleted by their user (issue 3, 5.9).
@ReleaseStory
class DeletionIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");
    private static final Duration ORPHANED = Duration.ofSeconds(10);

    @Test
    void withoutItsRootServiceAnAppIsHeldAndGoesOnWhenItIsBack(Story story) {
        release(story, "10");
        int deletes = deletes(story).count();

        story.kubectl("delete", "service", "order");
        Release held = story.awaitRelease(
                "order", "its root Service is missing", r -> r.problems().contains("Service order is missing"));
        assertThat(held.phase()).isEqualTo(Release.Phase.CONFLICT);
        assertThat(held.message())
                .isEqualTo("Service order is missing; nothing moves and nothing of ours is deleted until it is back");
        story.annotate("deployment/order-v2", "canary.io/weight=50");
        story.awaitQuiet(Duration.ofSeconds(5));
        assertThat(deletes(story).count()).isEqualTo(deletes);
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 90.0, "v2", 10.0));
        assertThat(story.recorder().readyEndpoints("order-v1")).isEqualTo(9);
        assertThat(story.recorder().readyEndpoints("order-v2")).isEqualTo(1);

        story.apply(Workload.rootService("order", QUICK));
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
        assertThat(story.awaitPhase("order", Release.Phase.CANARY).problems()).isEmpty();
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10", "v1 50 v2 50");
    }

    @Test
    void aRootServiceThatCannotBeOneHoldsTheApp(Story story) {
        release(story, "10");
        int deletes = deletes(story).count();

        patchRoot(story, "{\"spec\":{\"selector\":{\"app\":\"nothing\"}}}");
        awaitHeld(story, "Service order selects the pods of no version");
        patchRoot(story, "{\"spec\":{\"selector\":{\"app\":\"order\"}}}");
        awaitGoesOn(story);

        patchRoot(story, "{\"spec\":{\"type\":\"ExternalName\",\"externalName\":\"shop.example\"}}");
        awaitHeld(story, "Service order is of type ExternalName");
        patchRoot(story, "{\"spec\":{\"type\":\"ClusterIP\",\"externalName\":null}}");
        awaitGoesOn(story);

        story.kubectl("delete", "service", "order");
        story.apply(Workload.rootService("order", Map.of()).replace("spec:", "spec:\n  clusterIP: None"));
        awaitHeld(story, "Service order is headless");
        story.kubectl("delete", "service", "order");
        story.apply(Workload.rootService("order", QUICK));
        awaitGoesOn(story);

        assertThat(deletes(story).count()).isEqualTo(deletes);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10");
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 9);
    }

    @Test
    void anAppDeletedWithItsServiceFirstLeavesNothing(Story story) {
        release(story, "10");
        story.kubectl("label", "service/order", "deployment/order-v1", "deployment/order-v2", "team=shop");

        // The Deployments follow at once: the hook may not know yet that the Service is gone.
        story.await(
                "all are deleted",
                () -> story.cluster()
                        .kubectl("delete", "services,deployments", "--selector=team=shop")
                        .succeeded());
        Ours.awaitGone(story);
    }

    @Test
    void anAppDeletedWithItsDeploymentsFirstLeavesNothing(Story story) {
        release(story, "10");
        story.kubectl("label", "service/order", "deployment/order-v1", "deployment/order-v2", "team=shop");

        // v1 carries 90 %: that is refused as for a single Deployment, and all others go.
        var first = story.cluster().kubectl("delete", "deployments,services", "--selector=team=shop");
        assertThat(story.refused(first)).contains("to delete the whole app, delete Service order first");
        story.kubectl("delete", "deployments,services", "--selector=team=shop");
        Ours.awaitGone(story);
    }

    @Test
    void anAppDeletedWithoutItsServiceLeavesNothingOfOursOnIt(Story story) {
        story.serve(Map.of(), V1, Workload.of("order", "v0", 1));
        story.annotate("deployment/order-v1", "canary.io/weight=100");
        story.awaitShares("order", Map.of("v1", 100));

        story.kubectl("delete", "deployments", "order-v0", "order-v1");
        Ours.awaitGone(story);
        assertThat(story.kubectl("get", "services", "--output=name").stdout()).isEqualTo("service/order\n");
    }

    @Test
    void aNamespaceIsDeletedInTheMiddleOfARelease(Story story) {
        release(story, "10");

        // The namespace controller looks again after 5, 10, 20 and 40 s, as long as anything is left in it.
        Instant asked = Instant.now();
        story.kubectl("delete", "namespace", story.cluster().namespace(), "--timeout=4m");
        int minutes = 1 + Duration.between(asked, Instant.now()).toMinutesPart();

        Calls refused = story.audit()
                .since(0)
                .in(story.cluster().namespace())
                .where(c -> c.verb().startsWith("delete") && c.code() >= 400 && c.code() != 404 && c.code() != 409);
        assertThat(refused.all()).isEmpty();
        assertThat(story.calls().where(c -> c.isWrite() && c.code() == 403).count())
                .as("creates in a namespace that goes: those that were under way, then none for a minute")
                .isLessThanOrEqualTo(4 * minutes);
    }

    @Test
    void theVersionThatCarriesTheTrafficIsDeletedOnlyWhenOthersCanCarryIt(Story story) {
        release(story, "90");
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 9));
        story.await("v1 has one endpoint", () -> story.recorder().readyEndpoints("order-v1") == 1);

        assertThat(story.refused(story.cluster().kubectl("delete", "deployment", "order-v2")))
                .endsWith(
                        "admission webhook \"version-carries-traffic.canary.io\" denied the request: Deployment order-v2: carries 90 %"
                                + " of the traffic of order, and the versions that would take it have 1 of 10 pods ready (take its traffic away first: kubectl annotate"
                                + " --overwrite deployment order-v2 canary.io/weight=0; delete it when its share is 0; to"
                                + " delete the whole app, delete Service order first)\n");

        story.annotate("deployment/order-v2", "canary.io/weight=0");
        story.awaitShares("order", Map.of("v1", 100));
        story.kubectl("delete", "deployment", "order-v2");
        story.awaitReplicas(Map.of("order-v1", 10));
        story.awaitPhase("order", Release.Phase.STABLE);
    }

    @Test
    void theGarbageCollectorIsNotHeldUpAndStableTakesAllAtOnce(Story story) {
        release(story, "90");
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 9));
        story.collect("order-v2");
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 10));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 10 v2 90", "v1 100");
    }

    @Test
    void theSharesOfADeletedVersionGoToStableAtOnceAndItsServiceAfterAWhile(Story story) {
        release(story, "10");

        story.kubectl("delete", "deployment", "order-v2");
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 10));
        story.await(
                "Service order-v2 is deleted",
                () -> deletes(story).on("services").count() > 0);

        Instant moved = last(story.calls().writes().on("httproutes")).requestReceived();
        Instant deleted = last(deletes(story).on("services")).requestReceived();
        assertThat(Duration.between(moved, deleted)).isBetween(ORPHANED.minusMillis(500), ORPHANED.multipliedBy(3));
        assertThat(deletes(story).all())
                .extracting(c -> c.target() + " " + c.name())
                .containsExactly("services order-v2");
        story.awaitPhase("order", Release.Phase.STABLE);
    }

    @Test
    void aVersionThatIsBeingDeletedIsAsGoodAsGone(Story story) {
        release(story, "10");
        story.kubectl(
                "patch",
                "deployment",
                "order-v2",
                "--type=merge",
                "--patch={\"metadata\":{\"finalizers\":[\"shop.example/wait\"]}}");

        story.kubectl("delete", "deployment", "order-v2", "--wait=false");
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitReplicas(Map.of("order-v1", 10));
        story.kubectl(
                "patch", "deployment", "order-v2", "--type=merge", "--patch={\"metadata\":{\"finalizers\":null}}");
        story.await(
                "Service order-v2 is deleted",
                () -> deletes(story).on("services").count() > 0);
    }

    @Test
    void aVersionCreatedAnewSoonKeepsItsServiceAndRisesByTheRules(Story story) {
        release(story, "10");

        story.kubectl("delete", "deployment", "order-v2");
        story.awaitShares("order", Map.of("v1", 100));
        story.apply(V2.yaml());
        assertThat(story.deployment("order-v2").getSpec().getReplicas()).isLessThanOrEqualTo(1);
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));

        story.awaitQuiet(ORPHANED.plusSeconds(2));
        assertThat(deletes(story).all()).isEmpty();
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10", "v1 100", "v1 90 v2 10");
    }

    @Test
    void theShareOfADeletedStableGoesToThoseThatServe(Story story) {
        release(story, "90");
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 9));

        story.kubectl("delete", "deployment", "order-v1");
        story.awaitShares("order", Map.of("v2", 100));
        story.awaitReplicas(Map.of("order-v2", 10));
        story.await(
                "Service order-v1 is deleted",
                () -> deletes(story).on("services").count() > 0);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 10 v2 90", "v2 100");
    }

    /// `order` with v1 as stable and v2 at `percent`, in force and with the pods for it.
    private static void release(Story story, String percent) {
        int share = Integer.parseInt(percent);
        story.serve(QUICK, V1);
        story.apply(V2.weight(percent).yaml());
        story.awaitShares("order", Map.of("v1", 100 - share, "v2", share));
        story.awaitReplicas(Map.of("order-v1", 10 - share / 10, "order-v2", share / 10));
    }

    private static void patchRoot(Story story, String patch) {
        story.kubectl("patch", "service", "order", "--type=merge", "--patch=" + patch);
    }

    private static void awaitHeld(Story story, String why) {
        story.awaitRelease("order", why, r -> r.problems().equals(List.of(why)));
    }

    private static void awaitGoesOn(Story story) {
        story.await("the root Service has its endpoints", () -> story.recorder().readyEndpoints("order") == 10);
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    private static Calls deletes(Story story) {
        return story.calls().writes().where(c -> c.verb().equals("delete"));
    }

    private static Call last(Calls calls) {
        return calls.all().getLast();
    }
}
