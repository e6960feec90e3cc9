// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.watch.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The last key is removed: all of ours goes, in the order in which no request is lost (issue 3, 5.9).
@ReleaseStory
class HandBackIT {
    private static final String DELAY = "canary.io/scale-down-delay";
    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 = Workload.of("order", "v2", 10).unlabelled();

    @Test
    void inTheMiddleOfAReleaseTrafficGoesBackBeforeAnythingIsTakenAway(Story story) {
        story.serve(Map.of(DELAY, "1s"), V1);
        story.apply(V2.weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));

        int before = story.calls().count();
        story.annotate("service/order", DELAY + "-");
        story.annotate("deployment/order-v2", "canary.io/weight-");
        Ours.awaitGone(story, Duration.ofSeconds(50));

        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0));
        assertThat(story.shareHistory("order")).last().isEqualTo("v1 100");
        List<Call> writes = writes(story, before);
        List<String> lines = writes.stream().map(HandBackIT::line).toList();
        int traffic = lines.lastIndexOf("patch httproutes order");
        int scaledDown = lines.lastIndexOf("patch deployments/scale order-v2");
        int routeGone = lines.indexOf("delete httproutes order");
        assertThat(lines.indexOf("patch deployments/scale order-v1")).isBetween(0, scaledDown);
        assertThat(traffic).isBetween(0, scaledDown);
        assertThat(scaledDown).isLessThan(routeGone);
        assertThat(lines.subList(routeGone, lines.size()))
                .containsExactly(
                        "delete httproutes order",
                        "delete services order-v1",
                        "delete services order-v2",
                        "patch deployments order-v2",
                        "patch deployments order-v1",
                        "delete releases order");
        assertThat(Duration.between(at(writes, traffic), at(writes, scaledDown)))
                .as("the scale-down delay, which is the default again")
                .isGreaterThan(Duration.ofSeconds(29));
        assertThat(Duration.between(at(writes, scaledDown), at(writes, routeGone)))
                .as("the last endpoints of v2 leave the root Service before the route does")
                .isGreaterThan(Duration.ofSeconds(9));
        assertThat(Duration.between(at(writes, routeGone), at(writes, routeGone + 1)))
                .as("the data plane lets go of the route before its Services go")
                .isGreaterThan(Duration.ofSeconds(9));
    }

    @Test
    void atRestNothingMovesAndAllOfOursGoes(Story story) {
        story.serve(Map.of("canary.io/stable", "v1"), V1);
        story.awaitPhase("order", Release.Phase.STABLE);
        assertThat(story.shares("order")).isEqualTo(Map.of("v1", 100.0));

        int before = story.calls().count();
        story.annotate("service/order", "canary.io/stable-");
        Ours.awaitGone(story);

        assertThat(writes(story, before).stream().map(HandBackIT::line))
                .containsExactly(
                        "delete httproutes order",
                        "delete services order-v1",
                        "patch deployments order-v1",
                        "delete releases order");
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10);
        assertThat(story.shareHistory("order")).containsExactly("v1 100");
    }

    @Test
    void aKeyThatComesBackEndsTheHandBack(Story story) {
        story.serve(Map.of("canary.io/stable", "v1"), V1.replicas(4));
        story.awaitPhase("order", Release.Phase.STABLE);

        story.annotate("service/order", "canary.io/stable-");
        story.annotate("service/order", DELAY + "=1s");
        story.apply(V2.replicas(4).weight("50").yaml());

        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 2, "order-v2", 2));
        assertThat(story.calls().writes().where(c -> c.verb().equals("delete")).all())
                .isEmpty();
    }

    /// What the product wrote after its first `before` calls, Events and what the Release told on the way left out.
    private static List<Call> writes(Story story, int before) {
        List<Call> all = story.calls().all();
        return all.subList(before, all.size()).stream()
                .filter(c -> c.isWrite() && c.succeeded() && !c.resource().equals("events"))
                .filter(c -> !c.resource().equals("releases") || c.verb().equals("delete"))
                .toList();
    }

    private static String line(Call call) {
        return call.verb() + " " + call.target() + " " + call.name();
    }

    private static Instant at(List<Call> calls, int index) {
        return calls.get(index).requestReceived();
    }
}
