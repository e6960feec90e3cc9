// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What this runs on: figures without it say nothing.
record Machine(int cores, double memoryGib, String processor, String load) {
    private static final double KIB_IN_GIB = 1024 * 1024;

    static Machine here() throws IOException {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                Double.parseDouble(value("/proc/meminfo", "MemTotal").replaceAll("[^0-9]", "")) / KIB_IN_GIB,
                value("/proc/cpuinfo", "model name"),
                Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]);
    }

    /// As `4 cores (AMD EPYC), 16.0 GiB, load 0.20 before the start`.
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%d cores (%s), %.1f GiB, load %s before the start", cores, processor, memoryGib, load);
    }

    private static String value(String file, String field) throws IOException {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(field))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        }
    }
}
