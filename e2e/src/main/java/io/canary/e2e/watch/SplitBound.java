// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.util.HashMap;
import java.util.Map;

/// The fewest replicas that a share may have by Sainte-Laguë, ties lost.
final class SplitBound {
    private SplitBound() {}

    /// @param shares by name; those of 0 get nothing, the others at least 1
    /// @param total raised to the number of shares above 0
    static int least(Map<String, Integer> shares, String name, int total) {
        if (shares.getOrDefault(name, 0) <= 0) {
            return 0;
        }
        Map<String, Integer> parts = new HashMap<>();
        shares.forEach((n, share) -> {
            if (share > 0) {
                parts.put(n, 1);
            }
        });
        for (int left = total - parts.size(); left > 0; left--) {
            String next = name;
            for (String other : parts.keySet()) {
                long others = (long) shares.get(other) * (2L * parts.get(next) + 1);
                long best = (long) shares.get(next) * (2L * parts.get(other) + 1);
                if (others > best || (others == best && next.equals(name))) {
                    next = other;
                }
            }
            parts.merge(next, 1, Integer::sum);
        }
        return parts.get(name);
    }
}
