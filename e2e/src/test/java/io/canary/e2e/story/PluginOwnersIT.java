// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Others write too: GitOps tools again and again, people at the same moment. An edit says so and loses nothing.
@ReleaseStory
class PluginOwnersIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");

    @TempDir
    Path folder;

    @Test
    void whatAGitOpsToolOwnsIsToldWithTheChangeToMakeInGit(Story story) {
        story.serve(QUICK, Workload.of("order", "v1", 4));
        story.applyAs(
                "argocd-controller", Workload.of("order", "v2", 4).weight("25").yaml());
        story.awaitPhase("order", Release.Phase.CANARY);

        CommandResult weight = story.canary("set", "weight", "order", "50", "--dry-run=server");
        assertThat(weight.stderr())
                .contains("warning: argocd-controller owns Deployment/order-v2 canary.io/weight; in Git: 25 -> 50\n");
        CommandResult abort = story.canary("abort", "order", "--reason=5xx");
        assertThat(abort.exitCode()).isZero();
        assertThat(abort.stderr())
                .contains("warning: argocd-controller owns Deployment/order-v2 canary.io/weight; in Git: 25 -> 0\n");
        CommandResult owners = story.canary("status", "order", "--owners");
        assertThat(owners.stdout())
                .contains(
                        "  owner:    Deployment/order-v2 canary.io/weight by argocd-controller: edits last until its next"
                                + " sync\n");
    }

    @Test
    void wideStatusShowsPodsWithImagesAndConditionsOfRoutes(Story story) {
        story.serve(QUICK, Workload.of("order", "v1", 2));
        story.apply(Workload.of("order", "v2", 2).weight("50").yaml());
        story.awaitPhase("order", Release.Phase.CANARY);

        CommandResult wide = story.canary("status", "order", "-o", "wide");
        assertThat(wide.stdout())
                .containsPattern("order-v2-\\S+ +v2 +yes +Running +\\S+ +order:v2\n")
                .containsPattern("order +Service/order +Accepted +True +Accepted +canary.test/mesh\n")
                .containsPattern("order +Service/order +ResolvedRefs +True +ResolvedRefs +canary.test/mesh\n");
    }

    /// Somebody writes the object between our read and our write.
    @Test
    void anEditThatWasOvertakenIsReadAndDecidedAnew(Story story) throws IOException {
        story.serve(QUICK, Workload.of("order", "v1", 2));
        story.awaitPhase("order", Release.Phase.STABLE);
        String real =
                story.cluster().controlPlane().binaries().program("kubectl").toString();
        Path overtaken = folder.resolve("overtaken");
        Path kubectl = Files.writeString(folder.resolve("kubectl"), """
                #!/bin/sh
                case "$1" in
                  patch) [ -e "%1$s" ] || { : >"%1$s"; "%2$s" annotate service order -n %3$s example.org/x=1; } >&2 ;;
                esac
                exec "%2$s" "$@"
                """.formatted(
                        overtaken, real, story.cluster().namespace()));
        assertThat(kubectl.toFile().setExecutable(true)).isTrue();

        CommandResult pause = story.plugin()
                .with(Map.of("KUBECTL", kubectl.toString()))
                .run("pause", "order", "--reason=lunch", "-n", story.cluster().namespace());
        assertThat(pause.exitCode()).as(pause.stderr()).isZero();
        assertThat(pause.stderr()).contains("order was changed by somebody else meanwhile; reading it again\n");
        assertThat(pause.stdout()).isEqualTo("service/order canary.io/paused=lunch\n");
        assertThat(story.service("order").getMetadata().getAnnotations())
                .containsEntry("canary.io/paused", "lunch")
                .containsEntry("example.org/x", "1");
    }
}
