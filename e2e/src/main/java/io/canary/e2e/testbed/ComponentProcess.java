// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One long-running process with a log file: started, signalled, started again with the same command line.
final class ComponentProcess {
    private final List<String> line;
    private final Path log;
    private @Nullable Process process;

    ComponentProcess(List<String> line, Path log) {
        this.line = line;
        this.log = log;
    }

    synchronized void start() {
        if (process != null && process.isAlive()) {
            throw new IllegalStateException(line.getFirst() + " runs already");
        }
        try {
            process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + line.getFirst(), e);
        }
    }

    synchronized boolean alive() {
        return process != null && process.isAlive();
    }

    synchronized long pid() {
        return required().pid();
    }

    void signal(Signal signal) {
        signal.to(pid());
    }

    /// Ends it without ceremony and returns when it is gone.
    void kill() {
        var victim = current();
        if (victim != null) {
            victim.destroyForcibly().onExit().join();
        }
    }

    /// The end of the log, for messages.
    String logTail(int lines) {
        try {
            var all = Files.readString(log, StandardCharsets.UTF_8).lines().toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    private synchronized @Nullable Process current() {
        return process;
    }

    private Process required() {
        if (process == null) {
            throw new IllegalStateException(line.getFirst() + " was never started");
        }
        return process;
    }
}
