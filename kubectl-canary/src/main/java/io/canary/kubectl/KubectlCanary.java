// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl;

import io.canary.domain.app.CanaryKey;
import java.io.PrintStream;

/// The plugin's entry. Its verbs come with a later release; until then it lists the annotations that work.
public final class KubectlCanary {
    private static final int USAGE = 64;

    private KubectlCanary() {}

    public static void main(String[] arguments) {
        System.exit(run(System.err));
    }

    /// Says what there is, and returns the exit code of a usage error.
    static int run(PrintStream out) {
        out.println("error: kubectl canary has no verbs in this release; annotate with kubectl:");
        CanaryKey.ofUsers().stream()
                .filter(key -> key.owner() == CanaryKey.Owner.USER)
                .forEach(key ->
                        out.println("  " + key.text() + " on the " + key.place().text()));
        return USAGE;
    }
}
