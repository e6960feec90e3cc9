// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Runs a program to its end, with a text as its standard input, and keeps what it wrote.
public record Command(List<String> line, Map<String, String> environment, String input) {
    public Command(String... line) {
        this(List.of(line), Map.of(), "");
    }

    public CommandResult run() {
        try {
            var builder = new ProcessBuilder(line);
            builder.environment().putAll(environment);
            var process = builder.start();
            var stdout =
                    CompletableFuture.supplyAsync(() -> text(process.getInputStream()), Thread::startVirtualThread);
            var stderr =
                    CompletableFuture.supplyAsync(() -> text(process.getErrorStream()), Thread::startVirtualThread);
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(UTF_8));
            }
            return new CommandResult(process.waitFor(), stdout.join(), stderr.join());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + line.getFirst(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + line.getFirst(), e);
        }
    }

    private static String text(InputStream stream) {
        try {
            return new String(stream.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
