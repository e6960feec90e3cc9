// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

/// How often an interval holds the true share: the rest of the times it does not.
public enum Confidence {
    /// What is shown.
    PERCENT_95(95, 1.959963984540054),
    /// What a verdict is made by: of a hundred right splits it calls about one wrong, where 95 % would call five.
    PERCENT_99(99, 2.5758293035489004);

    private final int percent;
    private final double quantile;

    Confidence(int percent, double quantile) {
        this.percent = percent;
        this.quantile = quantile;
    }

    public int percent() {
        return percent;
    }

    /// The two-sided quantile of the standard normal distribution.
    double quantile() {
        return quantile;
    }
}
