// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Prints tables as they are measured, and all bars once more at the end.
final class Report {
    private static final String TIMES = "  %-52s %6s %9s %9s %9s %9s %9s%n";
    private static final int CELL = 10;
    private static final List<Double> SHARES = List.of(0.0, 0.5, 0.95, 0.99, 1.0);

    private final PrintStream out;
    private final List<Bar> bars = new ArrayList<>();
    private final long began = System.nanoTime();

    Report(PrintStream out) {
        this.out = out;
    }

    /// Says what is done now, so that nobody wonders.
    void progress(String what) {
        out.printf(Locale.ROOT, "%5.0f s  %s …%n", (System.nanoTime() - began) / 1e9, what);
    }

    void title(String title) {
        out.printf("%n%s%n%s%n", title, "-".repeat(title.length()));
    }

    void line(String text) {
        out.println("  " + text);
    }

    /// A line of a table of another form: a label, then cells to the right.
    void cells(int labelWidth, String label, Object... cells) {
        StringBuilder line =
                new StringBuilder("  ").append(label).repeat(' ', Math.max(0, labelWidth - label.length()));
        for (Object cell : cells) {
            String text = cell.toString();
            line.repeat(' ', Math.max(1, CELL - text.length())).append(text);
        }
        out.println(line);
    }

    /// The head of a table of times, in milliseconds.
    void timesHead(String what) {
        out.printf(TIMES, what, "n", "min ms", "p50", "p95", "p99", "max");
    }

    void times(String label, Samples samples) {
        row(
                label,
                Integer.toString(samples.count()),
                SHARES.stream().map(samples::millis).toList(),
                "%.2f");
    }

    /// What `with` has more than `without`, quantile by quantile.
    void added(String label, Samples with, Samples without) {
        row(
                label,
                "",
                SHARES.stream()
                        .map(share -> with.millis(share) - without.millis(share))
                        .toList(),
                "%+.2f");
    }

    private void row(String label, String count, List<Double> values, String format) {
        Object[] cells = new Object[2 + values.size()];
        cells[0] = label;
        cells[1] = count;
        for (int i = 0; i < values.size(); i++) {
            double value = values.get(i);
            cells[2 + i] = Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
        }
        out.printf(TIMES, cells);
    }

    void bar(String what, double found, double most, String unit) {
        Bar bar = new Bar(what, found, most, unit);
        bars.add(bar);
        line("=> " + bar);
    }

    void summary() {
        title("All bars");
        bars.forEach(bar -> line(bar.toString()));
        progress("end");
    }
}
