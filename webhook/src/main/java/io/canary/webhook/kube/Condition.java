// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.app.Release;
import io.canary.domain.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A condition of a Release, as `kubectl wait --for=condition=…` reads it.
///
/// @param status `True`, `False` or `Unknown`
/// @param since when the status took its value
public record Condition(String type, String status, String reason, String message, Instant since) {
    static List<Condition> read(JsonObject status) {
        return status.objects("conditions").stream()
                .map(json -> {
                    Instant since = json.instant("lastTransitionTime");
                    return new Condition(
                            json.text("type"),
                            json.text("status"),
                            json.text("reason"),
                            json.text("message"),
                            since == null ? Instant.EPOCH : since);
                })
                .toList();
    }

    /// The conditions of `release`; where the status is as in `before`, so is the time.
    static List<Condition> of(Release release, List<Condition> before, Instant now) {
        Instant second = now.truncatedTo(ChronoUnit.SECONDS);
        List<Condition> conditions = new ArrayList<>();
        boolean ready = release.inForceIsAsked();
        conditions.add(is("Ready", ready, ready ? "InForce" : "Moving", release.message(), second));
        boolean degraded = release.phase() == Release.Phase.DEGRADED
                || release.versions().stream().anyMatch(Release.VersionStatus::degraded);
        conditions.add(is("Degraded", degraded, degraded ? "Waiting" : "Fine", waits(release, degraded), second));
        boolean conflict = !release.problems().isEmpty() || release.phase() == Release.Phase.CONFLICT;
        conditions.add(is(
                "Conflict",
                conflict,
                conflict ? "Contradiction" : "None",
                String.join("; ", release.problems()),
                second));
        conditions.add(routes(release, second));
        boolean foreign = release.foreignPods() > 0;
        String pods = foreign ? release.foreignPods() + " ready endpoints belong to no version" : "";
        conditions.add(is("ForeignPods", foreign, foreign ? "NoVersion" : "None", pods, second));
        return conditions.stream().map(c -> c.keeping(before)).toList();
    }

    private static Condition is(String type, boolean holds, String reason, String message, Instant since) {
        return new Condition(type, holds ? "True" : "False", reason, message, since);
    }

    private static String waits(Release release, boolean degraded) {
        if (!degraded) {
            return "";
        }
        List<String> waits = release.versions().stream()
                .filter(v -> v.degraded() && !v.waitsFor().isEmpty())
                .map(v -> v.name() + ": " + v.waitsFor())
                .toList();
        return waits.isEmpty() ? release.message() : String.join("; ", waits);
    }

    private static Condition routes(Release release, Instant second) {
        boolean accepted = release.routes().stream().anyMatch(Release.RouteStatus::accepted);
        String reason = accepted ? "Accepted" : release.routes().isEmpty() ? "NoReport" : "NotAccepted";
        return is("RoutesAccepted", accepted, reason, release.modeReason(), second);
    }

    private Condition keeping(List<Condition> before) {
        return before.stream()
                .filter(old -> old.type().equals(type) && old.status().equals(status))
                .findFirst()
                .map(old -> new Condition(type, status, reason, message, old.since()))
                .orElse(this);
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", type);
        json.put("status", status);
        json.put("reason", reason);
        json.put("message", message);
        json.put("lastTransitionTime", since.toString());
        return json;
    }
}
