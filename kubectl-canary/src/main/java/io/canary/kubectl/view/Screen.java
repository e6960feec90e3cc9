// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.view;

import io.canary.domain.app.Names;
import java.time.Duration;
import java.time.Instant;

/// What lines are made for.
///
/// @param width columns; 0 where nobody counts them, as in a file
/// @param unicode whether block characters may be used, else ASCII
/// @param colour whether ANSI colours may be used
/// @param now for ages
public record Screen(int width, boolean unicode, boolean colour, Instant now) {
    private static final String[] EIGHTHS = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

    /// What a text is about, for its colour.
    public enum Tone {
        GOOD("32"),
        WARN("33"),
        BAD("31"),
        FAINT("2"),
        PLAIN("");

        private final String code;

        Tone(String code) {
            this.code = code;
        }
    }

    /// `text` in the colour of `tone`, where there are colours.
    String paint(Tone tone, String text) {
        return colour && tone != Tone.PLAIN && !text.isEmpty() ? "\033[" + tone.code + "m" + text + "\033[0m" : text;
    }

    /// A bar of `basisPoints` out of 10000, `cells` wide at most; something above 0 always shows.
    String bar(int basisPoints, int cells) {
        int eighths = (int) Math.max(basisPoints > 0 ? 1 : 0, Math.round(basisPoints * cells * 8 / 10_000.0));
        if (!unicode) {
            return "#".repeat(basisPoints > 0 ? Math.max(1, (eighths + 4) / 8) : 0);
        }
        return "█".repeat(eighths / 8) + EIGHTHS[eighths % 8];
    }

    /// `text` on one line that fits, its odd characters escaped.
    String fit(String text) {
        String safe = Names.printable(text);
        return width > 4 && safe.length() > width ? safe.substring(0, width - 3) + "..." : safe;
    }

    /// As kubectl shows ages: `42s`, `3m12s`, `5h`, `2d`.
    public String age(Instant since) {
        Duration age = Duration.between(since, now);
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        if (seconds < 600) {
            return seconds / 60 + "m" + (seconds % 60 == 0 ? "" : seconds % 60 + "s");
        }
        if (seconds < 3 * 3600) {
            return seconds / 60 + "m";
        }
        return seconds < 48 * 3600 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }
}
