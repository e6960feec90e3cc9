// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Kubectl;
import io.canary.kubectl.cluster.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;

/// `install`: server-side apply of the bundled manifests, CRDs before what needs them.
final class Install {
    /// Whatever `--namespace` says, which means apps.
    static final String SYSTEM = "--namespace=canary-system";

    private static final Duration BETWEEN_PROBES = Duration.ofMillis(500);

    private Install() {}

    static int run(Session session) {
        List<String> manifests =
                Manifests.all().stream().map(text -> edited(session, text)).toList();
        String dryRun = session.arguments().value("dry-run");
        Optional<Duration> limit = Waiting.timeout(session);
        if (limit.isEmpty()) {
            return ExitCode.USAGE;
        }
        String count = session.arguments().value("replicas");
        if (!count.isEmpty() && !count.matches("[1-9][0-9]{0,2}")) {
            session.failed("--replicas: \"" + count + "\" is not a count of pods from 1 to 999", "");
            return ExitCode.USAGE;
        }
        if (dryRun.equals("client")) {
            session.terminal().pass(String.join("---\n", manifests));
            return ExitCode.DONE;
        }
        for (String manifest : manifests) {
            List<String> call = new ArrayList<>(List.of(
                    "apply",
                    "--server-side",
                    "--force-conflicts",
                    "--field-manager=kubectl-canary",
                    SYSTEM,
                    "-f",
                    "-"));
            if (dryRun.equals("server")) {
                call.add("--dry-run=server");
            }
            Kubectl.Answer answer = session.kubectl().send(manifest, call.toArray(String[]::new));
            switch (Reading.of(answer)) {
                case Reading.Got(String stdout) -> session.terminal().pass(stdout);
                case Reading.Denied(String text)
                when text.contains("is being terminated") -> {
                    return session.failed(
                            "Canary is still being uninstalled",
                            "kubectl wait --for=delete namespace/canary-system, then install again");
                }
                case Reading other -> {
                    return Apps.told(session, other);
                }
            }
        }
        return session.arguments().on("wait") && dryRun.equals("none") ? awaited(session, limit.get()) : ExitCode.DONE;
    }

    private static String edited(Session session, String manifest) {
        if (!manifest.contains("kind: Deployment\n")) {
            return manifest;
        }
        String image = session.arguments().value("image");
        String replicas = session.arguments().value("replicas");
        String text = image.isEmpty()
                ? manifest
                : manifest.replaceFirst("image: \\S+", Matcher.quoteReplacement("image: " + image));
        return replicas.isEmpty()
                ? text
                : text.replaceFirst("replicas: [0-9]+", Matcher.quoteReplacement("replicas: " + replicas));
    }

    /// Waits for the pods, then until the API server really reaches the webhook.
    private static int awaited(Session session, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        Kubectl.Answer rollout = session.kubectl()
                .run("rollout", "status", "deployment/canary-webhook", SYSTEM, "--timeout=" + limit.toSeconds() + "s");
        if (!rollout.succeeded()) {
            session.failed("the webhook did not become ready", "kubectl get pods -n canary-system");
            return System.nanoTime() - end >= 0 || rollout.stderr().contains("timed out")
                    ? ExitCode.TIMED_OUT
                    : ExitCode.ERROR;
        }
        Probe probe = Probe.of(session);
        while (!(probe instanceof Probe.Answered) && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(BETWEEN_PROBES.toNanos());
            probe = Probe.of(session);
        }
        return switch (probe) {
            case Probe.Answered _ -> {
                session.terminal().note("Canary is installed and answers");
                yield ExitCode.DONE;
            }
            case Probe.Passed _ -> late(session, "the webhook is not asked: wrong keys pass");
            case Probe.Unreachable(String why) -> late(session, why);
            case Probe.Failed(String why) -> late(session, why);
        };
    }

    private static int late(Session session, String why) {
        session.failed("timed out: " + why, "kubectl canary check");
        return ExitCode.TIMED_OUT;
    }
}
