// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.Command;
import io.canary.e2e.testbed.CommandResult;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The files under `docs/pipelines` do what they say: their very scripts, run in order with the rights of role.yaml.
@ReleaseStory
class PipelinesIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    private static final String REFERENCE = PipelineRunner.IMAGE + "@" + PipelineRunner.DIGEST;

    @TempDir
    Path folder;

    // ---- one pair for each system

    @Test
    void gitHubPromotes(Story story) throws IOException {
        PipelineRunner runner = gitHub(story);
        promotes(story, runner, gitHubScripts(runner));
    }

    @Test
    void gitHubAborts(Story story) throws IOException {
        PipelineRunner runner = gitHub(story);
        aborts(story, runner, gitHubScripts(runner));
    }

    @Test
    void gitLabPromotes(Story story) throws IOException {
        promotes(story, gitLab(story), PipelineScript.ofGitLab());
    }

    @Test
    void gitLabAborts(Story story) throws IOException {
        aborts(story, gitLab(story), PipelineScript.ofGitLab());
    }

    @Test
    void tektonPromotes(Story story) throws IOException {
        PipelineRunner runner = started(story, true);
        promotes(story, runner, tektonScripts(runner));
    }

    @Test
    void tektonAborts(Story story) throws IOException {
        PipelineRunner runner = started(story, true);
        aborts(story, runner, tektonScripts(runner));
    }

    @Test
    void jenkinsPromotes(Story story) throws IOException {
        promotes(story, jenkins(story), PipelineScript.ofJenkins());
    }

    @Test
    void jenkinsAborts(Story story) throws IOException {
        aborts(story, jenkins(story), PipelineScript.ofJenkins());
    }

    @Test
    void argoCdFollowsGit(Story story) throws IOException {
        Map<?, ?> spec =
                PipelineScript.map(Serialization.unmarshal(PipelineScript.file("argo-cd.yaml"), Map.class), "spec");
        assertThat(PipelineScript.list(spec, "ignoreDifferences").toString())
                .contains("kind=Deployment, jsonPointers=[/spec/replicas]");
        followsGit(story, "argocd-controller");
    }

    @Test
    void fluxFollowsGit(Story story) throws IOException {
        Map<?, ?> spec =
                PipelineScript.map(Serialization.unmarshal(PipelineScript.file("flux.yaml"), Map.class), "spec");
        assertThat(spec.get("prune")).isEqualTo(true);
        followsGit(story, "kustomize-controller");
    }

    /// A pipeline whose start is refused leaves the canary of the other alone.
    @Test
    void anotherCanaryInProgressEndsAStartByOne(Story story) throws IOException {
        PipelineRunner runner = gitLab(story);
        story.apply(Workload.of("order", "v2", 4).weight("50").yaml());
        story.awaitPhase("order", Release.Phase.CANARY);

        PipelineScript start = PipelineScript.ofGitLab().getFirst();
        CommandResult refused = runner.run(start);
        assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(1);
        assertThat(refused.stderr()).contains("order is in progress: v2 holds 50");
        assertThat(start.text().lines()).hasSize(1);
    }

    @Test
    void theRoleAllowsNoMore(Story story) throws IOException {
        PipelineRunner runner = started(story, true);
        for (List<String> refused : List.of(
                List.of("delete", "deployment", "order-v1"),
                List.of("patch", "release", "order", "--type=merge", "--patch={\"status\": null}"),
                List.of("get", "secrets"),
                List.of("get", "deployments", "--namespace=default"))) {
            List<String> line = new ArrayList<>(
                    List.of("--kubeconfig=" + runner.kubeconfig(), "--namespace=" + runner.namespace()));
            line.addAll(refused);
            CommandResult result = story.cluster().controlPlane().kubectl("", line);
            assertThat(result.stderr()).as(refused.toString()).contains("(Forbidden)");
        }
    }

    // ---- the systems

    private PipelineRunner started(Story story, boolean installed) throws IOException {
        story.serve(QUICK, Workload.of("order", "v1", 10));
        return new PipelineRunner(story, folder, installed);
    }

    private PipelineRunner gitHub(Story story) throws IOException {
        PipelineRunner runner = started(story, false).withArchive();
        return runner.with(Map.of(
                "NAMESPACE", runner.namespace(),
                "GITHUB_SERVER_URL", "https://github.com",
                "GITHUB_REPOSITORY", "shop/order",
                "GITHUB_RUN_ID", "7"));
    }

    private static List<PipelineScript> gitHubScripts(PipelineRunner runner) throws IOException {
        return PipelineScript.ofGitHub(Map.of(
                "inputs.image", PipelineRunner.IMAGE,
                "inputs.digest", PipelineRunner.DIGEST,
                "secrets.KUBE_CONFIG", Files.readString(runner.kubeconfig())));
    }

    private PipelineRunner gitLab(Story story) throws IOException {
        PipelineRunner runner = started(story, true);
        return runner.with(Map.of(
                "NAMESPACE",
                runner.namespace(),
                "IMAGE",
                PipelineRunner.IMAGE,
                "DIGEST",
                PipelineRunner.DIGEST,
                "CI_PIPELINE_URL",
                "https://gitlab.example.org/shop/order/-/pipelines/7"));
    }

    private static List<PipelineScript> tektonScripts(PipelineRunner runner) {
        return PipelineScript.ofTekton(Map.of(
                "params.namespace",
                runner.namespace(),
                "params.image",
                PipelineRunner.IMAGE,
                "params.digest",
                PipelineRunner.DIGEST,
                "context.pipelineRun.name",
                "canary-release-7"));
    }

    private PipelineRunner jenkins(Story story) throws IOException {
        PipelineRunner runner = started(story, false).withArchive();
        // withEnv(PATH+CANARY)
        runner.onPath(runner.checkout().resolve("canary/bin").toString());
        return runner.with(Map.of(
                "NAMESPACE",
                runner.namespace(),
                "IMAGE",
                PipelineRunner.IMAGE,
                "DIGEST",
                PipelineRunner.DIGEST,
                "BUILD_URL",
                "https://jenkins.example.org/job/order/7/",
                "KUBECONFIG",
                runner.kubeconfig().toString()));
    }

    // ---- what all do

    private static void promotes(Story story, PipelineRunner runner, List<PipelineScript> scripts) throws IOException {
        assertThat(scripts).anyMatch(PipelineScript::smokeTests);
        for (PipelineScript script : scripts) {
            if (!script.aborts()) {
                succeeds(runner, script);
                if (script.smokeTests()) {
                    story.awaitShares("order", Map.of("v1", 90, "v2", 10));
                }
            }
        }
        promoted(story);
    }

    private static void promoted(Story story) {
        story.awaitShares("order", Map.of("v2", 100));
        Release release = story.awaitPhase("order", Release.Phase.STABLE);
        assertThat(release.stable()).isEqualTo("v2");
        assertThat(story.imagesOf("order-v2")).containsExactly(REFERENCE);
        story.awaitReplicas(Map.of("order-v1", 0, "order-v2", 10));
    }

    private static void aborts(Story story, PipelineRunner runner, List<PipelineScript> scripts) throws IOException {
        runner.smokeTest(false);
        assertThat(scripts).anyMatch(PipelineScript::aborts);
        for (PipelineScript script : scripts) {
            if (script.smokeTests()) {
                CommandResult failed = runner.run(script);
                assertThat(failed.exitCode()).as(script.name() + failed).isEqualTo(1);
                break;
            }
            succeeds(runner, script);
        }
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        for (PipelineScript script : scripts) {
            if (script.aborts()) {
                succeeds(runner, script);
                // --wait: it has come to pass when the script ends.
                assertThat(story.refs("order")).isEqualTo(Map.of("order-v1", 100));
            }
        }
        assertThat(Objects.requireNonNull(story.release("order")).phase()).isEqualTo(Release.Phase.ABORTED);
        assertThat(story.service("order").getMetadata().getAnnotations().get("canary.io/abort"))
                .contains("7");
        assertThat(story.annotation("order-v2", "canary.io/by"))
                .isEqualTo("system:serviceaccount:" + runner.namespace() + ":canary-pipeline");
    }

    private static CommandResult succeeds(PipelineRunner runner, PipelineScript script) throws IOException {
        CommandResult result = runner.run(script);
        assertThat(result.exitCode())
                .as(script.name() + "\n" + script.text() + "\n" + result.stdout() + result.stderr())
                .isZero();
        return result;
    }

    // ---- tools that apply Git

    /// Start, abort, start again and promote, as `docs/pipelines.md` has it, with a tool that syncs after each push.
    private void followsGit(Story story, String fieldManager) throws IOException {
        PipelineRunner runner = new PipelineRunner(story, folder, true)
                .with(Map.of(
                        "APP",
                        "order",
                        "NAMESPACE",
                        story.cluster().namespace(),
                        "IMAGE",
                        PipelineRunner.IMAGE,
                        "DIGEST",
                        PipelineRunner.DIGEST));
        Path remote = folder.resolve("remote.git");
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", remote.toString());
        syncAfterPush(story, remote, fieldManager);
        Path checkout = runner.checkout();
        Files.writeString(checkout.resolve("service.yaml"), Workload.rootService("order", QUICK));
        Files.writeString(
                checkout.resolve("order-v1.yaml"),
                Workload.of("order", "v1", 10).yaml());
        git(checkout, "init", "--quiet", "--initial-branch=main");
        git(checkout, "config", "user.name", "ci");
        git(checkout, "config", "user.email", "ci@example.org");
        git(checkout, "remote", "add", "origin", remote.toString());
        git(checkout, "add", ".");
        git(checkout, "commit", "--quiet", "--message=order v1");
        git(checkout, "push", "--quiet", "--set-upstream", "origin", "main");
        story.await("10 endpoints", () -> story.recorder().readyEndpoints("order") == 10);
        Map<String, PipelineScript> scripts = PipelineScript.ofGitOps();
        assertThat(scripts).containsOnlyKeys("Start", "Promote", "Abort");

        succeeds(runner, named(scripts, "Start"));
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        succeeds(runner, named(scripts, "Abort"));
        story.awaitShares("order", Map.of("v1", 100));
        story.await("v2 is gone", () -> story.podsOf("order-v1") == 10);

        succeeds(runner, named(scripts, "Start"));
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        // What Git asks for again and again does not undo what Canary did.
        git(checkout, "commit", "--quiet", "--allow-empty", "--message=sync again");
        git(checkout, "push", "--quiet");
        assertThat(story.deployment("order-v1").getSpec().getReplicas()).isEqualTo(9);
        assertThat(story.deployment("order-v2").getSpec().getReplicas()).isEqualTo(1);
        CommandResult promotion = succeeds(runner, named(scripts, "Promote"));
        assertThat(promotion.stderr()).doesNotContain("cannot");
        promoted(story);
    }

    private static PipelineScript named(Map<String, PipelineScript> scripts, String name) {
        return Objects.requireNonNull(scripts.get(name), name);
    }

    /// The tool: applies all that is pushed as the fields' owner, and deletes what is gone.
    private static void syncAfterPush(Story story, Path remote, String fieldManager) throws IOException {
        Path program = story.cluster().controlPlane().binaries().program("kubectl");
        String kubectl = "'%s' --kubeconfig='%s' --namespace=%s"
                .formatted(
                        program,
                        story.cluster().controlPlane().adminKubeconfig(),
                        story.cluster().namespace());
        Path hook = Files.writeString(remote.resolve("hooks/update"), """
                #!/bin/sh
                set -eu
                exec >&2
                files=$(mktemp -d)
                git archive "$3" | tar -x -C "$files"
                %1$s apply --server-side --force-conflicts --field-manager=%2$s -f "$files"
                case $2 in *[!0]*) ;; *) exit 0 ;; esac
                git diff --name-only --diff-filter=D "$2" "$3" | while read -r gone; do
                  git show "$2:$gone" | %1$s delete --wait=false -f -
                done
                """.formatted(kubectl, fieldManager));
        assertThat(hook.toFile().setExecutable(true)).isTrue();
    }

    private static void git(Path folder, String... words) {
        List<String> line = new ArrayList<>(List.of("git", "-C", folder.toString()));
        line.addAll(List.of(words));
        new Command(line, Map.of("GIT_CONFIG_GLOBAL", "/dev/null"), "").run().orThrow();
    }
}
