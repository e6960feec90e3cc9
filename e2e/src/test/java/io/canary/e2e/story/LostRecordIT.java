// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.PodBehaviour;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Somebody deletes the Release: traffic and pods stay where they are, for all is measured anew (issue 3, 5.8).
@ReleaseStory
class LostRecordIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");

    @Test
    void atAShareInForceNothingMoves(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.weight("90").yaml());
        story.awaitShares("order", Map.of("v1", 10, "v2", 90));
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 9));

        lose(story);

        Release again = story.awaitPhase("order", Release.Phase.CANARY);
        assertThat(again.stable()).isEqualTo("v1");
        assertThat(again.total()).isEqualTo(10);
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 10 v2 90");
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 1);
        assertThat(story.recorder().replicaHistory("order-v2")).containsExactly(0, 9);
    }

    @Test
    void onTheWayToAShareTheMoveGoesOn(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.behaving(PodBehaviour.NEVER_READY).yaml());
        story.awaitRelease(
                "order",
                "v2 waits for its pod",
                r -> r.version("v2")
                        .filter(v -> v.waitsFor().equals("0 of 1 pods ready"))
                        .isPresent());

        lose(story);
        story.behave("v2", PodBehaviour.READY);

        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 90 v2 10");
        assertThat(story.recorder().replicaHistory("order-v1")).containsExactly(10, 9);
    }

    private static void lose(Story story) {
        String lost = uid(story);
        story.kubectl("delete", "release", "order");
        story.await("there is a new Release", () -> {
            String uid = uid(story);
            return !uid.isEmpty() && !uid.equals(lost);
        });
    }

    private static String uid(Story story) {
        return story.cluster()
                .kubectl("get", "release", "order", "--output=jsonpath={.metadata.uid}")
                .stdout();
    }
}
