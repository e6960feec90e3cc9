// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.PodBehaviour;
import io.canary.e2e.watch.Call;
import io.canary.e2e.watch.Calls;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the product costs the API server, and what plain tools see of a release (issue 3, 5.10).
@ReleaseStory
class QuietIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");

    @Test
    void aWeightChangeTakesAtMostSixWritesAndNoList(Story story) {
        begin(story);
        story.awaitQuiet(Duration.ofSeconds(3));

        long mark = story.audit().mark();
        story.annotate("deployment/order-v2", "canary.io/weight=50");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
        story.awaitQuiet(Duration.ofSeconds(3));

        Calls calls = story.audit().since(mark).by(InstalledProduct.USER);
        // Another story may have installed Istio's kinds meanwhile.
        assertThat(calls.lists().except("virtualservices", "destinationrules").all())
                .isEmpty();
        Calls writes = calls.in(story.cluster().namespace()).writes();
        assertThat(writes.except("releases", "events").all())
                .as(writes.table())
                .hasSizeLessThanOrEqualTo(6)
                .filteredOn(Call::succeeded) // a controller may have written in the same moment
                .extracting(c -> c.target() + " " + c.name())
                .containsExactly("deployments/scale order-v2", "httproutes order", "deployments/scale order-v1");
    }

    @Test
    void atRestNothingIsWritten(Story story) {
        begin(story);
        story.serve(Map.of("canary.io/stable", "v1"), Workload.of("cart", "v1", 2));
        story.awaitPhase("cart", Release.Phase.STABLE);
        story.awaitPhase("order", Release.Phase.CANARY);
        story.awaitQuiet(Duration.ofSeconds(3));

        int writes = story.calls().writes().count();
        story.awaitQuiet(Duration.ofSeconds(30));
        assertThat(story.calls().writes().count()).isEqualTo(writes);
    }

    @Test
    void oneEventTellsEachMoveAndTheReleaseIsWrittenOnceASecondAtMost(Story story) {
        begin(story);
        for (String weight : List.of("20", "30", "40", "50", "60")) {
            story.annotate("deployment/order-v2", "canary.io/weight=" + weight);
        }
        story.awaitShares("order", Map.of("v1", 40, "v2", 60));
        story.awaitReplicas(Map.of("order-v1", 4, "order-v2", 6));
        Release release = story.awaitPhase("order", Release.Phase.CANARY);
        story.awaitQuiet(Duration.ofSeconds(3));

        List<Call> written = story.calls().writes().on("releases").all();
        for (int i = 1; i < written.size(); i++) {
            assertThat(Duration.between(
                            written.get(i - 1).requestReceived(), written.get(i).requestReceived()))
                    .isGreaterThan(Duration.ofMillis(900));
        }
        List<String> told = story.kubectl(
                        "get",
                        "events",
                        "--field-selector=reason=Moved",
                        "--output=jsonpath={range .items[*]}{.message}{\"\\n\"}{end}")
                .stdout()
                .lines()
                .toList();
        assertThat(told)
                .containsExactlyInAnyOrderElementsOf(release.history().stream()
                        .map(m -> m.to() + " (was " + m.from() + "): " + m.reason() + ", by " + m.by())
                        .toList());
        assertThat(release.history().getLast().to()).isEqualTo("v1 40, v2 60");
        assertThat(release.history().getLast().by()).isEqualTo("admin");
    }

    @Test
    void kubectlShowsAReleaseAndWaitsForIt(Story story) {
        begin(story);
        story.awaitPhase("order", Release.Phase.CANARY);

        story.kubectl("wait", "--for=condition=Ready", "release/order", "--timeout=20s");
        List<String> lines = story.kubectl("get", "releases").stdout().lines().toList();
        assertThat(lines.getFirst().trim().split("  +"))
                .containsExactly("NAME", "STABLE", "ASKED", "IN FORCE", "PHASE", "READY", "AGE");
        assertThat(lines.getLast()).matches("order +v1 +v2 10 +v2 10 +Canary +10/10 +\\d+s");
        assertThat(conditions(story))
                .containsExactly(
                        "Ready=True", "Degraded=False", "Conflict=False", "RoutesAccepted=True", "ForeignPods=False");

        story.apply(V2.behaving(PodBehaviour.NEVER_READY).yaml());
        story.annotate("deployment/order-v2", "canary.io/weight=50");
        story.kubectl("wait", "--for=condition=Ready=False", "release/order", "--timeout=20s");
        assertThat(story.refused(
                        story.cluster().kubectl("wait", "--for=condition=Ready", "release/order", "--timeout=1s")))
                .contains("timed out waiting for the condition on releases/order");
        story.kubectl("wait", "--for=jsonpath={.status.askedText}=v2 50", "release/order", "--timeout=20s");
        assertThat(story.kubectl("get", "releases", "--output=wide").stdout()).contains("pods ready");
    }

    /// `order` with v1 as stable, 10 % on v2.
    private static void begin(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
    }

    private static List<String> conditions(Story story) {
        return story.kubectl(
                        "get",
                        "release",
                        "order",
                        "--output=jsonpath={range .status.conditions[*]}{.type}={.status}{\"\\n\"}{end}")
                .stdout()
                .lines()
                .toList();
    }
}
