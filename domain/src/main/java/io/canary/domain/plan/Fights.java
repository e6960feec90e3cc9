// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Notices that somebody undoes what we write, again and again (design 5.8): after three rounds the object is left
/// alone for 30 s, then for twice as long each time, up to 5 min.
final class Fights {
    private static final int ROUNDS = 3;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(30);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final Map<String, Memory.Write> writes;
    private final Watch watch;
    private final List<Problem> problems = new ArrayList<>();

    Fights(Map<String, Memory.Write> writes, Watch watch) {
        this.writes = new HashMap<>(writes);
        this.watch = watch;
    }

    /// Adds `step` to `steps`, unless the same content was written three times in a row and its pause is not over.
    ///
    /// @param urgent whether it is a withdrawal, which no fight holds back
    /// @param manager the field manager that last wrote it otherwise than us, or null where that is not known
    void add(List<Step> steps, Step step, String content, boolean urgent, @Nullable String manager) {
        Memory.Write last = writes.get(step.target());
        boolean again = last != null
                && last.content().equals(content)
                && Duration.between(last.at(), watch.now()).compareTo(LONGEST_PAUSE.multipliedBy(2)) < 0;
        int rounds = again && last != null ? last.rounds() + 1 : 1;
        if (again && last != null && last.rounds() >= ROUNDS && !urgent) {
            problems.add(new Problem(
                    step.target(),
                    (manager == null ? "another writer" : "field manager " + Names.quoted(manager))
                            + " changes it again and again; it was put right " + last.rounds() + " times in a row",
                    "find it with kubectl get --show-managed-fields"));
            Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(8, last.rounds() - ROUNDS));
            if (!watch.over(last.at(), pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE)) {
                return;
            }
        }
        writes.put(step.target(), new Memory.Write(content, rounds, watch.now()));
        steps.add(step);
    }

    List<Problem> problems() {
        return problems;
    }

    Map<String, Memory.Write> writes() {
        return writes;
    }
}
