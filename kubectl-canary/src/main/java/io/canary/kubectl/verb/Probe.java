// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Kubectl;
import io.canary.kubectl.cluster.Reading;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Asks the webhook by a dry run of an object that nobody else refuses.
sealed interface Probe {
    /// It refused, as it must.
    record Answered(Duration time) implements Probe {}

    /// The wrong object would have passed: nobody was asked.
    record Passed() implements Probe {}

    /// The API server could not reach the webhook.
    record Unreachable(String why) implements Probe {}

    /// The probe itself failed, for instance for want of rights.
    record Failed(String why) implements Probe {}

    static Probe of(Session session) {
        String object = Json.line(Map.of(
                "apiVersion",
                "v1",
                "kind",
                "Service",
                "metadata",
                Map.of("name", "canary-probe", "annotations", Map.of("canary.io/probe", "")),
                "spec",
                Map.of("ports", List.of(Map.of("port", 1)))));
        long began = System.nanoTime();
        Kubectl.Answer answer = session.kubectl().send(object, "create", "--dry-run=server", "-f", "-");
        String said = answer.stderr();
        // canary-core refuses it too, but does not know which key is meant.
        if (said.contains("unknown key, did you mean")) {
            return new Answered(Duration.ofNanos(System.nanoTime() - began));
        }
        if (answer.succeeded()) {
            return new Passed();
        }
        if (said.contains("unknown key")) {
            return new Passed();
        }
        return said.contains("failed calling webhook")
                ? new Unreachable(Reading.plain(said))
                : new Failed(Reading.plain(said));
    }
}
