// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

/// What a command left behind: exit code and the two texts.
public record CommandResult(int exitCode, String stdout, String stderr) {
    public boolean succeeded() {
        return exitCode == 0;
    }

    /// This result, or an error with what the command said.
    public CommandResult orThrow() {
        if (!succeeded()) {
            throw new IllegalStateException("exit code " + exitCode + ": " + stderr + stdout);
        }
        return this;
    }
}
