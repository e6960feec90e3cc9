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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What follows a release ends when there is nothing more to see, and not before (cli.md section 2).
@ReleaseStory
class PluginFollowIT {
    private static void followANeverReadyV2(Story story) {
        serveWithANeverReadyV2(story);
        story.awaitPhase("order", Release.Phase.PROGRESSING);
    }

    /// Runs a line of the shell in the test's namespace, with the plugin on PATH.
    private static CommandResult shell(Story story, Map<String, String> variables, String line) {
        Command typed = story.plugin().command("", List.of());
        Map<String, String> all = new LinkedHashMap<>(typed.environment());
        all.putAll(variables);
        all.put("NS", story.cluster().namespace());
        return new Command(List.of("bash", "-c", line), all, "").run();
    }

    private static CompletableFuture<CommandResult> later(Supplier<CommandResult> run) {
        return CompletableFuture.supplyAsync(run);
    }

    @Test
    void aNameThatIsNoneEndsIt(Story story) {
        story.serve(QUICK, V1);
        story.awaitPhase("order", Release.Phase.STABLE);

        expect(story.canary("status", "ordre", "-w"), 1, "", "hint: did you mean order?");
        expect(story.canary("status", "deploy/order-v1", "-w"), 0, "order  Stable", "");
        expect(story.canary("wait", "order-v1", "--for=phase=Stable", "--timeout=1m"), 0, "", "order  Stable");
        expect(story.canary("status", "shop/order"), 64, "", "hint: a namespace goes by flag: order --namespace=shop");
        expect(story.canary("history", "pod/order"), 64, "", "neither deployment nor service");
        expect(story.canary("promote", "--", "-x"), 64, "", "names no app");
    }

    @Test
    void aHandBackEndsIt(Story story) throws Exception {
        followANeverReadyV2(story);
        CompletableFuture<CommandResult> watched = later(() -> story.canary("status", "order", "-w"));
        CompletableFuture<CommandResult> json = later(() -> story.canary("status", "order", "-w", "-o", "json"));
        expect(
                story.canary("detach", "order", "--wait", "--timeout=2m"),
                0,
                "without canary.io/",
                "order: handed back");
        assertThat(watched.get().stdout()).contains("order  Progressing");
        assertThat(json.get().stdout().lines()).isNotEmpty().allMatch(line -> line.startsWith("{\"apiVersion\""));
        expect(story.canary("status", "order"), 1, "", "order is not managed");
    }

    @Test
    void whatNeedsSomebodyEndsIt(Story story) {
        story.serve(QUICK, V1);
        story.apply(Workload.of("order", "v2", 2)
                .behaving(PodBehaviour.NEVER_READY)
                .progressDeadline(3)
                .weight("50")
                .yaml());
        expect(story.canary("status", "order", "-w"), 3, "order  Degraded", "");
        expect(story.canary("pause", "order"), 0, "canary.io/paused=kubectl canary pause", "");
        expect(
                story.canary("pause", "order"),
                0,
                "order unchanged: canary.io/paused is set already: kubectl canary pause",
                "");
    }

    @Test
    void nobodyWhoReadsEndsIt(Story story) throws Exception {
        followANeverReadyV2(story);
        CompletableFuture<CommandResult> piped =
                later(() -> shell(story, Map.of(), "kubectl canary status order -w -n $NS | head -1"));
        // What comes next finds nobody.
        story.await("it is followed, and something changes", () -> {
            String other = "40".equals(story.annotation("order-v2", "canary.io/weight")) ? "50" : "40";
            story.canary("set", "weight", "order", other);
            return piped.isDone();
        });
        assertThat(piped.get().stdout().lines()).hasSize(1);
        assertThat(piped.get().stderr()).doesNotContain("Exception", "error");
    }

    /// On a terminal it draws over what it drew.
    @Test
    void aTerminalIsRedrawn(Story story, @TempDir Path folder) throws Exception {
        followANeverReadyV2(story);
        Path terminal = folder.resolve("terminal");
        CompletableFuture<CommandResult> drawn = later(() -> shell(
                story,
                Map.of("TERM", "xterm", "CI", "", "LINES", "8", "COLUMNS", "80", "TERMINAL", terminal.toString()),
                "script -qefc \"kubectl canary status order -w -n $NS\" /dev/null </dev/null >$TERMINAL"));
        story.await("it draws", () -> read(terminal).contains("Progressing"));
        story.await("it draws again", () -> {
            String other = "40".equals(story.annotation("order-v2", "canary.io/weight")) ? "50" : "40";
            story.canary("set", "weight", "order", other);
            story.canary("abort", "order");
            return drawn.isDone();
        });
        var _ = drawn.get();
        String screen = read(terminal);
        assertThat(screen).contains("\033[J").contains("Aborted");
        String[] frames = screen.split("\033\\[[0-9]+A\033\\[J", -1);
        assertThat(frames)
                .hasSizeGreaterThan(1)
                .allSatisfy(frame -> assertThat(frame.lines().count()).isLessThan(8));
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// However long a retreat takes, nothing says that it went wrong.
    @Test
    void anAbortThatTakesLongIsWaitedFor(Story story) {
        story.serve(QUICK, Workload.of("order", "v1", 10).behaving(PodBehaviour.readyAfter(Duration.ofSeconds(8))));
        story.apply(Workload.of("order", "v2", 10).weight("90").yaml());
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 9));
        story.awaitPhase("order", Release.Phase.CANARY);

