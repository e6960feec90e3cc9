// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.kubectl.KubectlCanary;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A kubectl that answers each call by the first pattern that its arguments match, and keeps what it was called with.
final class ScriptedKubectl {
    static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z"); // a Friday

    private final Path folder;
    private final List<String> cases = new ArrayList<>();
    private String input = "";

    /// @param folder of this kubectl's own
    ScriptedKubectl(Path folder) {
        this.folder = folder;
    }

    /// @param pattern of the shell, for all arguments on one line
    ScriptedKubectl answers(String pattern, String stdout) {
        return on(pattern, stdout, "", 0);
    }

    ScriptedKubectl fails(String pattern, String stderr) {
        return on(pattern, "", stderr, 1);
    }

    ScriptedKubectl on(String pattern, String stdout, String stderr, int code) {
        int n = cases.size();
        write("out" + n, stdout);
        write("err" + n, stderr);
        cases.add("  %s) cat \"$here/out%d\"; cat \"$here/err%d\" >&2; exit %d ;;".formatted(pattern, n, n, code));
        return this;
    }

    ScriptedKubectl reads(String standardInput) {
        input = standardInput;
        return this;
    }

    /// The calls so far, a line each.
    List<String> calls() {
        try {
            Path calls = folder.resolve("calls");
            return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What was on the standard input of the last call that had any.
    String sent() {
        try {
            return Files.readString(folder.resolve("sent"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// `kubectl canary` with these words, in this process.
    Run run(String... words) {
        write(
                "kubectl",
                "#!/bin/sh\nhere=${0%/*}\nprintf '%s\\n' \"$*\" >>\"$here/calls\"\n"
                        + "case \"$*\" in *'-f -'*) cat >\"$here/sent\" ;; esac\ncase \"$*\" in\n"
                        + String.join("\n", cases)
                        + "\n  *) echo \"error: no answer to $*\" >&2; exit 1 ;;\nesac\n");
        try {
            Files.setPosixFilePermissions(folder.resolve("kubectl"), PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return run(
                Map.of("KUBECTL", folder.resolve("kubectl").toString(), "LC_ALL", "C.UTF-8", "PATH", "/usr/bin:/bin"),
                words);
    }

    /// The same where there is no kubectl at all.
    Run runAlone(String... words) {
        return run(Map.of("LC_ALL", "C.UTF-8", "PATH", folder.resolve("nothing").toString()), words);
    }

    private Run run(Map<String, String> environment, String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = KubectlCanary.run(
                List.of(words),
                environment,
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                out,
                err,
                InstantSource.fixed(NOW));
        return new Run(
                code,
                out.toString(StandardCharsets.UTF_8).replace(folder.toString(), "FOLDER"),
                err.toString(StandardCharsets.UTF_8).replace(folder.toString(), "FOLDER"));
    }

    /// A file beside this kubectl; returns its path.
    String file(String name, String text) {
        write(name, text);
        return folder.resolve(name).toString();
    }

    private void write(String file, String text) {
        try {
            Path path = folder.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
