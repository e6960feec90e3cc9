// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static io.canary.e2e.story.PluginRun.QUICK;
import static io.canary.e2e.story.PluginRun.V1;
import static io.canary.e2e.story.PluginRun.expect;
import static io.canary.e2e.story.PluginRun.serveWithANeverReadyV2;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.testbed.Command;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.PodBehaviour;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What pipelines branch on (cli.md section 2): one exit code for each way to end; data alone on standard output.
@ReleaseStory
class PluginExitCodesIT {
    @Test
    void nothingToDoIsDone(Story story) {
        story.serve(QUICK, V1);
        story.apply(Workload.of("order", "v2", 2).weight("50").yaml());
        story.awaitPhase("order", Release.Phase.CANARY);

        expect(story.canary("set", "weight", "order", "50"), 0, "order unchanged: ", "");
        expect(story.canary("resume", "order"), 0, "order unchanged: ", "");
        expect(story.canary("retry", "order"), 0, "order unchanged: ", "");
        expect(story.canary("plan", "order", "50"), 0, "", "");
        expect(story.canary("wait", "order", "--for=phase=Canary"), 0, "", "order  Canary");
    }

    @Test
    void planTellsADifferenceByOneAndThatItCannotBeMadeByTwo(Story story) {
        story.serve(QUICK, V1);
        story.apply(Workload.of("order", "v2", 2).weight("50").yaml());
        story.awaitPhase("order", Release.Phase.CANARY);

        expect(story.canary("plan", "order", "25"), 1, "canary   ", "nothing was written");
        expect(story.canary("plan", "order", "v9=25"), 2, "", "error: ");
        expect(story.canary("plan", "order", "101"), 2, "", "above 100");
    }

    @Test
    void aVersionThatNeverServesEndsBadly(Story story) {
        story.serve(QUICK, V1);
        story.apply(Workload.of("order", "v2", 2)
                .behaving(PodBehaviour.NEVER_READY)
                .progressDeadline(5)
                .weight("50")
                .yaml());

        CommandResult waited = story.canary("wait", "order", "--for=phase=Canary", "--timeout=60s");
        expect(waited, 3, "", "error: order is degraded: ");
        assertThat(waited.stderr()).endsWith("hint: kubectl canary abort order\n");
        assertThat(waited.stdout()).isEmpty();
    }

    @Test
    void anAbortBySomebodyElseEndsAWaitBadly(Story story) throws Exception {
        serveWithANeverReadyV2(story);
        story.awaitPhase("order", Release.Phase.PROGRESSING);

        CompletableFuture<CommandResult> waiting = CompletableFuture.supplyAsync(
                () -> story.canary("set", "weight", "order", "40", "--wait", "--timeout=60s"));
        story.await("the weight is written", () -> "40".equals(story.annotation("order-v2", "canary.io/weight")));
        expect(story.canary("abort", "order", "--reason=no"), 0, "service/order canary.io/abort=no", "");
        expect(waiting.get(), 3, "deployment/order-v2 canary.io/weight=40", "error: order was aborted");
    }

    @Test
    void aRefusalByTheWebhookIsShownAsItIs(Story story) {
        story.serve(QUICK, V1);
        CommandResult refused = story.plugin()
                .run(
                        Workload.of("order", "v2", 0)
                                .with("canary.io/wieght", "1")
                                .yaml(),
                        List.of(
                                "start",
                                "order",
                                "-f",
                                "-",
                                "--weight=10",
                                "-n",
                                story.cluster().namespace()));
        expect(refused, 4, "", "admission webhook \"mutate.canary.io\" denied the request: ");
        assertThat(refused.stderr()).contains("did you mean canary.io/weight?");
        assertThat(refused.stdout()).isEmpty();
    }

    @Test
    void checkFailsWhereSomethingIsWrong(Story story) {
        story.serve(QUICK, V1);
        story.apply(
                Workload.of("order", "v2", 2).weight("60").yaml(),
                Workload.of("order", "v3", 2).weight("60").yaml());
        story.awaitPhase("order", Release.Phase.CONFLICT);

        // What stands already comes into force only by another edit.
        expect(
                story.canary("set", "weight", "order", "v3=60", "--wait", "--timeout=60s"),
                3,
                "order unchanged: ",
                "error: order is in conflict: ");
        expect(story.canary("check", "order"), 5, "fail  CAN", "");
        CommandResult json = story.canary("check", "order", "-o", "json");
        expect(json, 5, "\"failed\": true", "");
        assertThat(json.stderr()).isEmpty();
    }

