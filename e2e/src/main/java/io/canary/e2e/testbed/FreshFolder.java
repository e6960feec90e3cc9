// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;

/// An empty folder, for its owner only: what was in it is deleted first.
record FreshFolder(Path path) {
    void make() {
        try {
            delete();
            Files.createDirectories(path);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + path, e);
        }
    }

    private void delete() throws IOException {
        for (var each : contents()) {
            Files.delete(each);
        }
    }

    private List<Path> contents() throws IOException {
        if (!Files.exists(path)) {
            return List.of();
        }
        try (var all = Files.walk(path)) {
            return all.sorted(Comparator.reverseOrder()).toList();
        }
    }
}
