// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.view;

import io.canary.domain.app.Names;
import io.canary.domain.app.Release;
import io.canary.domain.app.Weight;
import io.canary.domain.policy.Freeze;
import io.canary.domain.policy.PolicyRule;
import io.canary.domain.policy.Times;
import io.canary.kubectl.policy.EffectiveLimit;
import io.canary.kubectl.policy.Explanation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What `policy explain` prints.
public final class ExplainView {
    private ExplainView() {}

    public static List<String> lines(Screen screen, Explanation explained) {
        List<String> lines = new ArrayList<>();
        lines.add("%s  %s  %s"
                .formatted(
                        explained.app(),
                        explained.namespace(),
                        explained.policies().isEmpty()
                                ? "no policy is about it"
                                : "policies " + String.join(", ", explained.policies())));
        explained
                .partly()
                .forEach((policy, objects) ->
                        lines.add(note("partly", policy + " is about " + String.join(", ", objects) + " only")));
        explained.freezes().forEach(each -> freeze(each, lines));
        explained
                .exemptions()
                .forEach(each -> lines.add(note(
                        "exempt",
                        "%s of %s until %s: %s (%s)"
                                .formatted(
                                        each.exemption().rules().stream()
                                                .sorted()
                                                .map(PolicyRule::text)
                                                .collect(Collectors.joining(", ")),
                                        each.policy(),
                                        Times.text(each.exemption().until()),
                                        each.exemption().reason(),
                                        each.exemption().name()))));
        limits(explained, lines);
        rights(explained, lines);
        versions(screen, explained, lines);
        return lines;
    }

    private static void freeze(Explanation.Frozen each, List<String> lines) {
        Freeze freeze = each.freeze();
        Instant next = freeze.next();
        if (freeze.active()) {
            lines.add(note(
                    "frozen",
                    each.policy() + ": " + freeze.text().replaceFirst("^frozen ", "")
                            + (freeze.holds() ? "; raises asked for before wait" : "; raises asked for before go on")));
        } else {
            lines.add(note(
                    "freeze",
                    each.policy() + ": not now" + (next == null ? "" : ", the next begins " + Times.text(next))));
        }
    }

    private static String note(String head, String text) {
        return "  %-9s %s".formatted(head + ":", Names.printable(text));
    }

    private static void limits(Explanation explained, List<String> lines) {
        Table table = new Table("RULE", "LIMIT", "SET BY", "ACTION");
        for (EffectiveLimit limit : explained.limits()) {
            table.add(limit.rule().text(), limit.value(), String.join(", ", limit.setBy()), limit.action());
        }
        add(table, lines);
    }

    private static void rights(Explanation explained, List<String> lines) {
        Table table = new Table("VERB", "NEEDED BY", "YOU");
        for (Explanation.Needed each : explained.rights()) {
            String can = each.verb().on(explained.namespace(), explained.app()).canI();
            table.add(
                    each.verb().text(),
                    String.join(", ", each.policies()),
                    each.allowed() == null ? "not known: " + can : each.allowed() ? "may" : "may not: " + can);
        }
        add(table, lines);
    }

    private static void versions(Screen screen, Explanation explained, List<String> lines) {
        Table table = new Table("VERSION", "AGE", "ASKED", "LIMIT", "MORE FROM", "PASSES NOW", "PROMOTION");
        List<String> notes = new ArrayList<>();
        for (Explanation.OfVersion v : explained.versions()) {
            Release.Begun begun = v.begun();
            Release.Limit limit = v.limit();
            Instant until = limit == null ? null : limit.until();
            List<String> promotion = v.promotion();
            table.add(
                    v.name(),
                    begun == null ? "" : screen.age(begun.at()),
                    v.stable() ? "stable" : Weight.percent(v.asked()) + "%",
                    v.stable() ? "" : limit == null ? "none" : Weight.percent(limit.max()) + "% by " + limit.policy(),
                    until == null ? "" : Times.text(until),
                    v.stable() ? "" : passes(v),
                    promotion == null ? "" : promotion.isEmpty() ? "passes" : "refused");
            v.why().forEach(why -> notes.add(note("refused", v.name() + " more weight: " + why)));
            if (promotion != null) {
                promotion.forEach(why -> notes.add(note("refused", v.name() + " promotion: " + why)));
            }
            Release.Waiver waiver = v.override();
            if (waiver != null) {
                notes.add(note(
                        "override",
                        "%s: %s ago by %s: %s"
                                .formatted(v.name(), screen.age(waiver.at()), waiver.by(), waiver.reason())));
            }
        }
        add(table, lines);
        lines.addAll(notes);
    }

