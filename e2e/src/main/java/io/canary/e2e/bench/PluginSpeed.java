// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.product.Plugin;
import io.canary.e2e.testbed.Await;
import io.canary.e2e.testbed.Command;
import io.canary.e2e.testbed.CommandResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// How long a person waits for `kubectl canary`, as whole processes, by turns with `kubectl get deploy` (issue 4).
final class PluginSpeed {
    private static final String NAMESPACE = "plugin";
    private static final int ROUNDS = 40;
    private static final int WARM_UP = 5;
    private static final double MEBIBYTE = 1024.0 * 1024;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Lab lab;
    private final Plugin plugin;

    PluginSpeed(Lab lab) {
        this.lab = lab;
        this.plugin = Plugin.of(lab.cluster());
    }

    void measure() {
        prepare();
        Map<String, List<Long>> times = new LinkedHashMap<>();
        for (int i = 0; i < WARM_UP + ROUNDS; i++) {
            boolean counts = i >= WARM_UP;
            String version = i % 2 == 0 ? "v2" : "v1";
            time(times, counts, "kubectl get deploy", kubectl("get", "deploy", "--namespace=" + NAMESPACE));
            // As people type it: another flag would have the JVM answer.
            time(times, counts, "kubectl canary version --client", plugin.command("", List.of("version", "--client")));
            time(times, counts, "kubectl canary status order", canary("status", "order"));
            time(times, counts, "kubectl canary list", canary("list"));
            time(times, counts, "kubectl canary promote order", canary("promote", "order", "--version=" + version));
        }
        Report report = lab.report();
        report.title("The plugin, as whole processes");
        report.timesHead("from the start of kubectl to its end");
        times.forEach((label, nanos) -> report.times(label, Samples.of(nanos)));
        double base = median(times, "kubectl get deploy");
        bar("kubectl canary version --client", times, base, 1.5);
        bar("kubectl canary status order", times, base, 3);
        bar("kubectl canary promote order", times, base, 4);
        report.bar("size of the plugin's archive", archive() / MEBIBYTE, 35, "MiB");
    }

    private void bar(String label, Map<String, List<Long>> times, double base, double most) {
        lab.report().bar("median of " + label + ", in kubectl get deploy", median(times, label) / base, most, "x");
    }

    private static double median(Map<String, List<Long>> times, String label) {
        return Samples.of(times.getOrDefault(label, List.of())).median();
    }

    private void prepare() {
        ShopApp order = new ShopApp(NAMESPACE, "order");
        ok(new Command(kubectl("create", "namespace", NAMESPACE).line(), environment(), ""));
        String documents = String.join(
                "\n---\n",
                order.rootService(Map.of("canary.io/stable", "v1")),
                order.deployment("v1", 1, Map.of()),
                order.deployment("v2", 1, Map.of("canary.io/weight", "50")));
        ok(new Command(kubectl("apply", "--namespace=" + NAMESPACE, "-f", "-").line(), environment(), documents));
        Await.until(
                "order is managed", LIMIT, () -> canary("status", "order").run().succeeded());
    }

    private Map<String, String> environment() {
        return plugin.command("", List.of()).environment();
    }

    private Command kubectl(String... words) {
        List<String> line = new ArrayList<>(
                List.of(lab.cluster().binaries().program("kubectl").toString()));
        line.addAll(List.of(words));
        return new Command(line, environment(), "");
    }

    private Command canary(String... words) {
        return plugin.command(
                "",
                Stream.concat(Stream.of(words), Stream.of("--namespace=" + NAMESPACE))
                        .toList());
    }

    private static void time(Map<String, List<Long>> times, boolean counts, String label, Command command) {
        long began = System.nanoTime();
        ok(command);
        if (counts) {
            times.computeIfAbsent(label, _ -> new ArrayList<>()).add(System.nanoTime() - began);
        }
    }

    private static void ok(Command command) {
        CommandResult result = command.run();
        if (!result.succeeded()) {
            throw new IllegalStateException(String.join(" ", command.line()) + ": " + result.stderr());
        }
    }

    private static long archive() {
        Path folder = Plugin.folder().resolveSibling("");
        try (Stream<Path> files = Files.list(folder)) {
            return Files.size(files.filter(file -> file.toString().endsWith(".tar.gz"))
                    .findFirst()
                    .orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