        CommandResult aborted = story.canary("abort", "order", "--reason=5xx", "--wait", "--timeout=3m");
        expect(aborted, 0, "canary.io/abort=5xx", "order: aborted, all traffic is with v1");
        assertThat(aborted.stderr()).doesNotContain("error:");
        expect(story.canary("abort", "order"), 0, "order unchanged: canary.io/abort is set already: 5xx", "");
    }

    /// A promotion that does not come is taken back by what people type first.
    @Test
    void aPromotionUnderWayIsUndone(Story story) {
        story.serve(QUICK, V1);
        story.apply(Workload.of("order", "v2", 2)
                .behaving(PodBehaviour.NEVER_READY)
                .weight("0")
                .yaml());
        story.awaitPhase("order", Release.Phase.STABLE);
        expect(story.canary("promote", "order", "--version=v2"), 0, "canary.io/stable=v2", "");
        story.awaitPhase("order", Release.Phase.PROGRESSING);

        expect(story.canary("promote", "order"), 0, "order unchanged: the promotion to v2 is under way", "");
        expect(story.canary("set", "weight", "order", "v2=20"), 1, "", "error: v2 is stable");
        expect(
                story.canary("undo", "order", "--yes", "--wait", "--timeout=1m"),
                0,
                "canary.io/stable=v1",
                "v1 is stable");
        expect(story.canary("promote", "order"), 1, "", "no version of order has a weight");
    }

    @Test
    void severalAppsAtOnce(Story story) {
        List<String> labelled = new ArrayList<>();
        for (String app : List.of("order", "cart")) {
            labelled.add(Workload.rootService(app, QUICK));
            labelled.add(Workload.of(app, "v1", 2).yaml());
            labelled.add(Workload.of(app, "v2", 2).weight("50").yaml());
        }
        story.apply(labelled.toArray(String[]::new));
        story.awaitPhase("order", Release.Phase.CANARY);
        story.awaitPhase("cart", Release.Phase.CANARY);

        expect(
                story.canary("abort", "order", "cart", "--wait", "--reason=5xx"),
                0,
                "service/cart canary.io/abort=5xx",
                "");
        story.awaitPhase("order", Release.Phase.ABORTED);
        expect(story.canary("retry", "order", "nobody", "cart"), 1, "service/cart without canary.io/abort", "nobody");
        story.awaitPhase("cart", Release.Phase.CANARY);
        expect(story.canary("pause", "-l", "team=nobody"), 0, "", "No release here has the labels team=nobody.");
        expect(story.canary("pause", "order", "-l", "a=b"), 64, "", "exclude each other");
    }

    @Test
    void whatIsStartedAgain(Story story) {
        story.serve(QUICK, V1);
        story.apply(Workload.of("order", "v2", 2).weight("0").yaml());
        story.awaitPhase("order", Release.Phase.STABLE);

        expect(
                story.canary("start", "order", "--image=order:v2", "--weight=50"),
                1,
                "",
                "hint: kubectl canary set weight order v2=50");
        expect(
                story.canary("start", "order", "--image=order:v1", "--weight=50"),
                0,
                "v1 runs order:v1 and is stable",
                "");
        expect(story.canary("set", "weight", "order", "50", "--wait"), 0, "", "");
        CommandResult again = story.canary("start", "order", "--image=order:v2", "--weight=50", "--wait", "-o", "json");
        expect(again, 0, "\"kind\": \"Deployment\"", "order unchanged: v2 runs order:v2 already, at weight 50");
        assertThat(again.stdout()).startsWith("{").doesNotContain("unchanged");
        expect(
                story.canary("start", "order", "--image=order:v2", "--weight=20"),
                0,
                "at weight 50",
                "hint: kubectl canary set weight order v2=20");
        CommandResult there = story.plugin()
                .run(
                        Workload.of("order", "v3", 0)
                                .yaml()
                                .replace("metadata:", "metadata:\n  namespace: elsewhere")
                                .replaceFirst("(?s)template:.*", "template: []"),
                        List.of(
                                "start",
                                "order",
                                "-f",
                                "-",
                                "--weight=10",
                                "-n",
                                story.cluster().namespace()));
        expect(there, 1, "", "spec.template.spec.containers is missing");
    }
}
