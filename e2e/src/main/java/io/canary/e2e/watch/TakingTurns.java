// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Nobody takes turns: neither two leaders of ours (a, b, a, b), nor we with someone else for more than five rounds.
///
/// What happens between may explain a change: edits, and endpoints that come or go, start the counting again.
final class TakingTurns implements Check {
    private static final int LEADERS = 4;
    private static final int ROUNDS = 5;

    private record Write(long at, List<Seen.Rule> rules, boolean ours, int inputs) {}

    private final Map<String, List<Write>> writes = new HashMap<>();

    @Override
    public void see(Step step, Findings findings) {
        step.ruleChange().ifPresent(route -> {
            List<Write> list = writes.computeIfAbsent(route.key(), _ -> new ArrayList<>());
            int inputs = route.app() != null
                    ? step.world().inputs(route.app())
                    : step.world().apps(route).stream()
                            .mapToInt(step.world()::inputs)
                            .sum();
            boolean ours = route.writtenBy(step.limits().manager());
            Write write = new Write(step.world().now(), route.rules(), ours, inputs);
            if (!list.isEmpty() && !follows(list, write, step.limits())) {
                Write last = list.getLast();
                list.clear();
                if (last.inputs() == inputs) {
                    list.add(last);
                }
            }
            list.add(write);
            boolean allOurs = list.stream().allMatch(Write::ours);
            if (step.judged() && (allOurs ? list.size() == LEADERS : list.size() == 2 * ROUNDS)) {
                findings.add(
                        Violation.Rule.ALTERNATING_WRITES,
                        step.sighting(),
                        "%d writes took turns between two splits, %s"
                                .formatted(list.size(), allOurs ? "all by us" : "by us and by others"));
            }
        });
    }

    /// Whether `write` goes on with the pattern: as the one before the last, unlike the last, soon, nothing between.
    private static boolean follows(List<Write> list, Write write, Limits limits) {
        Write last = list.getLast();
        return last.inputs() == write.inputs()
                && write.at() - last.at() <= limits.fight().toNanos()
                && !write.rules().equals(last.rules())
                && (list.size() < 2 || list.get(list.size() - 2).rules().equals(write.rules()));
    }
}
