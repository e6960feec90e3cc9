// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import io.canary.e2e.testbed.PodBehaviour;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// A Deployment `<app>-<version>` as its user's file has it.
///
/// @param labelled whether selector and pod template carry `version`
/// @param annotations of the Deployment
/// @param progressDeadline `spec.progressDeadlineSeconds`
record Workload(
        String app,
        String version,
        int replicas,
        boolean labelled,
        Map<String, String> annotations,
        PodBehaviour behaviour,
        String tag,
        int progressDeadline) {
    Workload {
        annotations = new LinkedHashMap<>(annotations);
    }

    /// Labelled, without keys, with pods that are ready at once.
    static Workload of(String app, String version, int replicas) {
        return new Workload(app, version, replicas, true, Map.of(), PodBehaviour.READY, version, 600);
    }

    String name() {
        return app + "-" + version;
    }

    /// As people write it who leave the label to Canary.
    Workload unlabelled() {
        return new Workload(app, version, replicas, false, annotations, behaviour, tag, progressDeadline);
    }

    Workload weight(String percent) {
        return with("canary.io/weight", percent);
    }

    Workload with(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(annotations);
        more.put(key, value);
        return new Workload(app, version, replicas, labelled, more, behaviour, tag, progressDeadline);
    }

    Workload replicas(int count) {
        return new Workload(app, version, count, labelled, annotations, behaviour, tag, progressDeadline);
    }

    Workload behaving(PodBehaviour how) {
        return new Workload(app, version, replicas, labelled, annotations, how, tag, progressDeadline);
    }

    /// The tag of its image, `<app>:<tag>`.
    Workload image(String other) {
        return new Workload(app, version, replicas, labelled, annotations, behaviour, other, progressDeadline);
    }

    Workload progressDeadline(int seconds) {
        return new Workload(app, version, replicas, labelled, annotations, behaviour, tag, seconds);
    }

    String yaml() {
        String labels = labelled ? "{app: %s, version: %s}".formatted(app, version) : "{app: %s}".formatted(app);
        return """
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  name: %s
                  annotations: %s
                spec:
                  replicas: %d
                  progressDeadlineSeconds: %d
                  selector: {matchLabels: %s}
                  template:
                    metadata:
                      labels: %s
                      annotations: %s
                    spec:
                      containers: [{name: %s, image: "%s:%s", ports: [{containerPort: 8080}]}]
                """.formatted(
                        name(),
                        map(annotations),
                        replicas,
                        progressDeadline,
                        labels,
                        labels,
                        map(behaviour.annotations()),
                        app,
                        app,
                        tag);
    }

    /// The root Service of `app`: one HTTP port.
    static String rootService(String app, Map<String, String> annotations) {
        return """
                apiVersion: v1
                kind: Service
                metadata: {name: %s, annotations: %s}
                spec:
                  selector: {app: %s}
                  ports: [{name: http, port: 8080}]
                """.formatted(app, map(annotations), app);
    }

    private static String map(Map<String, String> entries) {
        return entries.entrySet().stream()
                .map(e -> "\"%s\": \"%s\"".formatted(e.getKey(), e.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    }
}
