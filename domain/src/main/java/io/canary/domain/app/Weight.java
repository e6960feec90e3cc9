// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.util.Optional;
import java.util.regex.Pattern;

/// A share of traffic in basis points: 10000 is everything (design section 1).
public record Weight(int basisPoints) implements Comparable<Weight> {
    public static final int ALL = 10_000;
    public static final Weight ZERO = new Weight(0);

    // The grammar stands in admission.md section 2: ASCII digits only, no sign, no leading zero.
    private static final Pattern GRAMMAR = Pattern.compile("100(\\.0{1,2})?|(0|[1-9][0-9]?)(\\.[0-9]{1,2})?");

    public Weight {
        if (basisPoints < 0 || basisPoints > ALL) {
            throw new IllegalArgumentException("basis points 0..10000, not " + basisPoints);
        }
    }

    /// Reads a percentage with at most two decimals; empty for anything else, also for other scripts' digits.
    public static Optional<Weight> parse(String text) {
        if (!GRAMMAR.matcher(text).matches()) {
            return Optional.empty();
        }
        int dot = text.indexOf('.');
        if (dot < 0) {
            return Optional.of(new Weight(Integer.parseInt(text) * 100));
        }
        String decimals = (text.substring(dot + 1) + "0").substring(0, 2);
        return Optional.of(new Weight(Integer.parseInt(text.substring(0, dot)) * 100 + Integer.parseInt(decimals)));
    }

    /// As percent without trailing zeros: `10`, `0.5`, `12.25`.
    public static String percent(int basisPoints) {
        int whole = basisPoints / 100;
        int rest = basisPoints % 100;
        if (rest == 0) {
            return Integer.toString(whole);
        }
        return rest % 10 == 0 ? whole + "." + rest / 10 : whole + "." + (rest < 10 ? "0" : "") + rest;
    }

    @Override
    public int compareTo(Weight other) {
        return Integer.compare(basisPoints, other.basisPoints);
    }

    @Override
    public String toString() {
        return percent(basisPoints);
    }
}
