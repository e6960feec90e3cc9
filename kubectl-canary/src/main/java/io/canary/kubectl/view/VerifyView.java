// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.view;

import io.canary.domain.app.Names;
import io.canary.domain.app.Weight;
import io.canary.domain.verify.Confidence;
import io.canary.domain.verify.Expectation.Basis;
import io.canary.domain.verify.Interval;
import io.canary.domain.verify.Tally;
import io.canary.domain.verify.Verification;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// A measured split as a table, as one line, and as data.
public final class VerifyView {
    private VerifyView() {}

    /// What a measurement was made of.
    ///
    /// @param url where the requests went
    /// @param host the `Host` header
    /// @param by where answers name their version
    /// @param wanted how many requests were asked for
    public record Setting(String app, String namespace, String url, String host, String by, int wanted) {}

    /// A row for each version, then what failed, then how well it is known.
    ///
    /// @param judged whether there is a verdict
    public static List<String> lines(Setting setting, Verification verification, boolean judged) {
        Table table = new Table(
                "VERSION",
                expected(verification.expectation().basis()),
                "MEASURED",
                "95% INTERVAL",
                "REQUESTS",
                "VERDICT");
        for (Verification.Row row : verification.rows()) {
            table.add(
                    row.version(),
                    Weight.percent(row.expected()) + "%",
                    row.of() == 0 ? "" : tenths(row.measured()) + "%",
                    range(row.shown()),
                    Integer.toString(row.count()),
                    row.of() == 0 || !judged ? "" : row.inside() ? "inside" : "outside");
        }
        List<String> lines = new ArrayList<>(List.of("%s  %s  %s as %s"
                .formatted(setting.app(), setting.namespace(), setting.url(), Names.printable(setting.host()))));
        lines.addAll(table.lines());
        Tally tally = verification.tally();
        verification.rows().stream()
                .filter(row -> row.count() == 0 && row.of() > 0 && row.inside())
                .forEach(row -> lines.add("%s answered none, which %d requests would rule out at %s%%"
                        .formatted(
                                row.version(),
                                Interval.rulingOut(row.expected(), Confidence.PERCENT_99),
                                Weight.percent(row.expected()))));
        if (tally.failed() > 0) {
            lines.add("failed: %d of %d (%s)".formatted(tally.failed(), tally.sent(), failures(tally)));
        }
        if (tally.unknown() > 0) {
            lines.add("told no version: %d of %d, by %s"
                    .formatted(tally.unknown(), tally.sent(), Names.printable(setting.by())));
        }
        if (tally.told() > 0) {
            lines.add(accuracy(verification));
        }
        return lines;
    }

    private static String expected(Basis basis) {
        return switch (basis) {
            case Basis.InForce() -> "IN FORCE";
            case Basis.ByPods() -> "BY PODS";
            case Basis.User _, Basis.Domain _ -> "EXPECTED";
        };
    }

    /// `±1.9 points; 3455 requests would give ±1.0, 13826 ±0.5`.
    private static String accuracy(Verification verification) {
        List<Verification.Tighter> tighter = verification.tighter();
        String now = "\u00b1" + points(verification.halfWidth()) + " points";
        if (tighter.isEmpty()) {
            return now;
        }
        Verification.Tighter first = tighter.getFirst();
        return "%s; %d requests would give \u00b1%s".formatted(now, first.requests(), tenths(first.halfWidth()))
                + tighter.stream()
                        .skip(1)
                        .map(more -> ", %d \u00b1%s".formatted(more.requests(), tenths(more.halfWidth())))
                        .collect(Collectors.joining());
    }

    /// Rounded up, so that it does not promise too much.
    private static String points(double fraction) {
        return tenths(Math.ceil(fraction * 1000) / 1000);
    }

    private static String failures(Tally tally) {
        return tally.failures().entrySet().stream()
                .map(each -> Names.printable(each.getKey()) + ": " + each.getValue())
                .collect(Collectors.joining(", "));
    }

    /// One line while it goes on: `order: 312 of 1000  v1 281, v2 31`.
    public static String progress(Setting setting, Tally tally) {
        String versions = tally.byVersion().entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(Collectors.joining(", "));
        String failed = tally.failed() == 0 ? "" : ", failed " + tally.failed();
        return "%s: %d of %d  %s%s".formatted(setting.app(), tally.sent(), setting.wanted(), versions, failed);
    }

    /// Why a version is judged outside, as a sentence.
    public static String outside(Verification.Row row, Basis basis) {
        String is = switch (basis) {
            case Basis.InForce() -> "in force";
            case Basis.ByPods() -> "its share of ready pods";
            case Basis.User(String _, var term) -> "expected of " + Names.printable(term.text());
            case Basis.Domain(String _, String host) -> "expected of " + Names.printable(host);
        };
        return "%s: %s%% is %s, and %s%% was measured (99%% interval %s)"
                .formatted(
                        row.version(), Weight.percent(row.expected()), is, tenths(row.measured()), range(row.judged()));
    }

    private static String range(Interval interval) {
        return "%s..%s%%".formatted(tenths(interval.low()), tenths(interval.high()));
    }

    /// A fraction as percent with one decimal.
    private static String tenths(double fraction) {
        return String.format(Locale.ROOT, "%.1f", fraction * 100);
    }

    /// For programs. Shares, intervals and widths are percents; `requests` are counts.
    ///
    /// @param verdict `inside`, `outside`, `incomplete`, `changed` or `interrupted`
    public static Map<String, Object> data(Setting setting, Verification verification, String verdict) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("apiVersion", "cli.canary.io/v1");
        tree.put("kind", "Verification");
        tree.put("app", setting.app());
        tree.put("namespace", setting.namespace());
        tree.put("url", setting.url());
        tree.put("host", setting.host());
        tree.put("by", setting.by());
        tree.put("basis", verification.expectation().basis().text());
        tree.put("verdict", verdict);
        Tally tally = verification.tally();
        Map<String, Object> requests = new LinkedHashMap<>();
        requests.put("wanted", setting.wanted());
        requests.put("sent", tally.sent());
        requests.put("told", tally.told());
        requests.put("unknown", tally.unknown());
        requests.put("failed", tally.failed());
        tree.put("requests", requests);
        tree.put("versions", verification.rows().stream().map(VerifyView::row).toList());
        tree.put(
                "failures",
                tally.failures().entrySet().stream()
                        .map(each -> ordered("kind", each.getKey(), "requests", each.getValue()))
                        .toList());
        tree.put("halfWidth", percent(verification.halfWidth()));
        tree.put(
                "tighter",
                verification.tighter().stream()
                        .map(each -> ordered("halfWidth", percent(each.halfWidth()), "requests", each.requests()))
                        .toList());
        tree.put("notes", verification.expectation().notes());
        return tree;
    }

    private static Map<String, Object> row(Verification.Row row) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", row.version());
        tree.put("expected", row.expected() / 100.0);
        tree.put("measured", percent(row.measured()));
        tree.put("requests", row.count());
        tree.put("interval95", interval(row.shown()));
        tree.put("interval99", interval(row.judged()));
        tree.put("inside", row.inside());
        return tree;
    }

    private static Map<String, Object> interval(Interval interval) {
        return ordered("low", percent(interval.low()), "high", percent(interval.high()));
    }

    private static Map<String, Object> ordered(String first, Object one, String second, Object other) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put(first, one);
        tree.put(second, other);
        return tree;
    }

    /// With two decimals.
    private static double percent(double fraction) {
        return Math.round(fraction * 10_000) / 100.0;
    }
}
