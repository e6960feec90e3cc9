// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl;

import io.canary.kubectl.cli.CommandLine;
import io.canary.kubectl.cli.HelpText;
import io.canary.kubectl.cli.Verb;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Kubectl;
import io.canary.kubectl.verb.Verbs;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
            case CommandLine.Help(var verbs) -> {
                terminal.print(HelpText.of(verbs));
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
                        : run(
                                verb,
                                new Session(
                                        arguments,
                                        kubectl == null ? Kubectl.none(terminal.err()) : kubectl,
                                        terminal,
                                        environment));
            }
        };
    }

    /// What nobody foresaw ends in one line too; `CANARY_DEBUG` shows the rest.
    private static int run(Verb verb, Session session) {
        try {
            return Verbs.run(verb, session);
        } catch (UncheckedIOException e) {
            return session.failed(
                    String.valueOf(e.getMessage()), "is KUBECTL_PATH, KUBECTL or the kubectl on PATH one that runs?");
        } catch (Json.NotJsonException e) {
            return session.failed("kubectl answered something else than JSON: " + e.getMessage(), "");
        } catch (RuntimeException e) {
            if (session.environment().containsKey("CANARY_DEBUG")) {
                e.printStackTrace(new PrintStream(session.terminal().err(), true, StandardCharsets.UTF_8));
            }
            return session.failed(
                    "this is a bug in kubectl canary: " + e, "set CANARY_DEBUG=1 for the stack trace, and report it");
        }
    }

    private static int withoutKubectl(Terminal terminal) {
        terminal.error("kubectl was not found on PATH");
        terminal.hint("install kubectl, or name it in KUBECTL");
        return ExitCode.ERROR;
    }
}
