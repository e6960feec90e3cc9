// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.kubectl.KubectlCanary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A kubectl that tells of one app `order` with versions `v1` and `v2`, of its routes and of a Gateway.
final class StandInCluster {
    static final StandInCluster NONE = new StandInCluster();

    private final Path folder;
    private final List<String> routes = new ArrayList<>();
    private String release = "";

    private StandInCluster() {
        folder = Path.of("");
    }

    /// @param port where the Gateway listens, on this machine
    StandInCluster(Path folder, int port) {
        this.folder = folder;
        write("kubectl", """
                #!/bin/sh
                here=${0%/*}
                case "$*" in
                  *gateways*) cat "$here/gateway.json" ;;
                  *) if [ -e "$here/then.json" ] && [ -e "$here/asked" ]; then cat "$here/then.json"
                     else : >"$here/asked"; cat "$here/now.json"; fi ;;
                esac
                """);
        try {
            Files.setPosixFilePermissions(folder.resolve("kubectl"), PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        gateway("""
                {"spec": {"listeners": [{"name": "tls", "protocol": "HTTPS", "port": 443},
                                        {"name": "web", "protocol": "HTTP", "port": %d}]},
                 "status": {"addresses": [{"type": "IPAddress", "value": "127.0.0.1"}]}}
                """.formatted(port));
    }

    /// @param mode as in a Release
    /// @param percent of v1 and v2 in force, then by pods where that is something else
    void inForce(String mode, String... percent) {
        release = release(mode, percent);
        write("now.json", namespace());
    }

    /// What is told from the second call on.
    void then(String mode, String... percent) {
        release = release(mode, percent);
        write("then.json", namespace());
    }

    void managed(String name, String host) {
        route(name, host, "{\"canary.io/managed\": \"true\", \"canary.io/original\": \"{\\\"order\\\": {}}\"}");
    }

    void unmanaged(String name, String host) {
        route(name, host, "{}");
    }

    private void route(String name, String host, String annotations) {
        routes.add("""
                {"kind": "HTTPRoute", "metadata": {"name": "%s", "namespace": "shop", "annotations": %s},
                 "spec": {"parentRefs": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "public"}],
                          "hostnames": ["%s"], "rules": [{"backendRefs": [{"name": "order", "port": 80}]}]}}
                """.formatted(name, annotations, host));
        write("now.json", namespace());
    }

    void gateway(String json) {
        write("gateway.json", json);
    }

    private static String release(String mode, String... percent) {
        return """
                {"kind": "Release", "metadata": {"name": "order", "namespace": "shop"},
                 "status": {"phase": "Canary", "stable": "v1", "total": 10, "mode": "%s",
                  "versions": [%s, %s]}}
                """.formatted(
                        mode,
                        version("v1", percent[0], percent[percent.length - 2]),
                        version("v2", percent[1], percent[percent.length - 1]));
    }

    private static String version(String name, String inForce, String byPods) {
        return """
                {"name": "%s", "deployment": "order-%s", "asked": "%s", "inForce": "%s", "effective": "%s", "ready": 1,
                 "replicas": 1}
                """.formatted(name, name, inForce, inForce, byPods);
    }

    private String namespace() {
        List<String> items = new ArrayList<>(List.of(
                deployment("v1", "{}"),
                deployment(
                        "v2",
                        "{\"canary.io/users\": \"header:x-user-id=alice, cookie:canary=always\","
                                + " \"canary.io/hosts\": \"canary.shop.example\"}"),
                """
                {"kind": "Service", "metadata": {"name": "order", "namespace": "shop"},
                 "spec": {"selector": {"app": "order"}, "ports": [{"port": 80}]}}
                """,
                release));
        items.addAll(routes);
        return "{\"kind\": \"List\", \"items\": [" + String.join(",", items) + "]}";
    }

    private static String deployment(String version, String annotations) {
        return """
                {"kind": "Deployment", "metadata": {"name": "order-%s", "namespace": "shop", "annotations": %s},
                 "spec": {"selector": {"matchLabels": {"app": "order", "version": "%s"}},
                          "template": {"metadata": {"labels": {"app": "order", "version": "%s"}}}}}
                """.formatted(version, annotations, version, version);
    }

    private void write(String file, String text) {
        try {
            Files.writeString(folder.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, String> environment() {
        return Map.of("KUBECTL", folder.resolve("kubectl").toString(), "LC_ALL", "C.UTF-8", "PATH", "/usr/bin:/bin");
    }

    private static List<String> words(String... flags) {
        List<String> words = new ArrayList<>(List.of("verify", "order"));
        words.addAll(List.of(flags));
        return words;
    }

    /// `kubectl canary verify order`, in this process.
    Run run(String... flags) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = KubectlCanary.run(
                words(flags), environment(), InputStream.nullInputStream(), out, err, InstantSource.system());
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /// The same in a process of its own, with both its streams in one.
    Process process(String... flags) throws IOException {
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classes,
                KubectlCanary.class.getName()));
        line.addAll(words(flags));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().putAll(environment());
        return builder.start();
    }
}
