// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// The KWOK stages that play pods by `PodBehaviour`, as YAML.
///
/// Every state of a pod has exactly one stage, those at rest one that would do nothing after a day: KWOK drops a
/// delayed stage only when another takes its place.
final class PodStages {
    private static final String NONE = "";
    private static final String CRASHED = "CrashLoopBackOff";
    private static final String NO_IMAGE = "ImagePullBackOff";
    private static final long A_DAY = 86_400_000;

    private static final String NODE_AND_ADDRESS = """
                  {{ $ip := .status.podIP }}
                  {{ if not $ip }}
                  {{ $ip = index (PodIPsWith .spec.nodeName false .metadata.uid .metadata.name .metadata.namespace) 0 }}
                  {{ end }}
                  hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
                  podIP: {{ $ip | Quote }}
                  podIPs:
                  - ip: {{ $ip | Quote }}
                  startTime: {{ $now | Quote }}
            """;
    private static final String KEEP = """
                statusTemplate: |
                  phase: Running
            """;
    private static final String DELETE = """
                delete: true
            """;

    private PodStages() {}

    static String yaml() {
        var running = List.of(live(), in(".status.phase", "Running"));
        var ready = and(running, condition("True"));
        var unready = and(running, condition("False"));
        return String.join(
                "---\n",
                start("start-ready", containers(true, NONE), "ready", "flapping"),
                start("start-unready", containers(false, NONE), "ready-after", "never-ready"),
                start("start-crashing", restarted(CRASHED), "crash-loop"),
                stage(
                        "start-without-image",
                        List.of(live(), in(".status.phase", "Pending"), behaves("image-missing"), notWaiting(NO_IMAGE)),
                        NONE,
                        status("Pending", containers(false, NO_IMAGE)) + NODE_AND_ADDRESS),
                stage("become-ready", and(unready, behaves("ready")), NONE, running(containers(true, NONE))),
                stage(
                        "become-ready-later",
                        and(unready, behaves("ready-after")),
                        delay(0, PodBehaviour.DELAY),
                        running(containers(true, NONE))),
                stage(
                        "lose-readiness",
                        and(ready, behaves("never-ready", "image-missing")),
                        NONE,
                        running(containers(false, NONE))),
                stage(
                        "stop-crashing",
                        and(unready, behaves("never-ready", "image-missing"), waiting(CRASHED)),
                        NONE,
                        running(containers(false, NONE))),
                stage("crash", and(ready, behaves("crash-loop")), NONE, running(restarted(CRASHED))),
                stage(
                        "crash-restart",
                        and(unready, behaves("crash-loop"), waiting(CRASHED)),
                        delay(3_000),
                        running(containers(false, NONE))),
                stage(
                        "crash-again",
                        and(unready, behaves("crash-loop"), notWaiting(CRASHED)),
                        delay(1_000),
                        running(restarted(CRASHED))),
                stage(
                        "flap-down",
                        and(ready, behaves("flapping")),
                        delay(10_000, PodBehaviour.PERIOD),
                        running(containers(false, NONE))),
                stage(
                        "flap-up",
                        and(unready, behaves("flapping")),
                        delay(10_000, PodBehaviour.PERIOD),
                        running(containers(true, NONE))),
                stage("stay-ready", and(ready, behaves("ready", "ready-after")), delay(A_DAY), KEEP),
                stage(
                        "stay-unready",
                        and(unready, behaves("never-ready", "image-missing"), notWaiting(CRASHED)),
                        delay(A_DAY),
                        KEEP),
                stage(
                        "delete",
                        List.of(expression(".metadata.deletionTimestamp", "Exists")),
                        delay(0, PodBehaviour.DELETE_AFTER),
                        DELETE));
    }

    private static String start(String name, String containers, String... behaviours) {
        return stage(
                name,
                List.of(live(), in(".status.phase", "Pending"), behaves(behaviours)),
                NONE,
                running(containers) + NODE_AND_ADDRESS);
    }

