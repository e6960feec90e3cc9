// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Cron;
import io.canary.domain.policy.PolicyReader;
import io.canary.domain.policy.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The windows of a CanaryPolicy: a schedule that is taken has a next time, in any zone, at any moment.
public final class ScheduleFuzz {
    private static final List<String> ZONES = List.of(
            "UTC",
            "Europe/Amsterdam",
            "America/New_York",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "Asia/Kathmandu",
            "Africa/Casablanca",
            "America/St_Johns",
            "+18:00",
            "-18:00");

    private ScheduleFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Choices choices = new Choices(input);
        Instant now = Instant.ofEpochSecond(choices.seconds() % 8_000_000_000L - 2_000_000_000L);
        String zone = choices.number(8) == 0 ? choices.text() : choices.of(ZONES);
        String duration =
                choices.number(2) == 0 ? choices.text() : choices.number(200) + "h" + choices.number(60) + "m";
        String schedule = choices.rest();
        Map<String, Object> window = new LinkedHashMap<>();
        window.put("name", "w");
        window.put("kind", "Deny");
        window.put("schedule", schedule);
        window.put("duration", duration);
        window.put("timeZone", zone);
        PolicyReader.Read read = PolicyReader.read(
                new JsonObject(Map.of("metadata", Map.of("name", "p"), "spec", Map.of("windows", List.of(window)))));
        read.problems().forEach(problem -> Promise.readable(problem.message()));
        Promise.kept(
                read.problems().isEmpty() == !read.policy().windows().isEmpty(),
                () -> "neither taken nor refused: " + window);
        read.policy().windows().forEach(each -> check(each, now));
        if (Cron.read(schedule) instanceof Cron.Read.Schedule(Cron cron)) {
            check(cron, LocalDateTime.ofInstant(now, ZoneOffset.UTC));
        }
    }

    private static void check(Window window, Instant now) {
        window.at(now)
                .ifPresent(span -> Promise.kept(
                        !now.isBefore(span.from()) && now.isBefore(span.to()), () -> span + " does not hold " + now));
        Instant opens = window.opensFrom(now).orElseThrow(() -> new AssertionError("never opens: " + window));
        Promise.kept(!opens.isBefore(now), () -> opens + " is before " + now);
        // Where clocks skip its start, it begins later and may end at once.
        Promise.kept(
                window.at(opens).isPresent() || clocksWereSet(window, opens),
                () -> "is not open when it opens, at " + opens + ": " + window);
    }

    private static boolean clocksWereSet(Window window, Instant before) {
        return window.times() instanceof Window.Times.Recurring(Cron _, Duration _, ZoneId zone)
                && !zone.getRules()
                        .getOffset(before)
                        .equals(zone.getRules().getOffset(before.minus(Duration.ofHours(25))));
    }

    private static void check(Cron cron, LocalDateTime from) {
        LocalDateTime first = cron.firstFrom(from).orElseThrow(() -> new AssertionError("never: " + cron));
        Promise.kept(!first.isBefore(from), () -> first + " is before " + from);
        Promise.kept(cron.firstFrom(first).equals(Optional.of(first)), () -> first + " does not fit " + cron);
        LocalDateTime between = from.plusSeconds(Duration.between(from, first).toSeconds() / 2);
        Promise.kept(
                cron.firstFrom(between).equals(Optional.of(first)), () -> "from " + between + " another than " + first);
    }
}
