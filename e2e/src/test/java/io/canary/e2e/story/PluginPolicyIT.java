// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.CommandResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The plugin's verbs about policies on a real control plane (issue 6): who sets which limit, what would pass, what
/// breaks it, and the way past with a reason.
@ReleaseStory
class PluginPolicyIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");

    private static void begin(Story story) {
        story.serve(QUICK, Workload.of("order", "v1", 10));
        story.apply(V2.yaml());
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void limitsAreListedAndExplained(Story story) {
        begin(story);
        try (PolicyStory policies = new PolicyStory(story)) {
            String strict = policies.apply("strict", "maxWeight: 30\nmaxStep: 15\nbreakGlass: Allowed");
            String told = policies.apply("told", "validationActions: [Warn]\nminReplicas: 20");

            CommandResult list = story.canary("policy", "list").orThrow();
            assertThat(list.stdout()).containsPattern(strict + " +Deny +no +.*maxWeight,maxStep");
            assertThat(list.stdout()).containsPattern(told + " +Warn +no +.*minReplicas");

            CommandResult explained = story.canary("policy", "explain", "order").orThrow();
            assertThat(explained.stdout())
                    .containsPattern("maxWeight +30% +" + strict + " +Deny")
                    .containsPattern("maxStep +15% +" + strict + " +Deny")
                    .containsPattern("minReplicas +20 +" + told + " +Warn")
                    .containsPattern("v2 +\\S+ +10% +.*up to 25%");

            CommandResult refused = story.canary("set", "weight", "order", "40");
            assertThat(refused.exitCode()).isEqualTo(4);
            assertThat(refused.stderr()).contains("maxWeight: weight 40 > 30", "allowed now 10..25");
            CommandResult passed = story.canary("set", "weight", "order", "40", "--override=CHG-5: the shop is down")
                    .orThrow();
            assertThat(passed.stderr()).contains("maxWeight: weight 40 > 30 (overridden)");
            story.awaitShares("order", Map.of("v1", 60, "v2", 40));
            story.awaitRelease(
                    "order", "the move", r -> r.history().getLast().to().equals("v1 60, v2 40"));
            assertThat(story.canary("history", "order").orThrow().stdout())
                    .contains("overridden by admin: CHG-5: the shop is down (" + strict + "/maxWeight)");
        }
    }

    /// Back to the version before is free; to an older one it is an advance like any.
    @Test
    void anUndoToAnOlderVersionMayBeOverridden(Story story) {
        story.serve(QUICK, Workload.of("order", "v1", 2));
        for (String version : List.of("v2", "v3")) {
            story.apply(
                    Workload.of("order", version, 2).unlabelled().weight("50").yaml());
            story.canary("promote", "order", "--version=" + version, "--wait").orThrow();
        }
        try (PolicyStory policies = new PolicyStory(story)) {
            policies.apply("strict", "requiredLabels: [team]\nbreakGlass: Allowed");

            CommandResult refused = story.canary("undo", "order", "--to-version=v1", "--yes");
            assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(4);
            assertThat(refused.stderr()).contains("requiredLabels");
            story.canary("undo", "order", "--to-version=v1", "--yes", "--override=CHG-6: v2 was bad, too", "--wait")
                    .orThrow();
            story.awaitShares("order", Map.of("v1", 100));

            story.canary("undo", "order", "--yes", "--wait").orThrow();
            story.awaitShares("order", Map.of("v3", 100));
        }
    }

    @Test
    void whatBreaksThemIsReported(Story story) {
        begin(story);
        story.canary("set", "weight", "order", "60").orThrow();
        story.awaitShares("order", Map.of("v1", 40, "v2", 60));
        try (PolicyStory policies = new PolicyStory(story)) {
            String strict = policies.apply("strict", "maxWeight: 30");

            story.await(
                    "the report has it",
                    () -> story.canary("policy", "report")
                            .orThrow()
                            .stdout()
                            .matches("(?s).*order +v2 +" + strict + " +maxWeight +Deny +weight 60 > 30.*"));
            assertThat(story.canary("policy", "report", "--fail-on=deny").exitCode())
                    .isEqualTo(5);
        }
    }

    /// Files are judged without a cluster as the cluster judges them.
    @Test
    void filesAreJudgedAlike(Story story) {
        begin(story);
        try (PolicyStory policies = new PolicyStory(story)) {
            String name = policies.apply("strict", "maxWeight: 30\nrequiredLabels: [team]");
            String refused = story.refused(story.tryApply(V2.weight("40").yaml()));
            String policy =
                    story.kubectl("get", "canarypolicy", name, "--output=json").stdout();
            String files = policy + "\n---\n" + Workload.rootService("order", QUICK) + "\n---\n"
                    + V2.weight("40").yaml();

            CommandResult offline = story.plugin()
                    .run(
                            files,
                            List.of(
                                    "policy",
                                    "test",
                                    "-f",
                                    "-",
                                    "--namespace=" + story.cluster().namespace(),
                                    "--namespace-labels=kubernetes.io/metadata.name="
                                            + story.cluster().namespace()));
            assertThat(offline.exitCode())
                    .as(offline.stdout() + offline.stderr())
                    .isEqualTo(1);
            for (String rule : List.of("weight 40 > 30", "Deployment order-v2 has no label team")) {
                assertThat(refused).contains(rule);
                assertThat(offline.stdout()).contains(rule);
            }
        }
    }
}