    private static String passes(Explanation.OfVersion v) {
        return v.asked() == Weight.ALL
                ? "all"
                : v.passes().isPresent() ? "up to " + Weight.percent(v.passes().getAsInt()) + "%" : "no raise";
    }

    private static void add(Table table, List<String> lines) {
        if (!table.isEmpty()) {
            lines.add("");
            lines.addAll(table.lines());
        }
    }

    /// For programs: weights are percents.
    public static Map<String, Object> data(Explanation explained, List<String> unknown) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("apiVersion", "cli.canary.io/v1");
        tree.put("kind", "PolicyExplanation");
        tree.put("app", explained.app());
        tree.put("namespace", explained.namespace());
        tree.put("policies", explained.policies());
        tree.put("partly", explained.partly());
        tree.put("unknown", unknown);
        tree.put(
                "limits",
                explained.limits().stream()
                        .map(each -> ordered(
                                "rule", each.rule().text(),
                                "limit", each.value(),
                                "setBy", each.setBy(),
                                "action", each.action()))
                        .toList());
        tree.put("freezes", explained.freezes().stream().map(ExplainView::data).toList());
        tree.put(
                "exemptions",
                explained.exemptions().stream()
                        .map(each -> ordered(
                                "policy", each.policy(),
                                "name", each.exemption().name(),
                                "rules",
                                        each.exemption().rules().stream()
                                                .sorted()
                                                .map(PolicyRule::text)
                                                .toList(),
                                "until", each.exemption().until().toString(),
                                "reason", each.exemption().reason()))
                        .toList());
        tree.put(
                "rights",
                explained.rights().stream()
                        .map(each -> ordered(
                                "verb", each.verb().text(),
                                "neededBy", each.policies(),
                                "allowed", each.allowed()))
                        .toList());
        tree.put(
                "versions", explained.versions().stream().map(ExplainView::data).toList());
        return tree;
    }

    private static Map<String, @Nullable Object> data(Explanation.Frozen each) {
        Freeze freeze = each.freeze();
        return ordered(
                "policy", each.policy(),
                "active", freeze.active(),
                "window", freeze.window(),
                "until", text(freeze.until()),
                "next", text(freeze.next()),
                "holds", freeze.holds());
    }

    private static Map<String, @Nullable Object> data(Explanation.OfVersion v) {
        Release.Begun begun = v.begun();
        Release.Limit limit = v.limit();
        Release.Waiver waiver = v.override();
        return ordered(
                "name",
                v.name(),
                "exists",
                !v.name().equals(Explanation.NEW),
                "stable",
                v.stable(),
                "asked",
                v.asked() / 100.0,
                "begun",
                begun == null ? null : ordered("at", begun.at().toString(), "by", begun.by()),
                "limit",
                limit == null
                        ? null
                        : ordered(
                                "max", limit.max() / 100.0,
                                "policy", limit.policy(),
                                "until", text(limit.until())),
                "passesNow",
                v.passes().isPresent() ? v.passes().getAsInt() / 100.0 : null,
                "refusedBy",
                v.why(),
                "promotionRefusedBy",
                v.promotion(),
                "override",
                waiver == null
                        ? null
                        : ordered("by", waiver.by(), "at", waiver.at().toString(), "reason", waiver.reason()));
    }

    private static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }

    /// @param pairs names and values in turn
    private static Map<String, @Nullable Object> ordered(@Nullable Object... pairs) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            tree.put(String.valueOf(pairs[i]), pairs[i + 1]);
        }
        return tree;
    }
}
