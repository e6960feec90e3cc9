// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The inputs that are kept: for each target a folder, in it a file for each, of what was thought of or was
/// found. Tests and `fuzz/run` work in this module's folder.
final class Seeds {
    private Seeds() {}

    static List<Path> of(String target) {
        try (Stream<Path> files = Files.list(folder().resolve(target))) {
            return files.filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] file(String target, String name) {
        return read(folder().resolve(target).resolve(name));
    }

    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path folder() {
        return Path.of("seeds");
    }
}
