// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// `testbed up` and `testbed shell`: a cluster until Ctrl-C, or as long as a shell lives.
public final class TestbedMain {
    private static final String WORK = "CANARY_TESTBED_WORK";

    private final Map<String, String> environment;
    private final PrintStream out;

    private TestbedMain(Map<String, String> environment, PrintStream out) {
        this.environment = environment;
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        System.exit(new TestbedMain(System.getenv(), System.err).run(List.of(arguments)));
    }

    private int run(List<String> arguments) throws IOException, InterruptedException {
        var began = System.nanoTime();
        out.println("starting the cluster …");
        var work = environment.get(WORK);
        if (work == null) {
            throw new IllegalStateException(WORK + " is not set: start this by e2e/testbed");
        }
        try (var cluster = new ControlPlane(Binaries.require(environment), Path.of(work), Settings.DEFAULT)) {
            Runtime.getRuntime().addShutdownHook(new Thread(cluster::close));
            cluster.start();
            report(cluster, Duration.ofNanos(System.nanoTime() - began));
            return switch (arguments.getFirst()) {
                case "up" -> untilInterrupted(cluster);
                case "shell" -> shell(cluster, arguments.subList(1, arguments.size()));
                default -> throw new IllegalArgumentException("up or shell, not " + arguments.getFirst());
            };
        }
    }

    private void report(ControlPlane cluster, Duration total) {
        out.println("ready after " + seconds(total) + ": "
                + cluster.startTimes().entrySet().stream()
                        .map(step -> step.getKey() + " " + seconds(step.getValue()))
                        .toList());
    }

    private int untilInterrupted(ControlPlane cluster) throws InterruptedException {
        out.println("""
                KUBECONFIG=%s
                The cluster has a network of its own. Enter it with: e2e/testbed shell
                Ctrl-C ends it.""".formatted(cluster.adminKubeconfig()));
        new CountDownLatch(1).await();
        return 0;
    }

    private int shell(ControlPlane cluster, List<String> command) throws IOException, InterruptedException {
        var line = command.isEmpty() ? List.of(environment.getOrDefault("SHELL", "/bin/bash")) : command;
        var builder = new ProcessBuilder(line).inheritIO();
        builder.environment().putAll(cluster.kubectlEnvironment());
        builder.environment().put("PATH", cluster.binaries().programs() + ":" + environment.get("PATH"));
        return builder.start().waitFor();
    }

    private static String seconds(Duration duration) {
        return "%.1f s".formatted(duration.toMillis() / 1000.0);
    }
}
