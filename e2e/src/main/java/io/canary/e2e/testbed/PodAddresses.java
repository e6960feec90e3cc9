// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import java.util.HashSet;
import java.util.Set;

/// Gives process pods addresses of 10.245.0.0/16, a freed one last.
final class PodAddresses {
    private static final int SIZE = 65_000;

    private final Set<Integer> taken = new HashSet<>();
    private int last;

    synchronized String take() {
        if (taken.size() == SIZE) {
            throw new IllegalStateException("all addresses of 10.245.0.0/16 are taken");
        }
        do {
            last = last % SIZE + 1;
        } while (!taken.add(last));
        return "10.245." + last / 256 + "." + last % 256;
    }

    synchronized void free(String address) {
        var parts = address.split("\\.", -1);
        taken.remove(Integer.parseInt(parts[2]) * 256 + Integer.parseInt(parts[3]));
    }
}
