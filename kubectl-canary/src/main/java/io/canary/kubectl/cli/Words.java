// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import io.canary.domain.app.Names;
import java.util.Collection;
import java.util.Comparator;

/// Typed words in messages, and what their typist may have meant.
public final class Words {
    private static final int FAR = 3;

    private Words() {}

    public static String quoted(String word) {
        return Names.quoted(word);
    }

    /// The known word that is at most 3 edits from the typed one, or empty.
    public static String nearest(String typed, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(word -> Names.distance(word, typed)))
                .filter(word -> Names.distance(word, typed) <= Math.min(FAR, Math.max(1, typed.length() / 2)))
                .orElse("");
    }
}
