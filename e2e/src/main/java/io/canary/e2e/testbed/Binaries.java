// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The folder that `e2e/testbed prepare` filled: `bin/` programs, `crds/` of the Gateway API, `stages/` of KWOK.
///
/// @param gateways what `e2e/testbed prepare --gateways` made besides: `bin/` and `crds/` of [Contour], where that
///     shall serve the Gateways
public record Binaries(Path folder, Optional<Path> gateways) {
    private static final String CACHE = "CANARY_TESTBED_CACHE";
    private static final String GATEWAYS = "CANARY_TESTBED_GATEWAYS";
    private static final String UNAVAILABLE = "CANARY_TESTBED_UNAVAILABLE";

    public Binaries {
        if (!Files.exists(folder.resolve("complete"))) {
            throw new IllegalArgumentException(folder + " is not what `e2e/testbed prepare` makes");
        }
    }

    /// What can be had in this process.
    public sealed interface Found {
        record Ready(Binaries binaries) implements Found {}

        /// No control plane can run here, for this reason.
        record Unavailable(String reason) implements Found {}
    }

    /// Looks at what `e2e/testbed` left in the environment.
    public static Found find(Map<String, String> environment) {
        var reason = environment.get(UNAVAILABLE);
        if (reason != null) {
            return new Found.Unavailable(reason);
        }
        var folder = environment.get(CACHE);
        if (folder == null) {
            return new Found.Unavailable("not started by e2e/testbed: " + CACHE + " is not set");
        }
        var gateways = Optional.ofNullable(environment.get(GATEWAYS)).map(Path::of);
        return new Found.Ready(new Binaries(Path.of(folder), gateways));
    }

    /// The binaries, for programs that can do nothing without.
    public static Binaries require(Map<String, String> environment) {
        return switch (find(environment)) {
            case Found.Ready(var binaries) -> binaries;
            case Found.Unavailable(var reason) -> throw new IllegalStateException(reason);
        };
    }

    public Path program(String name) {
        return folder.resolve("bin").resolve(name);
    }

    public Path programs() {
        return Objects.requireNonNull(program("kubectl").getParent());
    }

    Path gatewayApi() {
        return folder.resolve("crds");
    }

    Path nodeInitialize() {
        return folder.resolve("stages/node-initialize.yaml");
    }

    Path nodeHeartbeat() {
        return folder.resolve("stages/node-heartbeat-with-lease.yaml");
    }
}
