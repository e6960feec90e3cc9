// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import java.util.function.Supplier;

/// Says which promise was broken.
final class Promise {
    private Promise() {}

    static void kept(boolean holds, Supplier<String> broken) {
        if (!holds) {
            throw new AssertionError(broken.get());
        }
    }

    /// What people and terminals are shown: not empty, nothing but printable characters, not endless.
    static void readable(String text) {
        kept(!text.isBlank(), () -> "an empty message");
        kept(text.length() <= 4_000, () -> "a message of " + text.length() + " characters");
        kept(
                text.codePoints().noneMatch(c -> Character.isISOControl(c) || (c >= 0xd800 && c <= 0xdfff)),
                () -> "a message with control characters: " + text);
    }
}
