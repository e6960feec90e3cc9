// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The fewest replicas that a share may have by Sainte-Laguë, ties lost.
final class SplitBound {
    private SplitBound() {}

    /// What is left at least to the share `name`.
    ///
    /// @param shares by name; those of 0 get nothing, the others at least 1
    /// @param total raised to the number of shares above 0
    static int least(Map<String, Integer> shares, String name, int total) {
        int share = shares.getOrDefault(name, 0);
        if (share <= 0) {
            return 0;
        }
        Part its = new Part(share);
        List<Part> others = new ArrayList<>();
        shares.forEach((other, value) -> {
            if (value > 0 && !other.equals(name)) {
                others.add(new Part(value));
            }
        });
        for (int left = total - others.size() - 1; left > 0; left--) {
            Part next = its;
            for (Part other : others) {
                if (other.goesBefore(next, next == its)) {
                    next = other;
                }
            }
            next.replicas++;
        }
        return its.replicas;
    }

    private static final class Part {
        private final int share;
        private int replicas = 1;

        Part(int share) {
            this.share = share;
        }

        /// Whether the next replica is rather this one's: the greater quotient share / (2 × replicas + 1).
        boolean goesBefore(Part other, boolean winsTies) {
            long mine = (long) share * (2L * other.replicas + 1);
            long others = (long) other.share * (2L * replicas + 1);
            return winsTies ? mine >= others : mine > others;
        }
    }
}
