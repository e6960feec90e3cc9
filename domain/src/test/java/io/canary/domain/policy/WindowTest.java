// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {
    private static final String AMSTERDAM = "Europe/Amsterdam";

    static Cron cron(String text) {
        return switch (Cron.read(text)) {
            case Cron.Read.Schedule(Cron cron) -> cron;
            case Cron.Read.Wrong(String why) -> throw new AssertionError(why);
        };
    }

    private static Window window(String name, Window.Kind kind, String schedule, String duration, String zone) {
        return new Window(
                name,
                kind,
                new Window.Times.Recurring(
                        cron(schedule), Times.duration(duration).orElseThrow(), ZoneId.of(zone)),
                true);
    }

    private static Optional<Window.Span> at(String schedule, String duration, String zone, String now) {
        return window("w", Window.Kind.DENY, schedule, duration, zone).at(Instant.parse(now));
    }

    /// The vectors of policy.md section 4: an end is counted on the wall clock.
    @ParameterizedTest
    @CsvSource({
        "0 17 * * 5, 63h, 2026-03-27T16:00:00Z, 2026-03-27T16:00:00Z, 2026-03-30T06:00:00Z",
        "0 17 * * 5, 63h, 2026-03-30T05:59:59Z, 2026-03-27T16:00:00Z, 2026-03-30T06:00:00Z",
        "0 17 * * 5, 63h, 2026-10-23T15:00:00Z, 2026-10-23T15:00:00Z, 2026-10-26T07:00:00Z",
        "0 17 * * 5, 63h, 2026-10-26T06:59:59Z, 2026-10-23T15:00:00Z, 2026-10-26T07:00:00Z",
        "30 2 * * *, 1h, 2026-03-29T01:30:00Z, 2026-03-29T01:30:00Z, 2026-03-29T01:30:00Z",
        "30 2 * * *, 2h, 2026-03-29T01:40:00Z, 2026-03-29T01:30:00Z, 2026-03-29T02:30:00Z",
        "30 2 * * *, 1h, 2026-10-25T00:30:00Z, 2026-10-25T00:30:00Z, 2026-10-25T02:30:00Z",
        "30 2 * * *, 1h, 2026-10-25T01:45:00Z, 2026-10-25T00:30:00Z, 2026-10-25T02:30:00Z",
        "0 0 29 2 *, 24h, 2028-02-29T12:00:00Z, 2028-02-28T23:00:00Z, 2028-02-29T23:00:00Z",
        "0 0 31 * *, 24h, 2026-05-31T12:00:00Z, 2026-05-30T22:00:00Z, 2026-05-31T22:00:00Z",
    })
    void endsOnTheWallClock(String schedule, String duration, String now, String from, String to) {
        Optional<Window.Span> span = at(schedule, duration, AMSTERDAM, now);
        if (from.equals(to)) {
            // The local time that clocks skip comes an hour later, and so does the end of an hour that begins at 02:30.
            assertThat(span).isEmpty();
            assertThat(window("w", Window.Kind.DENY, schedule, duration, AMSTERDAM)
                            .opensFrom(Instant.parse(now)))
                    .contains(Instant.parse(from));
        } else {
            assertThat(span).contains(new Window.Span(Instant.parse(from), Instant.parse(to)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0 17 * * 5, 63h, 2026-03-27T15:59:59Z",
        "0 17 * * 5, 63h, 2026-03-30T06:00:00Z",
        "0 17 * * 5, 63h, 2026-10-26T07:00:00Z",
        "0 0 29 2 *, 24h, 2027-02-28T12:00:00Z",
        "0 0 31 * *, 24h, 2026-04-30T12:00:00Z",
    })
    void isClosedOutside(String schedule, String duration, String now) {
        assertThat(at(schedule, duration, AMSTERDAM, now)).isEmpty();
    }

    @Test
    void aLocalTimeThatClocksSkipComesLater() {
        assertThat(window("w", Window.Kind.DENY, "30 2 * * *", "3h", AMSTERDAM)
                        .opensFrom(Instant.parse("2026-03-28T12:00:00Z")))
                .contains(Instant.parse("2026-03-29T01:30:00Z")); // 03:30+02:00
    }

    @Test
    void aLocalTimeThatComesTwiceCountsTheFirst() {
        assertThat(window("w", Window.Kind.DENY, "30 2 * * *", "3h", AMSTERDAM)
                        .opensFrom(Instant.parse("2026-10-24T12:00:00Z")))
                .contains(Instant.parse("2026-10-25T00:30:00Z")); // 02:30+02:00
    }

    @Test
    void occurrencesThatMeetAreOne() {
        assertThat(at("0 */6 * * *", "7h", "UTC", "2026-06-01T12:30:00Z").map(Window.Span::to))
                .get()
                .satisfies(to -> assertThat(to).isAfter(Instant.parse("2026-06-10T00:00:00Z")));
    }

    @ParameterizedTest
    @CsvSource({
        "0 17 * * 5, 2026-01-01T00:00, 2026-01-02T17:00",
        "0 0 1 1 *, 2026-01-01T00:01, 2027-01-01T00:00",
        "*/15 9-17 * * mon-fri, 2026-06-05T17:46, 2026-06-08T09:00",
        "0 0 13 * 5, 2026-01-01T00:00, 2026-01-02T00:00",
        "0 12 * feb 7, 2026-01-01T00:00, 2026-02-01T12:00",
        "5/20 * * * *, 2026-01-01T00:06, 2026-01-01T00:25",
        "0 0 29 2 *, 2096-03-01T00:00, 2104-02-29T00:00",
        "0 0 29 2 */7, 2005-01-01T00:00, 2032-02-29T00:00",
        "0 0 29 2 */7, 2088-03-01T00:00, 2128-02-29T00:00",
    })
    void cronFindsTheNextTime(String schedule, String from, String next) {
        assertThat(cron(schedule).firstFrom(LocalDateTime.parse(from))).contains(LocalDateTime.parse(next));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
                "*/0 * * * *", "5-1 * * * *", "a * * * *", "@daily", "? * * * *", "0 0 L * *", "0 0 30 2 *",
                        "1,,2 * * * *",
                "-1 * * * *", "0 0 31 4,6,9,11 *", "１ * * * *"
            })
    void cronRefusesWhatIsNone(String text) {
        assertThat(Cron.read(text)).isInstanceOf(Cron.Read.Wrong.class);
    }

    @Test
    void denyBeatsAllow() {
        Window office = window("office", Window.Kind.ALLOW, "0 9 * * 1-5", "8h", "UTC");
        Window lunch = window("lunch", Window.Kind.DENY, "0 12 * * *", "1h", "UTC");
        List<Window> windows = List.of(office, lunch);

        assertThat(Freeze.of(windows, Instant.parse("2026-06-01T10:00:00Z")))
                .isEqualTo(new Freeze(false, "", null, Instant.parse("2026-06-01T12:00:00Z"), false));
        assertThat(Freeze.of(windows, Instant.parse("2026-06-01T12:30:00Z")))
                .isEqualTo(new Freeze(true, "lunch", Instant.parse("2026-06-01T13:00:00Z"), null, true));
        assertThat(Freeze.of(windows, Instant.parse("2026-06-01T18:00:00Z")))
                .isEqualTo(new Freeze(true, "office", Instant.parse("2026-06-02T09:00:00Z"), null, true));
    }

    @Test
    void aFreezeThatAnotherGoesOnFromEndsWithThat() {
        Window weekend = window("weekend", Window.Kind.DENY, "0 17 * * 5", "63h", "UTC");
        Window monday = window("monday", Window.Kind.DENY, "0 8 * * 1", "2h", "UTC");

        assertThat(Freeze.of(List.of(weekend, monday), Instant.parse("2026-06-06T00:00:00Z"))
                        .until())
                .isEqualTo(Instant.parse("2026-06-08T10:00:00Z"));
    }

    @Test
    void datesAreOnce() {
        Window year = new Window(
                "year-end",
                Window.Kind.DENY,
                new Window.Times.Once(Instant.parse("2026-12-17T23:00:00Z"), Instant.parse("2027-01-04T07:00:00Z")),
                false);

        assertThat(Freeze.of(List.of(year), Instant.parse("2026-12-01T00:00:00Z"))
                        .next())
                .isEqualTo(Instant.parse("2026-12-17T23:00:00Z"));
        assertThat(Freeze.of(List.of(year), Instant.parse("2026-12-24T00:00:00Z")))
                .isEqualTo(new Freeze(true, "year-end", Instant.parse("2027-01-04T07:00:00Z"), null, false));
        assertThat(Freeze.of(List.of(year), Instant.parse("2027-01-04T07:00:00Z")))
                .isEqualTo(Freeze.NONE);
    }

    /// Both ends of a freeze agree with each moment in it: asked at any time, the same window answers.
    @Test
    void everyMomentOfASpanIsInIt() {
        Window window = window("w", Window.Kind.DENY, "30 1 * * 0,3", "27h", AMSTERDAM);
        Instant now = Instant.parse("2026-03-20T00:00:00Z");
        for (int i = 0; i < 4_000; i++) {
            now = now.plus(Duration.ofMinutes(17));
            Instant at = now;
            window.at(at).ifPresent(span -> {
                assertThat(at).isBetween(span.from(), span.to());
                assertThat(window.at(span.from())).contains(span);
                assertThat(window.at(span.to())).isEmpty();
            });
        }
    }
}
