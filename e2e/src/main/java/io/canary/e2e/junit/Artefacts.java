// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.junit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// Keeps what explains a failed test: all objects of its namespace, events, its part of the audit log, log tails,
/// and the requests that arrived at its pods.
final class Artefacts {
    private static final int TAIL = 500;

    private Artefacts() {}

    static void keep(Cluster cluster) {
        var folder = cluster.artefacts();
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("objects.yaml"), objects(cluster));
            Files.writeString(
                    folder.resolve("events.txt"),
                    cluster.kubectl("get", "events", "--sort-by=.lastTimestamp").stdout());
            Files.write(folder.resolve("audit.jsonl"), cluster.audit());
            var gateway = cluster.usedGateway();
            if (gateway.isPresent()) {
                var served = gateway.get().served().stream().map(Object::toString);
                Files.write(folder.resolve("served.txt"), served.toList());
            }
            for (var log : logs(cluster.controlPlane().folder())) {
                Files.write(folder.resolve(name(cluster.controlPlane().folder(), log)), tail(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String objects(Cluster cluster) {
        var kinds = cluster.kubectl("api-resources", "--namespaced", "--verbs=list", "--output=name")
                .stdout()
                .lines()
                .filter(kind -> !kind.startsWith("events") && !kind.equals("secrets"))
                .collect(Collectors.joining(","));
        return cluster.kubectl("get", kinds, "--output=yaml", "--show-managed-fields")
                .stdout();
    }

    private static List<Path> logs(Path folder) throws IOException {
        try (var all = Files.find(folder, 3, (path, attributes) -> attributes.isRegularFile() && isLog(path))) {
            return all.toList();
        }
    }

    private static boolean isLog(Path path) {
        var name = path.getFileName().toString();
        return name.equals("log") || (name.endsWith(".log") && !name.equals("audit.log"));
    }

    private static String name(Path folder, Path log) {
        var name = folder.relativize(log).toString().replace('/', '-');
        return name.endsWith(".log") ? name : name + ".log";
    }

    private static List<String> tail(Path log) throws IOException {
        try (var lines = Files.newBufferedReader(log, StandardCharsets.UTF_8).lines()) {
            var all = lines.toList();
            return all.subList(Math.max(0, all.size() - TAIL), all.size());
        }
    }
}
