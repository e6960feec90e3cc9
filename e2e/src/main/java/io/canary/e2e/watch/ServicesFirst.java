// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.util.HashMap;
import java.util.Map;

/// A route that we write gives weight only to Services that exist.
final class ServicesFirst implements Check {
    private final Map<String, Long> deleted = new HashMap<>();

    @Override
    public void see(Step step, Findings findings) {
        World world = step.world();
        if (step.sighting().object() instanceof Seen.Service service
                && step.sighting().deleted()) {
            deleted.put(service.name(), world.now());
        }
        step.ourRouteWrite().ifPresent(route -> {
            for (String service : route.weighted()) {
                Long since = deleted.get(service);
                boolean justNow = since != null
                        && world.now() - since <= step.limits().grace().toNanos();
                if (world.service(service).isEmpty() && !justNow) {
                    findings.add(
                            Violation.Rule.SERVICE_MISSING,
                            step.sighting(),
                            "weight for Service %s, which does not exist".formatted(service));
                }
            }
        });
    }
}
