// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.Problem;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/// Collects warnings in the form that API servers pass on: at most 120 characters, none of them control, each once.
final class Warnings {
    /// Characters of a warning.
    static final int LONGEST = 120;

    private static final int MOST = 25; // past 4,096 runes in sum the API server cuts them

    private final SequencedSet<String> texts = new LinkedHashSet<>();

    void add(String text) {
        StringBuilder plain = new StringBuilder();
        text.codePoints()
                .filter(c -> c < 0xd800 || c > 0xdfff)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .limit(LONGEST + 1)
                .forEach(plain::appendCodePoint);
        boolean fits = plain.codePointCount(0, plain.length()) <= LONGEST;
        texts.add(fits ? plain.toString() : plain.substring(0, plain.offsetByCodePoints(0, LONGEST - 3)) + "...");
    }

    /// What is wrong, with the cure behind it or, where both do not fit, after it.
    void add(Problem problem) {
        String both = problem.text() + ": " + problem.cure();
        if (problem.cure().isEmpty()) {
            add(problem.text());
        } else if (both.length() <= LONGEST) {
            add(both);
        } else {
            add(problem.text());
            add(problem.cure());
        }
    }

    void addAll(List<String> more) {
        more.forEach(this::add);
    }

    List<String> list() {
        return new ArrayList<>(texts).subList(0, Math.min(MOST, texts.size()));
    }
}
