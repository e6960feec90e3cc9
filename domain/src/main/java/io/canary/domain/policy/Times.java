// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import io.canary.domain.app.Settings;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// How policies write times: `2026-11-30T06:00Z`, `1h30m`.
public final class Times {
    /// The longest span that a policy may name.
    static final Duration LONGEST = Duration.ofDays(366);

    private Times() {}

    /// To the minute, rounded up: what is said to end then has ended.
    public static String text(Instant at) {
        Instant minute = at.truncatedTo(ChronoUnit.MINUTES);
        Instant shown = minute.equals(at) ? at : minute.plusSeconds(60);
        return shown.toString().replaceFirst(":00Z$", "Z");
    }

    /// As `2h`, `1h30m`, `45s`.
    public static String text(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds == 0) {
            return "0s";
        }
        long hours = seconds / 3600;
        long minutes = seconds / 60 % 60;
        return (hours > 0 ? hours + "h" : "")
                + (minutes > 0 ? minutes + "m" : "")
                + (seconds % 60 > 0 && hours == 0 ? seconds % 60 + "s" : "");
    }

    /// Reads `63h`, `1h30m`, `0s`: at most a year.
    static Optional<Duration> duration(String text) {
        return Settings.duration(text).filter(duration -> duration.compareTo(LONGEST) <= 0);
    }
}