    private static String stage(String name, List<String> when, String delay, String next) {
        return """
                apiVersion: kwok.x-k8s.io/v1alpha1
                kind: Stage
                metadata:
                  name: pod-%s
                spec:
                  resourceRef:
                    apiGroup: v1
                    kind: Pod
                  selector:
                    matchExpressions:
                %s%s  next:
                %s""".formatted(name, String.join("", when), delay, next);
    }

    private static List<String> and(List<String> conditions, String... more) {
        var all = new ArrayList<>(conditions);
        all.addAll(Arrays.asList(more));
        return all;
    }

    private static String live() {
        return expression(".metadata.deletionTimestamp", "DoesNotExist");
    }

    private static String behaves(String... behaviours) {
        return in(".metadata.annotations[\"" + PodBehaviour.BEHAVIOUR + "\"] // \"ready\"", behaviours);
    }

    private static String condition(String status) {
        return in(".status.conditions.[] | select( .type == \"Ready\" ) | .status", status);
    }

    private static String waiting(String reason) {
        return in(".status.containerStatuses.[0].state.waiting.reason", reason);
    }

    private static String notWaiting(String reason) {
        return among(".status.containerStatuses.[0].state.waiting.reason", "NotIn", reason);
    }

    private static String in(String path, String... values) {
        return among(path, "In", values);
    }

    private static String among(String path, String operator, String... values) {
        var list = Arrays.stream(values).map(value -> '"' + value + '"').collect(Collectors.joining(", "));
        return expression(path, operator) + "      values: [" + list + "]\n";
    }

    private static String expression(String path, String operator) {
        return """
                    - key: '%s'
                      operator: %s
                """.formatted(path, operator);
    }

    private static String delay(long milliseconds) {
        return "  delay:\n    durationMilliseconds: " + milliseconds + "\n";
    }

    private static String delay(long milliseconds, String annotation) {
        return delay(milliseconds) + "    durationFrom:\n      expressionFrom: '.metadata.annotations[\"" + annotation
                + "\"]'\n";
    }

    private static String running(String containers) {
        return status("Running", containers);
    }

    private static String status(String phase, String containers) {
        return """
                    statusTemplate: |
                      {{ $now := Now }}
                      {{ $before := .status.containerStatuses }}
                      phase: %s
                """.formatted(phase) + containers;
    }

    private static String restarted(String reason) {
        return containers(false, reason, "add 1 $restarts") + """
                        lastState:
                          terminated:
                            exitCode: 1
                            reason: Error
                            startedAt: {{ $now | Quote }}
                            finishedAt: {{ $now | Quote }}
                      {{ end }}
                """;
    }

    /// The conditions and the status of each container; a reason to wait, or none when it runs.
    private static String containers(boolean ready, String waiting) {
        return containers(ready, waiting, "$restarts") + "      {{ end }}\n";
    }

    private static String containers(boolean ready, String waiting, String restarts) {
        return """
                      conditions:
                      - {type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }}}
                      - {type: Ready, status: "%1$s", reason: %2$s, lastTransitionTime: {{ $now | Quote }}}
                      - {type: ContainersReady, status: "%1$s", reason: %2$s, lastTransitionTime: {{ $now | Quote }}}
                      containerStatuses:
                      {{ range $index, $item := .spec.containers }}
                      {{ $restarts := 0 }}
                      {{ with $before }}{{ $restarts = (index . $index).restartCount }}{{ end }}
                      - name: {{ $item.name | Quote }}
                        image: {{ $item.image | Quote }}
                        imageID: ""
                        ready: %3$s
                        started: %4$s
                        restartCount: {{ %5$s }}
                        state: %6$s
                """.formatted(
                        ready ? "True" : "False",
                        ready ? "null" : "ContainersNotReady",
                        ready,
                        waiting.isEmpty(),
                        restarts,
                        waiting.isEmpty()
                                ? "{running: {startedAt: {{ $now | Quote }}}}"
                                : "{waiting: {reason: " + waiting + "}}");
    }
}
