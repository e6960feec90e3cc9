// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.share;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/// Splits the replicas of an app among its versions by Sainte-Laguë (Webster), design section 4.
public final class ReplicaSplit {
    private ReplicaSplit() {}

    /// The pods of each version: parts of `total`, at least 1 for each share above 0, 0 for a share of 0. A total
    /// smaller than the number of versions with a share is raised to it. Ties go to the newer version. A total of 0
    /// with nobody asking gives 0 everywhere.
    ///
    /// @param shares basis points by version
    /// @param newestFirst the versions, the newest first; one that is missing here counts as oldest
    public static Map<String, Integer> of(int total, Map<String, Integer> shares, List<String> newestFirst) {
        Map<String, Integer> parts = new LinkedHashMap<>();
        long active = shares.values().stream().filter(share -> share > 0).count();
        long sum = Math.max(
                1, shares.values().stream().mapToLong(Integer::longValue).sum());
        long certain = Math.max(0, total - 2 * active);
        PriorityQueue<Claim> claims = new PriorityQueue<>(Claim.ORDER);
        long left = total;
        for (Map.Entry<String, Integer> entry : shares.entrySet()) {
            String version = entry.getKey();
            int share = entry.getValue();
            // Rounding moves less than two pods a version, so that many below its quota it has for certain: a total
            // of millions then takes no longer than one of ten.
            int seats = share > 0 ? (int) Math.max(1, share * certain / sum - 2) : 0;
            parts.put(version, seats);
            left -= seats;
            if (share > 0) {
                int age = newestFirst.indexOf(version);
                claims.add(new Claim(version, share, seats, age < 0 ? newestFirst.size() : age));
            }
        }
        while (left-- > 0 && !claims.isEmpty()) {
            Claim next = claims.remove();
            parts.merge(next.version, 1, Integer::sum);
            claims.add(new Claim(next.version, next.share, next.seats + 1, next.age));
        }
        return parts;
    }

    /// The pods that `version` needs of its part: one in ten may be missing (design 5.3).
    public static int enough(int need) {
        return need - need / 10;
    }

    /// A version's claim on the next pod: its share over twice the pods it has plus one, compared as fractions.
    private record Claim(String version, int share, int seats, int age) {
        static final Comparator<Claim> ORDER = (a, b) -> {
            long left = (long) a.share * (2L * b.seats + 1);
            long right = (long) b.share * (2L * a.seats + 1);
            int byClaim = Long.compare(right, left);
            return byClaim != 0 ? byClaim : Integer.compare(a.age, b.age);
        };
    }
}
