// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// A process pod's files: its log, its working folder, and what it sees as `/run`.
record PodFolder(Path path) {
    PodFolder(Path parent, Pod pod) {
        this(parent.resolve(pod.getMetadata().getNamespace() + "_"
                + pod.getMetadata().getName() + "_" + pod.getMetadata().getUid().substring(0, 8)));
    }

    Path log() {
        return path.resolve("log");
    }

    Path home() {
        return path.resolve("home");
    }

    /// Bound over `/run`, so that `/var/run/secrets/kubernetes.io/serviceaccount` is the pod's own.
    Path run() {
        return path.resolve("run");
    }

    void make() {
        try {
            Files.createDirectories(home());
            Files.createDirectories(serviceAccount());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Writes a file of the ServiceAccount folder in one step, as readers may look at any time.
    void writeServiceAccount(String name, String text) {
        try {
            var fresh = Files.writeString(serviceAccount().resolve("." + name), text);
            Files.move(fresh, serviceAccount().resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path serviceAccount() {
        return run().resolve("secrets/kubernetes.io/serviceaccount");
    }
}
