// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import io.canary.e2e.load.AdmissionLoad;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/// What the faults did, a line each, as Markdown for the README: `target/faults.md`.
final class FaultTable {
    private static final Path FILE = Path.of("target", "faults.md");
    private static final String HEAD = """
            | Fault | Calls | Failed | Failed unseen | Longest call | Converged after |
            |---|---|---|---|---|---|
            """;

    private FaultTable() {}

    /// A fault under load.
    static void add(String fault, ThreeReplicas.Outcome outcome) {
        AdmissionLoad.Result load = outcome.load();
        String again = load.again() == 0 ? "" : " (%,d made again)".formatted(load.again());
        add("| %s | %,d | %,d%s | %,d | %d ms | %.1f s |%n"
                .formatted(
                        fault,
                        load.calls(),
                        load.failures().size(),
                        again,
                        outcome.passedBy(),
                        load.longest().toMillis(),
                        outcome.converged().toMillis() / 1000.0));
        load.failures().forEach(failure -> System.out.println("    " + failure));
    }

    /// A fault without load.
    ///
    /// @param converged from the fault's begin until all was as it should be
    static void add(String fault, Duration converged) {
        add("| %s | – | – | – | – | %.1f s |%n".formatted(fault, converged.toMillis() / 1000.0));
    }

    private static synchronized void add(String line) {
        try {
            if (Files.notExists(FILE)) {
                Files.writeString(FILE, HEAD);
            }
            Files.writeString(FILE, line, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.out.print(line);
    }
}
