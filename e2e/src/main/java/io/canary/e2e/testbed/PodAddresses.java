// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// Gives process pods addresses of 10.245.0.0/24, a freed one last. The API server's certificate holds for all of them:
/// each pod reaches it by the pod's own address.
final class PodAddresses {
    private static final String RANGE = "10.245.0.";
    private static final int SIZE = 254;

    private final Set<Integer> taken = new HashSet<>();
    private int last;

    synchronized String take() {
        if (taken.size() == SIZE) {
            throw new IllegalStateException("all addresses of " + RANGE + "0/24 are taken");
        }
        do {
            last = last % SIZE + 1;
        } while (!taken.add(last));
        return RANGE + last;
    }

    synchronized void free(String address) {
        taken.remove(Integer.parseInt(address.substring(RANGE.length())));
    }

    static List<String> all() {
        return IntStream.rangeClosed(1, SIZE).mapToObj(i -> RANGE + i).toList();
    }
}
