// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cli.Shells;
import io.canary.kubectl.cli.Words;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/// `completion`: scripts of shells, and the shim by which kubectl 1.26 and newer completes plugins.
final class Completion {
    private Completion() {}

    static int run(Session session) {
        String shell = session.arguments().plain().getFirst();
        if (shell.equals("kubectl")) {
            return session.arguments().on("install") ? install(session) : printed(session, Shells.shim());
        }
        return Shells.script(shell).map(script -> printed(session, script)).orElseGet(() -> {
            session.failed(
                    "completion: " + Words.quoted(shell) + " is not one of bash, zsh, fish, powershell, kubectl", "");
            return ExitCode.USAGE;
        });
    }

    private static int printed(Session session, List<String> lines) {
        session.terminal().print(lines);
        return ExitCode.DONE;
    }

    /// Puts the shim where kubectl looks: on PATH, beside the plugin.
    private static int install(Session session) {
        String folder = session.environment().getOrDefault("CANARY_BIN", "");
        if (folder.isEmpty()) {
            return session.failed(
                    "cannot tell where the plugin is on PATH",
                    "kubectl canary completion kubectl > DIR/kubectl_complete-canary; chmod +x it");
        }
        Path shim = Path.of(folder, "kubectl_complete-canary");
        try {
            Files.write(shim, Shells.shim());
            Files.setPosixFilePermissions(shim, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            return session.failed("cannot write " + shim + ": " + e.getMessage(), "");
        }
        session.terminal().print(shim + " written");
        return ExitCode.DONE;
    }
}
