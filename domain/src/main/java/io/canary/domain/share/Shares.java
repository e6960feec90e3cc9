// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.share;

import io.canary.domain.app.Weight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// How an app's traffic is divided: basis points by version, that sum to 10000 or to nothing. Versions with a
/// share of 0 are left out, so equal divisions are equal records.
///
/// @param basisPoints by version name, in the names' order
public record Shares(Map<String, Integer> basisPoints) {
    public static final Shares NONE = new Shares(Map.of());

    public Shares {
        TreeMap<String, Integer> sorted = new TreeMap<>(basisPoints);
        sorted.values().removeIf(share -> share == 0);
        int sum = sorted.values().stream().mapToInt(Integer::intValue).sum();
        boolean negative = sorted.values().stream().anyMatch(share -> share < 0);
        if (negative || (sum != 0 && sum != Weight.ALL)) {
            throw new IllegalArgumentException("shares sum to " + sum + ": " + sorted);
        }
        basisPoints = java.util.Collections.unmodifiableMap(sorted);
    }

    /// Everything to one version.
    public static Shares all(String version) {
        return new Shares(Map.of(version, Weight.ALL));
    }

    /// The share of `version`, 0 where it has none.
    public int of(String version) {
        return basisPoints.getOrDefault(version, 0);
    }

    public boolean isNone() {
        return basisPoints.isEmpty();
    }

    /// The versions with a share.
    public Set<String> versions() {
        return basisPoints.keySet();
    }

    /// `parts` scaled to 10000 by largest remainders; none where they sum to 0. In whole percents where that leaves
    /// nobody without a share. Ties go to the later in `favoured`.
    ///
    /// @param parts weights or counts by version, not negative
    /// @param favoured versions, those listed first get a tied remainder
    public static Shares proportional(Map<String, Integer> parts, List<String> favoured) {
        long sum = parts.values().stream().mapToLong(Integer::longValue).sum();
        if (sum == 0) {
            return NONE;
        }
        Map<String, Integer> percents = scaled(parts, sum, 100, favoured);
        boolean lost =
                parts.entrySet().stream().anyMatch(e -> e.getValue() > 0 && percents.getOrDefault(e.getKey(), 0) == 0);
        if (lost) {
            return new Shares(scaled(parts, sum, Weight.ALL, favoured));
        }
        percents.replaceAll((_, percent) -> percent * 100);
        return new Shares(percents);
    }

    /// Weights as a route carries them, scaled to 10000 exactly where they sum to 100 or 10000.
    public static Shares ofWeights(Map<String, Integer> weights, List<String> favoured) {
        long sum = weights.values().stream().mapToLong(Integer::longValue).sum();
        return sum == 0 ? NONE : new Shares(scaled(weights, sum, Weight.ALL, favoured));
    }

    /// `amount` divided in proportion to `parts` by largest remainders.
    static Map<String, Integer> scaled(Map<String, Integer> parts, long sum, int amount, List<String> favoured) {
        Map<String, Integer> out = new TreeMap<>();
        Map<String, Long> remainders = new TreeMap<>();
        int given = 0;
        for (Map.Entry<String, Integer> e : parts.entrySet()) {
            long product = (long) e.getValue() * amount;
            out.put(e.getKey(), (int) (product / sum));
            remainders.put(e.getKey(), product % sum);
            given += (int) (product / sum);
        }
        List<String> order = new ArrayList<>(remainders.keySet());
        order.sort(Comparator.comparingLong((String v) -> -remainders.getOrDefault(v, 0L))
                .thenComparingInt(v -> {
                    int at = favoured.indexOf(v);
                    return at < 0 ? favoured.size() : at;
                }));
        for (int i = 0; given < amount; i++, given++) {
            out.merge(order.get(i), 1, Integer::sum);
        }
        return out;
    }

    /// Whether every share is a whole percent: then routes carry percents, else basis points (design section 7).
    public boolean wholePercents() {
        return basisPoints.values().stream().allMatch(share -> share % 100 == 0);
    }

    /// The versions of this division and of `other`.
    public Set<String> union(Shares other) {
        Set<String> all = new TreeSet<>(versions());
        all.addAll(other.versions());
        return all;
    }

    /// `v1 90, v2 10`.
    public String text() {
        return isNone()
                ? "nothing"
                : basisPoints.entrySet().stream()
                        .map(e -> e.getKey() + " " + Weight.percent(e.getValue()))
                        .collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return text();
    }
}
