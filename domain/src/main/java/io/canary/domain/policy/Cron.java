// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A schedule in the five fields of cron: minute, hour, day of month, month, day of week. Where both kinds of day are
/// given, either suffices. Knows local times only: zones are [Window]'s.
///
/// @param minutes, hours, days, months, weekdays bit sets; of the weekdays bit 0 is Sunday
/// @param eitherDay whether a day counts that fits one of the two fields of days
public record Cron(String text, long minutes, long hours, long days, long months, long weekdays, boolean eitherDay) {
    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final List<String> WEEKDAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    /// In days, from one February 29 that is a certain weekday (`0 0 29 2 */7`) to the next at most: 28
    /// years, and 40 across a year like 2100.
    private static final int LONGEST_GAP = 40 * 366;

    /// What came of reading a schedule.
    public sealed interface Read {
        record Schedule(Cron cron) implements Read {}

        /// @param why what is wrong, as a clause
        record Wrong(String why) implements Read {}
    }

    /// Reads `0 17 * * 5`.
    public static Read read(String text) {
        String[] fields = text.trim().split("\\s+", -1);
        if (fields.length != 5) {
            return new Read.Wrong("it has " + (text.isBlank() ? 0 : fields.length)
                    + " fields, and minute, hour, day, month and weekday are needed");
        }
        long[] bits = new long[5];
        int[] low = {0, 0, 1, 1, 0};
        int[] high = {59, 23, 31, 12, 7};
        List<List<String>> names = List.of(List.of(), List.of(), List.of(), MONTHS, WEEKDAYS);
        List<String> called = List.of("minute", "hour", "day", "month", "weekday");
        for (int i = 0; i < 5; i++) {
            long set = field(fields[i], low[i], high[i], names.get(i));
            if (set == 0) {
                return new Read.Wrong("\"" + fields[i] + "\" is no " + called.get(i) + " of " + low[i] + " to "
                        + high[i] + ", list of them, range or step");
            }
            bits[i] = set;
        }
        if ((bits[4] & (1L << 7)) != 0) {
            bits[4] = (bits[4] & ~(1L << 7)) | 1; // 7 is Sunday too
        }
        boolean either = !fields[2].startsWith("*") && !fields[4].startsWith("*");
        Cron cron = new Cron(text, bits[0], bits[1], bits[2], bits[3], bits[4], either);
        return cron.firstFrom(LocalDate.of(2000, 1, 1).atStartOfDay()).isPresent()
                ? new Read.Schedule(cron)
                : new Read.Wrong("such a day never comes");
    }

    private static long field(String text, int low, int high, List<String> names) {
        long set = 0;
        for (String part : text.split(",", -1)) {
            long of = part(part, low, high, names);
            if (of == 0) {
                return 0;
            }
            set |= of;
        }
        return set;
    }

    private static long part(String text, int low, int high, List<String> names) {
        int slash = text.indexOf('/');
        Integer step = slash < 0 ? Integer.valueOf(1) : number(text.substring(slash + 1));
        String range = slash < 0 ? text : text.substring(0, slash);
        int dash = range.indexOf('-');
        Integer from;
        Integer to;
        if (range.equals("*")) {
            from = low;
            to = names.equals(WEEKDAYS) ? Integer.valueOf(6) : Integer.valueOf(high);
        } else if (dash < 0) {
            from = value(range, low, names);
            to = slash < 0 ? from : Integer.valueOf(high);
        } else {
            from = value(range.substring(0, dash), low, names);
            to = value(range.substring(dash + 1), low, names);
        }
        if (step == null || step == 0 || from == null || to == null || from < low || to > high || from > to) {
            return 0;
        }
        long set = 0;
        for (int i = from; i <= to; i += step) {
            set |= 1L << i;
        }
        return set;
    }

    private static @Nullable Integer value(String text, int low, List<String> names) {
        int named = names.indexOf(text.toLowerCase(Locale.ROOT));
        return named >= 0 ? Integer.valueOf(named + low) : number(text);
    }

    private static @Nullable Integer number(String text) {
        return text.matches("[0-9]{1,2}") ? Integer.valueOf(text) : null;
    }

    /// The first local time at or after `from` that fits, a whole minute.
    public Optional<LocalDateTime> firstFrom(LocalDateTime from) {
        LocalDateTime start = from.withSecond(0).withNano(0);
        int minute = minuteOfDay(start.isBefore(from) ? start.plusMinutes(1) : start);
        LocalDate day = (start.isBefore(from) ? start.plusMinutes(1) : start).toLocalDate();
        for (int i = 0; i < LONGEST_GAP; i++, day = day.plusDays(1), minute = 0) {
            if (fits(day)) {
                for (int m = minute; m < 24 * 60; m++) {
                    if (fits(m)) {
                        return Optional.of(day.atTime(m / 60, m % 60));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static int minuteOfDay(LocalDateTime time) {
        return time.getHour() * 60 + time.getMinute();
    }

    private boolean fits(int minuteOfDay) {
        return (hours & (1L << (minuteOfDay / 60))) != 0 && (minutes & (1L << (minuteOfDay % 60))) != 0;
    }

    private boolean fits(LocalDate day) {
        boolean ofMonth = (days & (1L << day.getDayOfMonth())) != 0;
        boolean ofWeek = (weekdays & (1L << (day.getDayOfWeek().getValue() % 7))) != 0;
        return (months & (1L << day.getMonthValue())) != 0 && (eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek);
    }
}
