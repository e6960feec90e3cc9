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
    /// The same for one app of several.
    public Session of(String app) {
        return new Session(arguments.of(app), kubectl, terminal, environment);
    }

    /// The same in another namespace.
    public Session in(String namespace) {
        return new Session(arguments, kubectl.in(namespace), terminal, environment);
    }

    /// An error with the command that helps; returns [ExitCode#ERROR].
    public int failed(String error, String hint) {
        terminal.error(error);
        terminal.hint(hint);
        return ExitCode.ERROR;
    }
}