    @Test
    void whatIsTypedWrongIsUsage(Story story) {
        expect(story.canary("promte", "order"), 64, "", "did you mean: kubectl canary promote");
        expect(story.canary("promote"), 64, "", "hint: ");
        expect(story.canary("promote", "order", "--versoin=v2"), 64, "", "--version");
        expect(story.canary("wait", "order", "--for=phase=Canray"), 64, "", "Canary");
        expect(story.canary("set", "weight", "order", "50", "--wait", "--timeout=soon"), 64, "", "90s");
    }

    @Test
    void aWaitThatTakesTooLongIsTold(Story story) {
        serveWithANeverReadyV2(story);

        expect(
                story.canary("wait", "order", "--for=phase=Canary", "--timeout=2s"),
                124,
                "",
                "error: timed out waiting for order");
        expect(story.canary("wait", "nobody", "--for=phase=Canary", "--timeout=1m"), 1, "", "no app \"nobody\" here");
    }

    /// A job that is run again finds all written, and is not done before it is in force.
    @Test
    void whatIsWrittenAlreadyIsWaitedForToo(Story story) {
        serveWithANeverReadyV2(story);
        expect(
                story.canary("set", "weight", "order", "50", "--wait", "--timeout=2s"),
                124,
                "order unchanged: ",
                "error: timed out waiting for order");
        expect(
                story.canary("start", "order", "--image=order:v2", "--weight=50", "--wait", "--timeout=2s"),
                124,
                "order unchanged: v2 runs order:v2 already",
                "error: timed out waiting for order");
        expect(story.canary("abort", "order", "--reason=no"), 0, "", "");
        expect(
                story.canary("start", "order", "--image=order:v2", "--weight=50"),
                0,
                "order unchanged: ",
                "warning: order is aborted: no\nhint: kubectl canary retry order");
        expect(
                story.canary("start", "order", "--image=order:v2", "--weight=50", "--wait"),
                3,
                "order unchanged: ",
                "error: order was aborted");
    }

    /// A signal to the plugin alone, as CI systems send it: it ends at once, and so does its kubectl.
    @Test
    void anInterruptEndsIt(Story story) throws Exception {
        story.serve(QUICK, V1);
        Command typed = story.plugin()
                .command(
                        "",
                        List.of(
                                "wait",
                                "order",
                                "--for=phase=Paused",
                                "-n",
                                story.cluster().namespace()));
        ProcessBuilder builder = new ProcessBuilder(typed.line());
        builder.environment().putAll(typed.environment());
        Process process = builder.redirectErrorStream(true).start();
        try {
            story.await(
                    "it follows by its kubectl",
                    () -> process.children().findAny().isPresent());
            ProcessHandle kubectl = process.children().findAny().orElseThrow();
            assertThat(new Command("kill", "-INT", Long.toString(process.pid()))
                            .run()
                            .succeeded())
                    .isTrue();
            assertThat(process.waitFor()).isEqualTo(130);
            story.await("its kubectl is gone", () -> !kubectl.isAlive());
        } finally {
            process.destroyForcibly();
        }
    }

    /// Two pipelines start at once: one wins, the other is told who, when and how to go on.
    @Test
    void ofTwoStartsAtOnceOneWins(Story story) throws Exception {
        story.serve(QUICK, V1);
        List<CompletableFuture<CommandResult>> starts = Stream.of("order:a", "order:b")
                .map(image -> CompletableFuture.supplyAsync(
                        () -> story.canary("start", "order", "--image=" + image, "--weight=50")))
                .toList();
        List<CommandResult> results = new ArrayList<>();
        for (CompletableFuture<CommandResult> start : starts) {
            results.add(start.get());
        }
        results.sort((a, b) -> Integer.compare(a.exitCode(), b.exitCode()));
        assertThat(results).extracting(CommandResult::exitCode).containsExactly(0, 1);
        assertThat(results.getFirst().stdout()).isEqualTo("deployment.apps/order-v2 created\n");
        assertThat(results.getLast().stderr())
                .contains("order is in progress: v2 holds 50, started ", " ago by admin", "hint: kubectl canary ");
        assertThat(results.getLast().stdout()).isEmpty();
    }
}
