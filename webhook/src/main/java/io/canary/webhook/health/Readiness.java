// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.health;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// Named checks that all hold when this process may get requests.
public final class Readiness {
    private final Map<String, BooleanSupplier> checks;
    private volatile boolean draining;

    /// The checks are asked in this order, at each probe; each answers at once.
    public Readiness(Map<String, BooleanSupplier> checks) {
        this.checks = new LinkedHashMap<>(checks);
    }

    /// From now on this process is not ready, whatever the checks say.
    public void drain() {
        draining = true;
    }

    public boolean holds() {
        return failing().isEmpty();
    }

    /// The names of the checks that do not hold.
    public List<String> failing() {
        List<String> failing = new ArrayList<>();
        if (draining) {
            failing.add("not draining");
        }
        checks.forEach((name, check) -> {
            if (!check.getAsBoolean()) {
                failing.add(name);
            }
        });
        return failing;
    }
}
