// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl;

import io.canary.kubectl.cli.Arguments;
import io.canary.kubectl.cluster.Kubectl;
import java.util.Map;

/// One run of one verb.
///
/// @param kubectl the way to the cluster
/// @param environment variables of the process
public record Session(Arguments arguments, Kubectl kubectl, Terminal terminal, Map<String, String> environment) {
    /// An error with the command that helps; returns [ExitCode#ERROR].
    public int failed(String error, String hint) {
        terminal.error(error);
        terminal.hint(hint);
        return ExitCode.ERROR;
    }
}
