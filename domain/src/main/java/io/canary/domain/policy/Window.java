// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/// A time in which changes are denied, or in which alone they are allowed (policy.md section 4).
///
/// @param holds whether raises that were asked for before wait for its end (`inProgress: Hold`)
public record Window(String name, Kind kind, Times times, boolean holds) {
    /// How far occurrences that meet each other are followed to find an end.
    private static final int MOST_JOINED = 64;

    private static final Duration CLOCK_CHANGE = Duration.ofHours(3);

    /// Whether it closes or opens.
    public enum Kind {
        DENY("Deny"),
        ALLOW("Allow");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    /// When it is.
    public sealed interface Times {
        /// Again and again. The end is counted on the wall clock: local start + duration.
        record Recurring(Cron cron, Duration duration, ZoneId zone) implements Times {}

        /// Once.
        record Once(Instant from, Instant to) implements Times {}
    }

    /// A span in which the window is open.
    public record Span(Instant from, Instant to) {
        boolean holds(Instant now) {
            return !now.isBefore(from) && now.isBefore(to);
        }
    }

    /// The span that `now` lies in, occurrences that overlap or touch taken together.
    public Optional<Span> at(Instant now) {
        return switch (times) {
            case Times.Once(Instant from, Instant to) ->
                Optional.of(new Span(from, to)).filter(span -> span.holds(now));
            case Times.Recurring recurring -> within(recurring, now);
        };
    }

    /// When it opens first at or after `from`.
    public Optional<Instant> opensFrom(Instant from) {
        return switch (times) {
            case Times.Once(Instant start, Instant _) -> Optional.of(start).filter(at -> !at.isBefore(from));
            case Times.Recurring recurring -> next(recurring, from).map(Span::from);
        };
    }

    private static Optional<Span> within(Times.Recurring times, Instant now) {
        // An occurrence that is under way began at most its duration ago, and what clocks were set since.
        Instant from = now.minus(times.duration());
        from = from.minus(clockChange(times.zone(), from, now));
        Span span = next(times, from).orElse(null);
        while (span != null && !span.from().isAfter(now) && !span.holds(now)) {
            span = next(times, span.from().plusSeconds(1)).orElse(null);
        }
        if (span == null || span.from().isAfter(now)) {
            return Optional.empty();
        }
        Span joined = span;
        for (int i = 0; i < MOST_JOINED; i++) {
            span = next(times, span.from().plusSeconds(1)).orElse(null);
            if (span == null || span.from().isAfter(joined.to())) {
                break;
            }
            joined = new Span(joined.from(), latest(joined.to(), span.to()));
        }
        return Optional.of(joined);
    }

    /// How far to look back for what clocks were set between two moments; nothing where they were not.
    private static Duration clockChange(ZoneId zone, Instant from, Instant to) {
        return zone.getRules().getOffset(from).equals(zone.getRules().getOffset(to)) ? Duration.ZERO : CLOCK_CHANGE;
    }

    private static Instant latest(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    /// The first occurrence that begins at or after `from`. A local time that clocks skip comes that much later, one
    /// that they show twice counts the first time ([ZonedDateTime#ofLocal]).
    private static Optional<Span> next(Times.Recurring times, Instant from) {
        // Where clocks are set back, local times come again: begin early and pass what is before `from`.
        LocalDateTime local = LocalDateTime.ofInstant(from, times.zone())
                .minus(clockChange(times.zone(), from.minus(CLOCK_CHANGE), from));
        for (int i = 0; i < 5 * 60; i++) {
            Optional<LocalDateTime> start = times.cron().firstFrom(local);
            if (start.isEmpty()) {
                return Optional.empty();
            }
            Instant begins = instant(start.get(), times.zone());
            if (!begins.isBefore(from)) {
                return Optional.of(new Span(begins, instant(start.get().plus(times.duration()), times.zone())));
            }
            local = start.get().plusMinutes(1);
        }
        return Optional.empty();
    }

    private static Instant instant(LocalDateTime local, ZoneId zone) {
        return ZonedDateTime.ofLocal(local, zone, null).toInstant();
    }
}
