// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.json;

import io.canary.domain.app.Release;
import io.canary.domain.app.Weight;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads the status of a `releases.canary.io`, for all who follow one. Weights stand there in percent; fields that
/// are missing, as in one of another version, count as empty.
public final class ReleaseJson {
    private ReleaseJson() {}

    public static Release read(JsonObject status) {
        return new Release(
                Arrays.stream(Release.Phase.values())
                        .filter(phase -> phase.text().equals(status.text("phase")))
                        .findFirst()
                        .orElse(Release.Phase.PROGRESSING),
                status.text("message"),
                status.textOrNull("stable"),
                status.texts("line"),
                status.count("total", 0),
                Arrays.stream(Release.Mode.values())
                        .filter(mode -> mode.text().equals(status.text("mode")))
                        .findFirst()
                        .orElse(Release.Mode.UNDECIDED),
                status.text("modeReason"),
                status.flag("atRest"),
                status.objects("versions").stream().map(ReleaseJson::version).toList(),
                status.texts("problems"),
                status.count("foreignPods", 0),
                status.objects("bypass").stream().map(ReleaseJson::bypass).toList(),
                status.objects("routes").stream().map(ReleaseJson::route).toList(),
                status.objects("history").stream().map(ReleaseJson::move).toList());
    }

    private static Release.VersionStatus version(JsonObject json) {
        return new Release.VersionStatus(
                json.text("name"),
                json.text("deployment"),
                json.text("uid"),
                share(json, "asked"),
                share(json, "inForce"),
                share(json, "effective"),
                json.count("ready", 0),
                json.count("replicas", 0),
                json.count("need", 0),
                json.text("waitsFor"),
                json.instant("waitsSince"),
                json.flag("degraded"),
                withdrawal(json.object("withdrawal")),
                standing(json));
    }

    private static Release.Standing standing(JsonObject json) {
        JsonObject begun = json.object("begun");
        JsonObject verdict = json.object("verdict");
        JsonObject limit = json.object("weightLimit");
        JsonObject waiver = json.object("override");
        Instant began = begun.instant("at");
        Instant waived = waiver.instant("at");
        return new Release.Standing(
                began == null
                        ? null
                        : new Release.Begun(begun.text("by"), began, begun.text("template"), begun.text("weight")),
                verdict.has("template")
                        ? new Release.Verdict(verdict.text("template"), verdict.texts("metrics"))
                        : null,
                limit.has("max")
                        ? new Release.Limit(share(limit, "max"), limit.text("policy"), limit.instant("until"))
                        : null,
                waived == null
                        ? null
                        : new Release.Waiver(
                                waiver.text("by"),
                                waived,
                                waiver.text("reason"),
                                waiver.text("wish"),
                                waiver.texts("used")));
    }

    private static int share(JsonObject json, String field) {
        return Weight.parse(json.text(field)).map(Weight::basisPoints).orElse(0);
    }

    private static Release.@Nullable Withdrawal withdrawal(JsonObject json) {
        Instant at = json.instant("at");
        return at == null
                ? null
                : new Release.Withdrawal(share(json, "had"), at, json.instant("before"), json.textOrNull("heldFor"));
    }

    private static Release.Bypass bypass(JsonObject json) {
        return new Release.Bypass(
                Arrays.stream(Release.Bypass.Reason.values())
                        .filter(reason -> reason.text().equals(json.text("reason")))
                        .findFirst()
                        .orElse(Release.Bypass.Reason.ELSEWHERE),
                json.text("message"),
                json.text("cure"));
    }

    private static Release.RouteStatus route(JsonObject json) {
        return new Release.RouteStatus(
                json.text("kind"),
                json.text("name"),
                json.text("parent"),
                json.text("controller"),
                json.flag("accepted"),
                json.flag("resolvedRefs"),
                json.number("generation"),
                json.flag("current"),
                json.text("reason"));
    }

    private static Release.Move move(JsonObject json) {
        Instant at = json.instant("at");
        return new Release.Move(
                at == null ? Instant.EPOCH : at,
                json.text("by"),
                json.text("from"),
                json.text("to"),
                json.text("reason"),
                json.text("policy"));
    }
}
