// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.policy.Finding;
import io.canary.domain.policy.Finding.Outcome;
import io.canary.domain.policy.Right;
import io.canary.domain.policy.Ruling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What policies and rights say of a change.
///
/// @param change null where nothing is to be said
/// @param unknown what could not be asked about the requester: nothing else is judged then
/// @param missing rights that the requester lacks for what Canary would do
/// @param unmay the right to write the override that the change brings, where the requester lacks it; else null
/// @param override the reason that the change brings; empty for none
public record Ruled(
        @Nullable Change change,
        String app,
        Ruling ruling,
        List<Right> unknown,
        List<Right> missing,
        @Nullable Right unmay,
        String override) {
    /// Where neither policies nor rights are asked.
    public static final Ruled NONE = new Ruled(null, "", Ruling.NONE, List.of(), List.of(), null, "");

    /// Where the API server did not say what the requester may do.
    static Ruled unknown(Change change, String app, List<Right> unknown) {
        return new Ruled(change, app, Ruling.NONE, unknown, List.of(), null, "");
    }

    /// The same, but for some rights that it said they lack.
    static Ruled missing(Change change, String app, List<Right> missing) {
        return new Ruled(change, app, Ruling.NONE, List.of(), missing, null, "");
    }

    public Ruled {
        unknown = List.copyOf(unknown);
        missing = List.copyOf(missing);
    }

    /// Why it is refused: rights that are unknown, or missing rights first, then every rule that is broken.
    List<Refusal> refusals() {
        List<Refusal> refusals = new ArrayList<>();
        Change asked = change;
        if (asked == null) {
            return refusals;
        }
        if (!unknown.isEmpty()) {
            refusals.add(new Refusal(
                    Refusal.Rule.RIGHTS_UNKNOWN,
                    new Problem(
                            "user " + Names.quoted(asked.user().name()),
                            "Canary could not ask the API server whether they may "
                                    + unknown.getFirst().text() + " in namespace " + asked.namespace(),
                            "try again; going back, abort and pause need no such right")));
        }
        if (!missing.isEmpty()) {
            refusals.add(new Refusal(
                    Refusal.Rule.RIGHTS,
                    new Problem(
                            "user " + Names.quoted(asked.user().name()),
                            "may not do what Canary would do for this change in namespace " + asked.namespace() + ": "
                                    + missing.stream().map(Right::text).collect(Collectors.joining(", ")),
                            missing.getFirst().canI() + "; going back, abort and pause need no such right")));
        }
        if (unmay != null) {
            refusals.add(new Refusal(
                    Refusal.Rule.RIGHTS,
                    Problem.of(
                            CanaryKey.OVERRIDE,
                            "user " + Names.quoted(asked.user().name()) + " may not override " + unmay.name()
                                    + " (verb override on releases.canary.io)",
                            unmay.canI())));
        }
        List<Finding> denied = ruling.of(Outcome.DENIED).toList();
        for (int i = 0; i < denied.size(); i++) {
            Finding finding = denied.get(i);
            boolean last = i == denied.size() - 1;
            String passes = ruling.passes().isEmpty() ? "" : "; " + ruling.passes();
            refusals.add(new Refusal(
                    Refusal.Rule.POLICY,
                    new Problem(
                            finding.title(), finding.value() + (last ? passes + ". See: " + explain(asked) : ""), "")));
        }
        if (!denied.isEmpty() && !override.isEmpty() && unmay == null) {
            refusals.add(new Refusal(
                    Refusal.Rule.POLICY,
                    Problem.of(
                            CanaryKey.OVERRIDE,
                            "does not help: it needs breakGlass: Allowed in each of these policies",
                            "ask who owns them")));
        }
        return refusals;
    }

    private String explain(Change asked) {
        return "kubectl canary policy explain " + (app.isEmpty() ? "APP" : app) + " -n " + asked.namespace();
    }

    /// One line for each rule that only warns, and for each that was overridden; at most 120 characters, hint last.
    List<String> warnings() {
        String hint = ". kubectl canary policy explain " + app;
        return ruling.findings().stream()
                .filter(finding -> finding.outcome() == Outcome.WARNED || finding.outcome() == Outcome.OVERRIDDEN)
                .map(finding -> {
                    String text = finding.title() + ": " + finding.value()
                            + (finding.outcome() == Outcome.OVERRIDDEN ? " (overridden)" : "");
                    return text.length() + hint.length() <= Warnings.LONGEST ? text + hint : text;
                })
                .toList();
    }

    /// For the API server's audit log: which rules were broken, by what was done, and the reason of an override.
    public Map<String, String> audit() {
        Map<String, String> audit = new LinkedHashMap<>();
        Stream.of(Outcome.values()).forEach(outcome -> {
            String rules = ruling.of(outcome).map(Finding::id).distinct().collect(Collectors.joining(","));
            if (!rules.isEmpty()) {
                audit.put("policy-" + outcome.name().toLowerCase(java.util.Locale.ROOT), rules);
            }
        });
        if (ruling.of(Outcome.OVERRIDDEN).findAny().isPresent()) {
            audit.put("override-reason", Names.shown(override));
        }
        return audit;
    }
}
