// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Release;
import io.canary.domain.app.Weight;
import io.canary.domain.json.JsonObject;
import io.canary.domain.json.ReleaseJson;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads and writes `releases.canary.io`. Weights stand there in percent, as people write them.
public final class Releases {
    public static final String API_VERSION = "canary.io/v1";

    private Releases() {}

    /// A Release with its conditions, which the domain does not keep.
    public record Stored(String app, Release release, List<Condition> conditions) {
        public Stored {
            conditions = List.copyOf(conditions);
        }
    }

    public static Stored facts(GenericKubernetesResource resource) {
        JsonObject status = JsonObject.of(resource.getAdditionalProperties().get("status"));
        return new Stored(Metas.name(resource), ReleaseJson.read(status), Condition.read(status));
    }

    /// The whole object. Not for server-side apply, which refuses all of it where the definition of Releases is
    /// older than we are and lacks a field; otherwise such a field is dropped.
    ///
    /// @param before the conditions that stand there now
    public static Map<String, Object> wanted(
            String namespace, String app, Release release, List<Condition> before, Instant now) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", app);
        metadata.put("namespace", namespace);
        metadata.put("labels", Map.of(CanaryKey.APP.text(), app));
        Map<String, Object> resource = new LinkedHashMap<>();
        resource.put("apiVersion", API_VERSION);
        resource.put("kind", "Release");
        resource.put("metadata", metadata);
        resource.put("status", status(release, Condition.of(release, before, now)));
        return resource;
    }

    /// The merge patch that makes of any Release the one that is `wanted`: what may be absent is taken out.
    public static Map<String, @Nullable Object> changed(Map<String, Object> wanted) {
        Map<String, @Nullable Object> status = new LinkedHashMap<>();
        status.put("stable", null);
        JsonObject.of(wanted.get("status")).fields().forEach((key, value) -> status.put(String.valueOf(key), value));
        Map<String, @Nullable Object> change = new LinkedHashMap<>(wanted);
        change.put("status", status);
        return change;
    }

    private static Map<String, Object> status(Release release, List<Condition> conditions) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("phase", release.phase().text());
        json.put("message", release.message());
        putIfPresent(json, "stable", release.stable());
        json.put("line", release.line());
        json.put("total", release.total());
        json.put("mode", release.mode().text());
        json.put("modeReason", release.modeReason());
        json.put("atRest", release.atRest());
        json.put("askedText", ReleaseColumns.asked(release));
        json.put("inForceText", ReleaseColumns.inForce(release));
        json.put("readyText", ReleaseColumns.ready(release));
        json.put("versions", release.versions().stream().map(Releases::json).toList());
        json.put("problems", release.problems());
        json.put("foreignPods", release.foreignPods());
        json.put("bypass", release.bypass().stream().map(Releases::json).toList());
        json.put("routes", release.routes().stream().map(Releases::json).toList());
        json.put("history", release.history().stream().map(Releases::json).toList());
        json.put("conditions", conditions.stream().map(Condition::json).toList());
        return json;
    }

    private static Map<String, Object> json(Release.VersionStatus version) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", version.name());
        json.put("deployment", version.deployment());
        json.put("uid", version.uid());
        json.put("asked", Weight.percent(version.asked()));
        json.put("inForce", Weight.percent(version.inForce()));
        json.put("effective", Weight.percent(version.effective()));
        json.put("ready", version.ready());
        json.put("replicas", version.replicas());
        json.put("need", version.need());
        json.put("waitsFor", version.waitsFor());
        putIfPresent(json, "waitsSince", version.waitsSince());
        json.put("degraded", version.degraded());
        Release.Withdrawal withdrawal = version.withdrawal();
        if (withdrawal != null) {
            Map<String, Object> taken = new LinkedHashMap<>();
            taken.put("had", Weight.percent(withdrawal.had()));
            taken.put("at", withdrawal.at().toString());
            putIfPresent(taken, "before", withdrawal.before());
            putIfPresent(taken, "heldFor", withdrawal.heldFor());
            json.put("withdrawal", taken);
        }
        putStanding(json, version.standing());
        return json;
    }

    private static void putStanding(Map<String, Object> json, Release.Standing standing) {
        Release.Begun begun = standing.begun();
        if (begun != null) {
            json.put(
                    "begun",
                    Map.of(
                            "by", begun.by(),
                            "at", begun.at().toString(),
                            "template", begun.templateHash(),
                            "weight", begun.weight()));
        }
        Release.Verdict verdict = standing.verdict();
        if (verdict != null) {
            json.put("verdict", Map.of("template", verdict.templateHash(), "metrics", verdict.metrics()));
        }
        Release.Limit limit = standing.limit();
        if (limit != null) {
            Map<String, Object> most = new LinkedHashMap<>();
            most.put("max", Weight.percent(limit.max()));
            most.put("policy", limit.policy());
            putIfPresent(most, "until", limit.until());
            json.put("weightLimit", most);
        }
        Release.Waiver waiver = standing.waiver();
        if (waiver != null) {
            json.put(
                    "override",
                    Map.of(
                            "by", waiver.by(),
                            "at", waiver.at().toString(),
                            "reason", waiver.reason(),
                            "wish", waiver.wish(),
                            "used", waiver.used()));
        }
    }

    private static Map<String, Object> json(Release.RouteStatus route) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", route.kind());
        json.put("name", route.name());
        json.put("parent", route.parent());
        json.put("controller", route.controller());
        json.put("accepted", route.accepted());
        json.put("resolvedRefs", route.resolvedRefs());
        json.put("generation", route.generation());
        json.put("current", route.current());
        json.put("reason", route.reason());
        return json;
    }

    private static Map<String, Object> json(Release.Bypass bypass) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("reason", bypass.reason().text());
        json.put("message", bypass.message());
        json.put("cure", bypass.cure());
        return json;
    }

    private static Map<String, Object> json(Release.Move move) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("at", move.at().toString());
        json.put("by", move.by());
        json.put("from", move.from());
        json.put("to", move.to());
        json.put("reason", move.reason());
        if (!move.policy().isEmpty()) {
            json.put("policy", move.policy());
        }
        return json;
    }

    private static void putIfPresent(Map<String, Object> json, String field, @Nullable Object value) {
        if (value != null) {
            json.put(field, value.toString());
        }
    }
}
