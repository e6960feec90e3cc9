// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import java.util.Locale;

/// What section 10 of the design asks for, and what was found.
///
/// @param what was measured, as `admission added, p99 at 50/s`
/// @param found, most in `unit`; lower is better
record Bar(String what, double found, double most, String unit) {
    /// As `met: route visible, p50: 12.0 ms (bar 30 ms)`.
    @Override
    public String toString() {
        if (Double.isNaN(found)) {
            return "not measured: %s (bar %s)".formatted(what, amount(most));
        }
        String verdict = found <= most ? "met" : "missed by " + amount(found - most);
        return "%s: %s: %s (bar %s)".formatted(verdict, what, amount(found), amount(most));
    }

    private String amount(double value) {
        boolean whole = value == Math.rint(value);
        return String.format(Locale.ROOT, whole ? "%.0f %s" : "%.2f %s", value, unit)
                .strip();
    }
}
