// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Several versions, decimals, and sums that do not fit (issue 3, 5.3).
@ReleaseStory
class SharesIT {
    private static final Map<String, String> QUICK =
            Map.of("canary.io/stable", "v1", "canary.io/scale-down-delay", "1s");

    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 = Workload.of("order", "v2", 10);
    private static final Workload V3 = Workload.of("order", "v3", 10);

    @Test
    void threeVersionsShareAtOnce(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("20").yaml(), V3.weight("30").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 20, "v3", 30));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 2, "order-v3", 3));
        Release release = story.awaitPhase("order", Release.Phase.CANARY);
        assertThat(release.total()).isEqualTo(10);
    }

    @Test
    void decimalsMakeTheRouteCountInBasisPoints(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("0.5").yaml());
        story.awaitShares("order", Map.of("v1", 99.5, "v2", 0.5));
        assertThat(story.refs("order")).isEqualTo(Map.of("order-v1", 9950, "order-v2", 50));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        story.annotate("deployment/order-v2", "canary.io/weight=12.25");
        story.awaitShares("order", Map.of("v1", 87.75, "v2", 12.25));
        story.annotate("deployment/order-v2", "canary.io/weight=12");
        story.awaitShares("order", Map.of("v1", 88, "v2", 12));
        assertThat(story.refs("order")).isEqualTo(Map.of("order-v1", 88, "order-v2", 12));
    }

    @Test
    void sumAboveAHundredIsWarnedOfAndTheLastGoodSharesStay(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("40").yaml(), V3.weight("60").yaml());
        story.awaitShares("order", Map.of("v2", 40, "v3", 60));

        var warned = story.annotate("deployment/order-v2", "canary.io/weight=60");
        assertThat(warned.stderr()).contains("sum would be 120: order-v3 holds 60, 40 is left");

        Release release = story.awaitPhase("order", Release.Phase.CONFLICT);
        assertThat(release.message()).contains("sum is 120", "order-v2 60", "order-v3 60");
        story.kubectl("wait", "--for=condition=Conflict", "release/order", "--timeout=10s");
        assertThat(story.shares("order")).isEqualTo(Map.of("v2", 40.0, "v3", 60.0));

        // A lowering of the other is followed at once, though the sum still does not fit.
        story.annotate("deployment/order-v3", "canary.io/weight=50");
        story.awaitShares("order", Map.of("v1", 10, "v2", 40, "v3", 50));
        story.awaitPhase("order", Release.Phase.CONFLICT);

        story.annotate("deployment/order-v3", "canary.io/weight=40");
        story.awaitShares("order", Map.of("v2", 60, "v3", 40));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    /// As Argo CD and Flux apply: a dry run of everything first, then one object at a time, in whatever order.
    @Test
    void theWayOutOfASwapWorksInAnyOrderOfEdits(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("70").yaml(), V3.weight("20").yaml());
        story.awaitShares("order", Map.of("v1", 10, "v2", 70, "v3", 20));

        for (List<Workload> order : List.of(
                List.of(V2.weight("20"), V3.weight("70")), // lower first
                List.of(V2.weight("70"), V3.weight("20")))) { // raise first: 140 in between
            List<Workload> all = new ArrayList<>(order);
            all.forEach(w -> story.kubectlWith(w.yaml(), "apply", "--dry-run=server", "-f", "-"));
            all.forEach(w -> story.apply(w.yaml()));
            Map<String, Double> wanted = Map.of("v1", 10.0, "v2", weight(order.get(0)), "v3", weight(order.get(1)));
            story.awaitShares("order", wanted);
            story.awaitPhase("order", Release.Phase.CANARY);
        }

        // Both at the same moment.
        CompletableFuture.allOf(Stream.of(V2.weight("20"), V3.weight("70"))
                        .map(w -> CompletableFuture.runAsync(() -> story.apply(w.yaml())))
                        .toArray(CompletableFuture[]::new))
                .join();
        story.awaitShares("order", Map.of("v1", 10, "v2", 20, "v3", 70));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    private static double weight(Workload workload) {
        return Double.parseDouble(workload.annotations().getOrDefault("canary.io/weight", "0"));
    }

    /// Ten edits a second: the last one counts, and nothing but what was asked is ever in force (F25).
    @Test
    void aWeightThatFlapsEndsAtItsLastValue(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("10").yaml());
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        // Meanwhile none loses pods: with too few it would take back its share bit by bit (design 5.4).
        story.annotate("service/order", "canary.io/scale-down-delay=1h");

        for (int i = 0; i < 50; i++) {
            story.weigh("order-v2", i % 2 == 0 ? "90" : "10");
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos()); // the pace of who edits
        }
        story.weigh("order-v2", "30");
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
        story.annotate("service/order", "canary.io/scale-down-delay=1s");
        story.awaitReplicas(Map.of("order-v1", 7, "order-v2", 3));
        story.awaitPhase("order", Release.Phase.CANARY);
        assertThat(story.shareHistory("order")).isSubsetOf("v1 100", "v1 90 v2 10", "v1 10 v2 90", "v1 70 v2 30");
    }

    /// Both are typed at the same moment: one of them is stable in the end (F26).
    @Test
    void ofTwoPromotionsAtOnceOneHolds(Story story) {
        story.serve(QUICK, V1.replicas(4));
        story.apply(
                V2.replicas(4).weight("25").yaml(), V3.replicas(4).weight("25").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 25, "v3", 25));
        story.awaitPhase("order", Release.Phase.CANARY);

        Stream.of("v2", "v3")
                .map(version -> CompletableFuture.runAsync(
                        () -> story.canary("promote", "order", "--version=" + version), Thread::startVirtualThread))
                .toList()
                .forEach(CompletableFuture::join);

        String stable = story.kubectl(
                        "get", "service/order", "-o", "jsonpath={.metadata.annotations.canary\\.io/stable}")
                .stdout();
        assertThat(stable).isIn("v2", "v3");
        // The other has kept its weight, or spent it while it was stable for a moment.
        story.awaitRelease(
                "order",
                stable + " is stable, and all is as asked",
                r -> stable.equals(r.stable())
                        && r.inForceIsAsked()
                        && (r.phase() == Release.Phase.STABLE || r.phase() == Release.Phase.CANARY));
        assertThat(story.refs("order").get("order-" + stable)).isIn(75, 100);
    }

    @Test
    void stableThatDoesNotExistIsToldWithTheVersionsThatDo(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("10").yaml());
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        var warned = story.annotate("service/order", "canary.io/stable=v9");
        assertThat(warned.stderr()).contains("\"v9\" is no version of order, which has v1 and v2");
        Release release = story.awaitPhase("order", Release.Phase.CONFLICT);
        assertThat(release.stable()).isEqualTo("v1");
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 90.0, "v2", 10.0));
        story.annotate("service/order", "canary.io/stable=v1");
        story.awaitPhase("order", Release.Phase.CANARY);
    }
}
