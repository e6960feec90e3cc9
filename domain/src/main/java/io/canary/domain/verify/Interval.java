// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

import io.canary.domain.app.Weight;

/// Where the true share lies that a count came from, by Wilson's score interval: it stays within 0 and 1, and holds its
/// promise for small shares and counts too, where the textbook's `p ± z·√(p(1-p)/n)` does not.
///
/// @param low, high fractions of 1
public record Interval(double low, double high) {
    // A share that lies on the border by arithmetic lies inside.
    private static final double ROUNDING = 1e-12;

    /// @param hits how many of `of` requests a version answered; `of` 0 says nothing: the interval is 0 to 1
    public static Interval of(long hits, long of, Confidence confidence) {
        if (hits < 0 || hits > of) {
            throw new IllegalArgumentException(hits + " of " + of);
        }
        if (of == 0) {
            return new Interval(0, 1);
        }
        double z = confidence.quantile();
        double share = (double) hits / of;
        double centre = (share + z * z / (2.0 * of)) / (1 + z * z / of);
        double half = halfWidth(share, (double) of, z);
        return new Interval(hits == 0 ? 0 : centre - half, hits == of ? 1 : centre + half);
    }

    /// Half of the interval's width for `share` measured by `of` requests.
    private static double halfWidth(double share, double of, double z) {
        return z / (of + z * z) * Math.sqrt(of * share * (1 - share) + z * z / 4);
    }

    public double halfWidth() {
        return (high - low) / 2;
    }

    /// Whether a share of `basisPoints` lies inside.
    public boolean holds(int basisPoints) {
        double share = (double) basisPoints / Weight.ALL;
        return low - ROUNDING <= share && share <= high + ROUNDING;
    }

    /// The least number of requests by which `share` is known within `halfWidth`, were it measured again.
    ///
    /// @param share, halfWidth fractions of 1; `halfWidth` above 0
    public static long needed(double share, double halfWidth, Confidence confidence) {
        double z = confidence.quantile();
        long high = 1;
        while (halfWidth(share, (double) high, z) > halfWidth) {
            high *= 2; // the width falls with every request
        }
        long low = high / 2;
        while (high - low > 1) {
            long middle = (low + high) / 2;
            if (halfWidth(share, (double) middle, z) > halfWidth) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /// The least number of requests of which a version with a share of `basisPoints`, above 0, must answer one.
    public static long rulingOut(int basisPoints, Confidence confidence) {
        double z = confidence.quantile();
        double share = (double) basisPoints / Weight.ALL;
        return (long) Math.floor(z * z * (1 - share) / share) + 1;
    }
}
