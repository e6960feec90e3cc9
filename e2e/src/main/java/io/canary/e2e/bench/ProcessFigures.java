// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What the kernel says of a process.
///
/// @param residentMib, peakMib resident memory now and at most so far, files that are mapped included
/// @param ownMib of the resident memory what no file backs: the kernel cannot drop it
/// @param cpuSeconds of all its threads since it started
/// @param files, threads that are open, and that there are
public record ProcessFigures(
        double residentMib, double peakMib, double ownMib, double cpuSeconds, long files, long threads) {
    private static final double KIB_IN_MIB = 1024;
    private static final double TICKS_IN_SECOND = 100; // USER_HZ, the same on all Linux machines

    public static ProcessFigures of(long pid) {
        Path folder = Path.of("/proc", Long.toString(pid));
        try (Stream<Path> files = Files.list(folder.resolve("fd"))) {
            String status = Files.readString(folder.resolve("status"));
            // The fields behind the name, which may contain anything.
            String stat = Files.readString(folder.resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return new ProcessFigures(
                    mib(status, "VmRSS:"),
                    mib(status, "VmHWM:"),
                    mib(status, "RssAnon:"),
                    (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_IN_SECOND,
                    files.count(),
                    Long.parseLong(fields[17]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double mib(String status, String field) {
        return status.lines()
                .filter(line -> line.startsWith(field))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / KIB_IN_MIB)
                .findFirst()
                .orElse(Double.NaN);
    }
}
