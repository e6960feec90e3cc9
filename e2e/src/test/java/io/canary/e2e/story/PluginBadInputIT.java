// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.testbed.CommandResult;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What people mistype, and what the plugin answers: the field, the rule, the next command.
@ReleaseStory
class PluginBadInputIT {
    private static DynamicTest refused(String name, Story story, int code, String expected, String... words) {
        return DynamicTest.dynamicTest(name, () -> {
            CommandResult result = story.canary(words);
            assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isEqualTo(code);
            assertThat(result.stderr()).contains(expected).doesNotContain("\tat ");
            assertThat(result.stdout()).isEmpty();
        });
    }

    @TestFactory
    Stream<DynamicTest> wrongWeights(Story story) {
        story.serve(Map.of("canary.io/stable", "v1"), Workload.of("order", "v1", 1), Workload.of("order", "v2", 1));
        return Stream.of(
                        "ten",
                        "101",
                        "10.555",
                        " 10 ",
                        "\uff11\uff10",
                        "+10",
                        "010",
                        "10%",
                        "0x0A",
                        "10\u200b",
                        "true",
                        "10,20",
                        "",
                        "-5")
                .map(weight -> refused(
                        "weight \"" + weight + "\"",
                        story,
                        weight.equals("-5") ? 64 : 1,
                        weight.equals("-5") ? "error: " : "is not a percentage 0",
                        "set",
                        "weight",
                        "order",
                        weight));
    }

    @TestFactory
    Stream<DynamicTest> wrongNames(Story story) {
        // v1 serves before the others come: were one of them ready first, v1 would have been promoted from it.
        story.serve(Map.of("canary.io/stable", "v1"), Workload.of("order", "v1", 1));
        story.awaitRelease("order", "v1 is stable", release -> "v1".equals(release.stable()));
        story.apply(
                Workload.of("order", "v2", 1).yaml(),
                Workload.of("order", "v3", 1).yaml());
        story.apply(Workload.of("lonely", "v1", 0).weight("10").yaml());
        return Stream.of(
                refused("an app that is not there", story, 1, "hint: did you mean order?", "promote", "ordre"),
                refused("a version that is not there", story, 1, "v1", "promote", "order", "--version=v7"),
                refused("a weight of a version that is not there", story, 1, "v7", "set", "weight", "order", "v7=5"),
                refused("an app without a root Service", story, 1, "lonely", "promote", "lonely"),
                refused("a sum above 100", story, 1, "sum", "set", "weight", "order", "v2=60", "v3=60"),
                refused("a total that is no number", story, 1, "ten", "scale", "order", "ten"),
                refused("an undo without a before", story, 1, "hint: ", "undo", "order", "--yes"),
                refused("an image that is none", story, 64, "--image", "start", "order", "--weight=10"),
                refused(
                        "a version name that is none",
                        story,
                        1,
                        "V 2",
                        "start",
                        "order",
                        "--image=order:v3",
                        "--weight=10",
                        "--as-version=V 2"),
                refused("a template", story, 64, "jsonpath", "status", "order", "-o", "go-template={{.}}"));
    }

    @Test
    void aNameThatMayBeTwoAppsIsAskedBack(Story story) {
        story.serve(Map.of("canary.io/stable", "v1"), Workload.of("order", "v1", 1));
        story.apply(
                Workload.rootService("pay", Map.of()),
                Workload.of("order", "v2", 1)
                        .with("canary.io/service", "order")
                        .yaml()
                        .replace("name: order-v2", "name: pay"));
        CommandResult result = story.canary("pause", "pay");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.stderr())
                .isEqualTo("error: \"pay\" may be order or pay\nhint: name the root Service, as service/order\n");
    }

    @Test
    void anEmptyNamespaceNamesTheNextCommand(Story story) {
        CommandResult status = story.canary("status");
        assertThat(status.exitCode()).isZero();
        assertThat(status.stderr()).isEqualTo("No app is managed here.\nhint: kubectl canary list --all-namespaces\n");
        assertThat(story.canary("list").stderr()).contains("hint: ");
    }
}
