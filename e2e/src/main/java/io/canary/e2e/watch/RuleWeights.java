// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

/// Weights that we write sum to 100 or 10000 on our own routes, and are nowhere negative or all 0. Another's rule that
/// stands on our route may send traffic nowhere: a redirect.
final class RuleWeights implements Check {
    @Override
    public void see(Step step, Findings findings) {
        step.ourRouteWrite().ifPresent(route -> {
            for (Seen.Rule rule : route.rules()) {
                boolean negative = rule.refs().stream().anyMatch(r -> r.weight() < 0);
                boolean whole = route.app() == null
                        || redirects(route, rule)
                        || route.isHosts()
                        || step.world().isDirected(route, rule)
                        || rule.sum() == 100
                        || rule.sum() == 10_000;
                if (negative || (rule.sum() <= 0 && !redirects(route, rule)) || !whole) {
                    findings.add(
                            Violation.Rule.BAD_WEIGHTS,
                            step.sighting(),
                            "a rule's weights sum to %d: %s".formatted(rule.sum(), rule.summary()));
                }
            }
        });
    }

    private static boolean redirects(Seen.Route route, Seen.Rule rule) {
        return rule.refs().isEmpty() && route.rules().size() > 1;
    }
}
