// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.PodBehaviour;
import java.util.Map;

/// What tests of the plugin's exit codes begin with, and how they judge a run.
final class PluginRun {
    static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    static final Workload V1 = Workload.of("order", "v1", 2);

    private PluginRun() {}

    static void expect(CommandResult result, int code, String onStdout, String onStderr) {
        assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isEqualTo(code);
        assertThat(result.stdout()).contains(onStdout);
        assertThat(result.stderr()).contains(onStderr);
    }

    /// v1 serves, and v2 asks for half of the traffic for ever.
    static void serveWithANeverReadyV2(Story story) {
        story.serve(QUICK, V1);
        story.apply(Workload.of("order", "v2", 2)
                .behaving(PodBehaviour.NEVER_READY)
                .weight("50")
                .yaml());
    }
}
