// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.view;

import io.canary.domain.app.Names;
import io.canary.kubectl.policy.Judgement;
import io.canary.kubectl.policy.TestCase;
import io.canary.kubectl.policy.TestRun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What came of `policy test`, as a table and as data.
public final class PolicyTestView {
    private PolicyTestView() {}

    /// A row for each rule that is broken, and for each object that breaks none; then the cases.
    public static List<String> lines(TestRun.Judged run) {
        List<String> lines = new ArrayList<>();
        if (!run.objects().isEmpty()) {
            lines.addAll(objects(run.objects()));
        }
        if (!run.cases().isEmpty()) {
            if (!lines.isEmpty()) {
                lines.add("");
            }
            Table table = new Table("CASE", "RESULT", "WHY");
            for (TestCase.Outcome each : run.cases()) {
                if (each.differences().isEmpty()) {
                    table.add(each.name(), "as expected", broken(each.judgements()));
                }
                each.differences().forEach(why -> table.add(each.name(), "differs", why));
            }
            lines.addAll(table.lines());
        }
        return lines;
    }

    private static List<String> objects(List<Judgement> objects) {
        Table table = new Table("OBJECT", "CHANGE", "RESULT", "POLICY", "RULE", "VALUE");
        List<String> passes = new ArrayList<>();
        for (Judgement each : objects) {
            String change = change(each);
            for (Judgement.Row row : each.rows()) {
                table.add(each.object().text(), change, row.result().text(), row.policy(), row.rule(), row.value());
            }
            if (each.rows().isEmpty()) {
                String why = each.moves() ? "" : "nothing that policies are asked about";
                table.add(each.object().text(), change, Judgement.Result.PASS.text(), "", "", why);
            }
            if (!each.ruling().passes().isEmpty()) {
                passes.add(each.object().text() + ": " + each.ruling().passes());
            }
        }
        List<String> lines = new ArrayList<>(table.lines());
        if (!passes.isEmpty()) {
            lines.add("");
            lines.addAll(passes);
        }
        return lines;
    }

    private static String broken(List<Judgement> judgements) {
        return String.join(
                ", ",
                judgements.stream()
                        .flatMap(each -> each.rows().stream())
                        .map(Judgement.Row::text)
                        .distinct()
                        .toList());
    }

    private static String change(Judgement each) {
        return each.creates() ? "create" : "update";
    }

    /// One line that sums up: `1 of 3 objects denied; policies prod, as alice at 2026-12-24T10:00:00Z`.
    public static String summary(TestRun.Judged run) {
        List<String> parts = new ArrayList<>();
        if (!run.objects().isEmpty()) {
            parts.add("%d of %d objects denied"
                    .formatted(
                            run.objects().stream().filter(Judgement::denied).count(),
                            run.objects().size()));
        }
        if (!run.cases().isEmpty()) {
            parts.add("%d of %d cases differ"
                    .formatted(
                            run.cases().stream()
                                    .filter(each -> !each.differences().isEmpty())
                                    .count(),
                            run.cases().size()));
        }
        if (parts.isEmpty()) {
            parts.add("nothing to judge");
        }
        return "%s; policies %s, as %s at %s"
                .formatted(
                        String.join("; ", parts),
                        String.join(", ", run.policies()),
                        Names.shown(run.question().user()),
                        run.question().at());
    }

    /// For programs.
    public static Map<String, Object> data(TestRun.Judged run) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("apiVersion", "cli.canary.io/v1");
        tree.put("kind", "PolicyTestResult");
        tree.put("passes", run.passes());
        tree.put("user", run.question().user());
        tree.put("at", run.question().at().toString());
        tree.put("policies", run.policies());
        tree.put("objects", run.objects().stream().map(PolicyTestView::data).toList());
        tree.put("cases", run.cases().stream().map(PolicyTestView::data).toList());
        tree.put("ignored", run.ignored());
        return tree;
    }

    private static Map<String, Object> data(TestCase.Outcome outcome) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", outcome.name());
        tree.put("asExpected", outcome.differences().isEmpty());
        tree.put("differences", outcome.differences());
        tree.put(
                "objects",
                outcome.judgements().stream().map(PolicyTestView::data).toList());
        return tree;
    }

    private static Map<String, Object> data(Judgement judgement) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("namespace", judgement.object().namespace());
        tree.put("kind", judgement.object().kind());
        tree.put("name", judgement.object().name());
        tree.put("change", change(judgement));
        tree.put("result", judgement.result().text());
        tree.put("passes", judgement.ruling().passes());
        tree.put(
                "findings",
                judgement.rows().stream()
                        .map(row -> {
                            Map<String, Object> each = new LinkedHashMap<>();
                            each.put("policy", row.policy());
                            each.put("rule", row.rule());
                            each.put("result", row.result().text());
                            each.put("value", row.value());
                            return each;
                        })
                        .toList());
        return tree;
    }
}
