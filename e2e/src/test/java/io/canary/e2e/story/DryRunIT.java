// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.CommandResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `--dry-run=server` writes nothing and says what would happen (issue 3, 5.6).
@ReleaseStory
class DryRunIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");

    @Test
    void aNewVersionThatIsTriedOutIsToldAndNothingIsWritten(Story story) {
        story.serve(Map.of(), V1);

        CommandResult tried = dryRun(story, V2);

        assertThat(warnings(tried))
                .containsExactlyInAnyOrder(
                        "order-v2 starts with 0 replicas: Canary starts its pods when their turn comes",
                        "HTTPRoute order would carry the weights, once a mesh accepts it",
                        "order-v2 would get 10 % of the traffic, 1 of 10 replicas",
                        "order-v1 would get 90 % of the traffic, 9 of 10 replicas");
        assertThat(tried.stdout()).contains("deployment.apps/order-v2 created (server dry run)");
        assertThat(story.kubectl("get", "deployments,services,httproutes,releases", "-o", "name")
                        .stdout())
                .isEqualTo("deployment.apps/order-v1\nservice/order\n");
        assertNothingWritten(story);
    }

    @Test
    void whatADryRunSaysIsWhatHappens(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        story.awaitPhase("order", Release.Phase.CANARY);

        CommandResult tried = dryRun(story, V2.weight("25"));
        assertThat(warnings(tried))
                .containsExactlyInAnyOrder(
                        "replicas stay 1: set the total as canary.io/replicas on Service order",
                        "HTTPRoute order would carry the weights",
                        "order-v2 would get 25 % of the traffic, 3 of 10 replicas",
                        "order-v1 would get 75 % of the traffic, 7 of 10 replicas");
        story.awaitQuiet(Duration.ofSeconds(2));
        assertThat(story.annotation("order-v2", "canary.io/weight")).isEqualTo("10");

        story.apply(V2.weight("25").yaml());
        story.awaitShares("order", Map.of("v1", 75, "v2", 25));
        story.awaitReplicas(Map.of("order-v1", 7, "order-v2", 3));
    }

    @Test
    void aPromotionAnAbortAndAPauseCanBeTriedOut(Story story) {
        story.serve(QUICK, V1.replicas(4));
        story.apply(V2.weight("50").yaml());
        story.awaitReplicas(Map.of("order-v1", 2, "order-v2", 2));
        story.awaitPhase("order", Release.Phase.CANARY);
        story.awaitQuiet(Duration.ofSeconds(2));
        String before = story.kubectl("get", "deployments,services,httproutes,releases", "-o", "yaml")
                .stdout();
        int written = story.calls().writes().count();

        assertThat(warnings(dryRunOnService(story, "canary.io/stable=v2")))
                .containsExactlyInAnyOrder(
                        "HTTPRoute order would carry the weights",
                        "order-v2 would get 100 % of the traffic, 4 of 4 replicas");
        assertThat(warnings(dryRunOnService(story, "canary.io/abort=errors")))
                .containsExactlyInAnyOrder(
                        "aborted: all traffic stays with stable until canary.io/abort is removed",
                        "HTTPRoute order would carry the weights",
                        "order-v1 would get 100 % of the traffic, 4 of 4 replicas");
        assertThat(warnings(dryRunOnService(story, "canary.io/paused=lunch")))
                .contains("paused: nothing advances until canary.io/paused is removed");
        assertThat(warnings(dryRunOnService(story, "canary.io/replicas=10")))
                .contains(
                        "order-v2 would get 50 % of the traffic, 5 of 10 replicas",
                        "order-v1 would get 50 % of the traffic, 5 of 10 replicas");

        story.awaitQuiet(Duration.ofSeconds(2));
        assertThat(story.calls().writes().count()).isEqualTo(written);
        assertThat(story.kubectl("get", "deployments,services,httproutes,releases", "-o", "yaml")
                        .stdout())
                .isEqualTo(before);
    }

    @Test
    void withoutRoutesADryRunGivesTheEffectivePercent(Story story) {
        story.serve(Map.of(), V1.unlabelled());

        assertThat(warnings(dryRun(story, V2.weight("1"))))
                .containsExactlyInAnyOrder(
                        "order-v2 starts with 0 replicas: Canary starts its pods when their turn comes",
                        "replica mode, traffic follows pods: the pods of version v1 carry no label version: kubectl"
                                + " canary adopt order",
                        "order-v2 would get 1 of 10 replicas and by them 10 % of the traffic (1 asked)",
                        "order-v1 would get 9 of 10 replicas and by them 90 % of the traffic (99 asked)");
        assertNothingWritten(story);
    }

    @Test
    void whatWouldBeRefusedIsRefusedInADryRun(Story story) {
        story.serve(Map.of(), V1.replicas(1));

        String said = story.refused(tryDryRun(story, V2.weight("ten").yaml()));

        assertThat(said)
                .contains("admission webhook \"mutate.canary.io\" denied the request: "
                        + "metadata.annotations[canary.io/weight]: \"ten\" is not a percentage 0–100 with at most two"
                        + " decimals (write e.g. \"10\")");
        assertNothingWritten(story);
    }

    /// As Flux and Argo CD do: everything is tried out before anything is there.
    @Test
    void aWholeAppCanBeTriedOutBeforeAnyOfItIsThere(Story story) {
        CommandResult tried = tryDryRun(
                        story, Workload.rootService("order", Map.of("canary.io/stable", "v1")), V1.yaml(), V2.yaml())
                .orThrow();

        assertThat(warnings(tried))
                .containsExactlyInAnyOrder(
                        "no Deployment belongs to Service order yet",
                        "waiting for Service order: create it, or name another");
        assertNothingWritten(story);
    }

    private static void assertNothingWritten(Story story) {
        assertThat(story.awaitQuiet(Duration.ofSeconds(2)).all()).isEmpty();
    }

    private static CommandResult dryRun(Story story, Workload workload) {
        return tryDryRun(story, workload.yaml()).orThrow();
    }

    private static CommandResult tryDryRun(Story story, String... documents) {
        return story.cluster()
                .controlPlane()
                .kubectl(
                        String.join("\n---\n", documents),
                        List.of("-n", story.cluster().namespace(), "apply", "--dry-run=server", "-f", "-"));
    }

    private static CommandResult dryRunOnService(Story story, String edit) {
        return story.kubectl("annotate", "--overwrite", "--dry-run=server", "service/order", edit);
    }

    /// What kubectl printed as warnings.
    private static List<String> warnings(CommandResult result) {
        return result.stderr()
                .lines()
                .filter(line -> line.startsWith("Warning: "))
                .map(line -> line.substring("Warning: ".length()))
                .toList();
    }
}
