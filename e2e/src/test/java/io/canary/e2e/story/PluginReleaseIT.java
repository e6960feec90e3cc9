// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.product.Plugin;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The seed's story told by the plugin alone, as people read it (issue 4).
@ReleaseStory
class PluginReleaseIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");

    @Test
    void theSeedsStory(Story story) {
        story.serve(QUICK, Workload.of("order", "v1", 10));
        Transcript user = new Transcript(story, story.plugin());

        settle(story, Release.Phase.STABLE);
        user.type("status", "order");
        user.type("start", "order", "--image=order:v2", "--weight=10", "--wait");
        story.awaitReplicas(Map.of("order-v1", 9, "order-v2", 1));
        settle(story, Release.Phase.CANARY);
        user.type("status", "order");
        user.type("start", "order", "--image=order:v2", "--weight=10");
        user.type("set", "weight", "order", "50", "--wait");
        story.awaitReplicas(Map.of("order-v1", 5, "order-v2", 5));
        settle(story, Release.Phase.CANARY);
        user.type("list");
        user.type("promote", "order", "--wait");
        story.awaitReplicas(Map.of("order-v1", 0, "order-v2", 10));
        settle(story, Release.Phase.STABLE);
        user.type("status", "order");
        user.type("undo", "order");
        user.type("undo", "order", "--yes", "--wait");
        story.awaitReplicas(Map.of("order-v1", 10, "order-v2", 0));
        settle(story, Release.Phase.STABLE);
        user.type("start", "order", "--image=order:v3", "--weight=20", "--wait");
        story.awaitReplicas(Map.of("order-v1", 8, "order-v3", 2));
        settle(story, Release.Phase.CANARY);
        user.type("abort", "order", "--reason=5xx on /checkout", "--wait");
        story.awaitReplicas(Map.of("order-v1", 10, "order-v3", 0));
        settle(story, Release.Phase.ABORTED);
        user.type("status", "order");
        user.type("retry", "order", "--wait");
        story.awaitReplicas(Map.of("order-v1", 8, "order-v3", 2));
        settle(story, Release.Phase.CANARY);
        user.type("history", "order");
        user.assertGolden("story");
    }

    @TestFactory
    Stream<DynamicTest> whatIsPrintedFitsTheScreen(Story story) {
        story.serve(QUICK, Workload.of("order", "v1", 10));
        story.apply(Workload.of("order", "v2", 10).weight("25").yaml());
        story.awaitReplicas(Map.of("order-v1", 7, "order-v2", 3));
        settle(story, Release.Phase.CANARY);
        return Stream.of("80", "120")
                .flatMap(width -> Stream.of("C", "C.UTF-8")
                        .flatMap(locale -> Stream.of("never", "always").map(colour -> {
                            String name = "screen-" + width + "-" + (locale.equals("C") ? "ascii" : "utf8") + "-"
                                    + (colour.equals("never") ? "plain" : "colour");
                            return DynamicTest.dynamicTest(
                                    name,
                                    () -> transcript(story, width, locale, colour)
                                            .assertGolden(name));
                        })));
    }

    private static Transcript transcript(Story story, String width, String locale, String colour) {
        Plugin plugin = story.plugin().with(Map.of("COLUMNS", width, "LC_ALL", locale));
        Transcript user = new Transcript(story, plugin);
        String painted = "--color=" + colour;
        user.type("status", "order", painted);
        user.type("list", painted);
        user.type("history", "order", painted);
        user.type("plan", "order", "50", painted);
        user.type("check", "order", painted);
        user.type("set", "weight", "order", "50", "--dry-run=server", painted);
        user.type("promote", "order", "--dry-run=client", painted);
        user.type("abort", "order", "--reason=\u001b[31mred\u00e4", "--dry-run=server", painted);
        user.type("pause", "order", "--dry-run=server", painted);
        user.type("scale", "order", "20", "--dry-run=server", painted);
        user.type("detach", "order", "--dry-run=server", painted);
        user.type("undo", "order", "--to-version=v1", "--dry-run=server", painted);
        user.type("retry", "order", "--dry-run=server", painted);
        user.type("resume", "order", "--dry-run=server", painted);
        user.type("adopt", "order", "--dry-run=server", painted);
        user.type("start", "order", "--image=order:v2", "--weight=25", painted);
        user.type("start", "order", "--image=order:v3", "--weight=5", painted);
        user.type("start", "order", "--image=order:v3", "--weight=5", "--force", "--dry-run=server", painted);
        user.type(
                "start",
                "order",
                "--image=order:v3",
                "--weight=5",
                "--force",
                "--dry-run=client",
                "-o",
                "yaml",
                painted);
        user.type("set", "hosts", "order", "canary.shop.example", "--dry-run=server", painted);
        user.type("set", "users", "order", "header:x-user-id=alice", "--dry-run=server", painted);
        user.type("wait", "order", "--for=phase=Canary", painted);
        user.type("check", "--pre", painted);
        user.type("version", painted);
        user.type("completion", "fish", painted);
        user.type("install", "--dry-run=server", painted);
        user.type("uninstall", "--dry-run=client", painted);
        user.type("options", painted);
        user.type("status", "ordre", painted);
        user.type("set", "weight", "order", "101", painted);
        return user;
    }

    /// Waits until the Release, which is written at most once a second, has nothing more to tell.
    private static void settle(Story story, Release.Phase phase) {
        Release settled = story.awaitRelease(
                "order",
                phase.text() + ", settled",
                r -> r.phase() == phase
                        && r.inForceIsAsked()
                        && r.versions().stream().allMatch(v -> v.ready() == v.replicas() && v.replicas() == v.need()));
        assertThat(settled.total()).isEqualTo(10);
    }
}
