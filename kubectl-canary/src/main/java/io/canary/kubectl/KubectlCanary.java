// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl;

import io.canary.kubectl.cli.CommandLine;
import io.canary.kubectl.cli.HelpText;
import io.canary.kubectl.cluster.Kubectl;
import io.canary.kubectl.verb.Verbs;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/// The plugin's entry: `kubectl canary …`.
public final class KubectlCanary {
    private KubectlCanary() {}

    public static void main(String[] words) {
        int code = run(
                List.of(words),
                System.getenv(),
                System.in,
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                InstantSource.system());
        System.exit(code);
    }

    /// Runs one command line and returns its exit code.
    public static int run(
            List<String> words,
            Map<String, String> environment,
            InputStream in,
            OutputStream out,
            OutputStream err,
            InstantSource clock) {
        Terminal terminal = new Terminal(in, out, err, environment, clock);
        return switch (CommandLine.parse(words)) {
            case CommandLine.Help(var verb) -> {
                terminal.print(HelpText.of(verb));
                yield ExitCode.DONE;
            }
            case CommandLine.Wrong(String error, String hint) -> {
                terminal.error(error);
                terminal.hint(hint);
                yield ExitCode.USAGE;
            }
            case CommandLine.Run(var verb, var arguments) -> {
                terminal.colour(arguments.value("color"));
                Kubectl kubectl = Kubectl.find(environment, arguments.kubectl(), terminal.err());
                yield kubectl == null && Verbs.needsCluster(verb, arguments)
                        ? withoutKubectl(terminal)
                        : Verbs.run(
                                verb,
                                new Session(
                                        arguments,
                                        kubectl == null ? Kubectl.none(terminal.err()) : kubectl,
                                        terminal,
                                        environment));
            }
        };
    }

    private static int withoutKubectl(Terminal terminal) {
        terminal.error("kubectl was not found on PATH");
        terminal.hint("install kubectl, or name it in KUBECTL");
        return ExitCode.ERROR;
    }
}
