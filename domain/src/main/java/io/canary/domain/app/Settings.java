// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the keys on the root Service ask for (design section 2). Values that cannot be read count as absent here:
/// admission refuses them, see [Grammar].
///
/// @param abort, paused the reason, or null while the key is absent
/// @param replicas the total, or null
public record Settings(
        @Nullable String stable,
        @Nullable String abort,
        @Nullable String paused,
        @Nullable Integer replicas,
        Duration scaleDownDelay) {
    public static final Duration DEFAULT_SCALE_DOWN_DELAY = Duration.ofSeconds(30);

    private static final Pattern DURATION =
            Pattern.compile("(?=[0-9])(?:([0-9]{1,4})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,7})s)?");

    public static Settings of(Map<String, String> annotations) {
        return new Settings(
                CanaryKey.STABLE.in(annotations).orElse(null),
                CanaryKey.ABORT.in(annotations).orElse(null),
                CanaryKey.PAUSED.in(annotations).orElse(null),
                CanaryKey.REPLICAS.in(annotations).flatMap(Settings::count).orElse(null),
                CanaryKey.SCALE_DOWN_DELAY
                        .in(annotations)
                        .flatMap(Settings::duration)
                        .orElse(DEFAULT_SCALE_DOWN_DELAY));
    }

    /// A count of pods: ASCII digits, 0 to 2147483647, no sign, no leading zero.
    public static Optional<Integer> count(String text) {
        if (!text.matches("0|[1-9][0-9]{0,9}")) {
            return Optional.empty();
        }
        long value = Long.parseLong(text);
        return value > Integer.MAX_VALUE ? Optional.empty() : Optional.of((int) value);
    }

    /// A duration of whole hours, minutes and seconds: `30s`, `1h30m`.
    public static Optional<Duration> duration(String text) {
        Matcher m = DURATION.matcher(text);
        if (!m.matches()) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofHours(part(m, 1)).plusMinutes(part(m, 2)).plusSeconds(part(m, 3)));
    }

    private static long part(Matcher m, int group) {
        String digits = m.group(group);
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
