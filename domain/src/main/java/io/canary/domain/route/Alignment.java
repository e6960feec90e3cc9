// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntBinaryOperator;

/// Which items of a list are which of an earlier one, as in a comparison of texts: by likeness, in order.
final class Alignment {
    private Alignment() {}

    /// For each of `now` items the index of the earlier one that it is, or -1. The pairs in order with the greatest
    /// likeness in sum; what is left over is paired out of order, the likest first.
    ///
    /// @param likeness of an earlier item and one of now; 0 for a pair that is none
    static int[] of(int earlier, int now, IntBinaryOperator likeness) {
        int[][] like = new int[earlier][now];
        for (int e = 0; e < earlier; e++) {
            for (int n = 0; n < now; n++) {
                like[e][n] = likeness.applyAsInt(e, n);
            }
        }
        int[] of = inOrder(like, now);
        moved(of, like);
        return of;
    }

    private static int[] inOrder(int[][] like, int now) {
        int earlier = like.length;
        int[][] best = new int[earlier + 1][now + 1];
        for (int e = earlier - 1; e >= 0; e--) {
            for (int n = now - 1; n >= 0; n--) {
                int paired = like[e][n];
                int apart = Math.max(best[e + 1][n], best[e][n + 1]);
                best[e][n] = paired > 0 ? Math.max(apart, paired + best[e + 1][n + 1]) : apart;
            }
        }
        int[] of = new int[now];
        Arrays.fill(of, -1);
        int e = 0;
        int n = 0;
        while (e < earlier && n < now) {
            int paired = like[e][n];
            if (paired > 0 && best[e][n] == paired + best[e + 1][n + 1]) {
                of[n++] = e++;
            } else if (best[e][n] == best[e + 1][n]) {
                e++;
            } else {
                n++;
            }
        }
        return of;
    }

    private static void moved(int[] of, int[][] like) {
        List<int[]> pairs = new ArrayList<>();
        for (int e = 0; e < like.length; e++) {
            for (int n = 0; n < of.length; n++) {
                int paired = like[e][n];
                if (paired > 0) {
                    pairs.add(new int[] {paired, e, n});
                }
            }
        }
        pairs.sort((a, b) -> Integer.compare(b[0], a[0]));
        for (int[] pair : pairs) {
            if (of[pair[2]] < 0 && Arrays.stream(of).noneMatch(taken -> taken == pair[1])) {
                of[pair[2]] = pair[1];
            }
        }
    }
}
