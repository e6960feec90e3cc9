// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.DoubleStream;

/// A measured split beside the expected one.
public record Verification(Expectation expectation, Tally tally) {
    /// The half widths that are proposed, as fractions of 1.
    private static final double[] STEPS = {0.05, 0.02, 0.01, 0.005, 0.002, 0.001};

    // Shown are tenths of a point.
    private static final double SAME = 0.0005;

    /// One version.
    ///
    /// @param expected basis points
    /// @param count requests that it answered
    /// @param of requests that any version answered
    public record Row(String version, int expected, int count, int of) {
        /// As a fraction of 1; 0 where nothing was measured.
        public double measured() {
            return of == 0 ? 0 : (double) count / of;
        }

        /// At 95 %, which is shown.
        public Interval shown() {
            return Interval.of(count, of, Confidence.PERCENT_95);
        }

        /// At 99 %, by which it is judged.
        public Interval judged() {
            return Interval.of(count, of, Confidence.PERCENT_99);
        }

        public boolean inside() {
            return judged().holds(expected);
        }
    }

    /// How many requests would tell the shares within `halfWidth`, a fraction of 1, at 95 %.
    public record Tighter(double halfWidth, long requests) {}

    /// Every version with a share, expected or measured, by name.
    public List<Row> rows() {
        Set<String> versions = new TreeSet<>(tally.byVersion().keySet());
        expectation.shares().forEach((version, share) -> {
            if (share > 0) {
                versions.add(version);
            }
        });
        int told = tally.told();
        return versions.stream()
                .map(version -> new Row(version, expectation.of(version), tally.of(version), told))
                .toList();
    }

    /// Half of the widest interval at 95 %, as a fraction of 1: how well any share is known.
    public double halfWidth() {
        return rows().stream()
                .map(Row::shown)
                .mapToDouble(Interval::halfWidth)
                .max()
                .orElse(0.5);
    }

    /// What the next two steps below [#halfWidth] would take; empty where nothing was measured.
    public List<Tighter> tighter() {
        double now = halfWidth();
        double share = rows().stream()
                .max(Comparator.comparingDouble(row -> row.shown().halfWidth()))
                .map(Row::measured)
                .orElse(0.5);
        return tally.told() == 0
                ? List.of()
                : DoubleStream.of(STEPS)
                        .filter(step -> step < now - SAME)
                        .limit(2)
                        .mapToObj(step -> new Tighter(step, Interval.needed(share, step, Confidence.PERCENT_95)))
                        .toList();
    }

    public Verdict verdict() {
        List<Row> outside = rows().stream().filter(row -> !row.inside()).toList();
        if (!outside.isEmpty()) {
            return new Verdict.Outside(outside);
        }
        return tally.failed() + tally.unknown() > 0
                ? new Verdict.Incomplete(tally.failed(), tally.unknown())
                : new Verdict.Inside();
    }
}
