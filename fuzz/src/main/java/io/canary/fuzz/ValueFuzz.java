// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import io.canary.domain.admission.Grammar;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Settings;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The value of any key: names of versions, Services and lanes, counts, delays. What is taken is what
/// Kubernetes takes, and what is not is told in a sentence that is safe to show.
public final class ValueFuzz {
    private static final List<CanaryKey> KEYS = List.of(CanaryKey.values());
    private static final BigInteger MOST = BigInteger.valueOf(Integer.MAX_VALUE);

    private ValueFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Choices choices = new Choices(input);
        CanaryKey key = choices.of(KEYS);
        String value = choices.rest();
        Optional<Problem> problem = Grammar.check(key, value);
        problem.ifPresent(told -> Promise.readable(told.message()));
        Optional<Boolean> expected = reference(key, value);
        expected.ifPresent(fits -> Promise.kept(
                fits == problem.isEmpty(),
                () -> key + " \"" + value + "\" should " + (fits ? "" : "not ") + "be taken: " + problem));
        if (key == CanaryKey.REPLICAS && problem.isEmpty()) {
            Promise.kept(
                    Settings.count(value).map(String::valueOf).equals(Optional.of(value)),
                    () -> value + " is read as " + Settings.count(value));
        }
        if (key == CanaryKey.SCALE_DOWN_DELAY && problem.isEmpty()) {
            Duration delay = Settings.duration(value).orElseThrow();
            Promise.kept(!delay.isNegative() && delay.toDays() <= 10_000, () -> value + " is read as " + delay);
        }
    }

    /// Whether `value` fits; empty where no short answer is known.
    private static Optional<Boolean> reference(CanaryKey key, String value) {
        if (value.codePoints().anyMatch(c -> c == 0 || (c >= 0xd800 && c <= 0xdfff))) {
            return Optional.of(false);
        }
        return switch (key) {
            case VERSION, STABLE, SERVICE -> Optional.of(isLabel(value) && isLetter(value.charAt(0)));
            case LANE -> Optional.of(isLabel(value));
            case REPLICAS -> Optional.of(isCount(value, MOST));
            case MIRROR -> Optional.of(isCount(value, BigInteger.valueOf(100)) && !value.equals("0"));
            case MANAGED, STICKY -> Optional.of(value.equals("true") || value.equals("false"));
            case PAUSED, ABORT, APP, TOTAL, SPENT, ORIGINAL, BY -> Optional.of(true);
            case WEIGHT, SCALE_DOWN_DELAY, HOSTS, USERS, OVERRIDE -> Optional.empty();
        };
    }

    static boolean isLabel(String text) {
        return !text.isEmpty()
                && text.length() <= 63
                && text.charAt(0) != '-'
                && text.charAt(text.length() - 1) != '-'
                && text.chars().allMatch(c -> c == '-' || isLetter(c) || isDigit(c));
    }

    private static boolean isCount(String text, BigInteger most) {
        return !text.isEmpty()
                && text.chars().allMatch(ValueFuzz::isDigit)
                && (text.length() == 1 || text.charAt(0) != '0')
                && new BigInteger(text).compareTo(most) <= 0;
    }

    private static boolean isLetter(int c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
