// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Settings;
import io.canary.domain.app.Weight;
import io.canary.domain.policy.Move;
import io.canary.domain.route.Hosts;
import io.canary.domain.route.Lane;
import io.canary.domain.route.Mirroring;
import io.canary.domain.route.Reading;
import io.canary.domain.route.Users;
import java.util.Optional;

/// What each key may hold (design section 2, admission.md section 2), and what is wrong with a value that it may not.
public final class Grammar {
    private static final String LABEL =
            "a name of lower case letters, digits and \"-\", a letter first, at most 63 characters";

    private Grammar() {}

    /// What is wrong with `value` as the value of `key`, a key that users set; empty if nothing is.
    public static Optional<Problem> check(CanaryKey key, String value) {
        if (!isText(value)) {
            return Optional.of(Problem.of(
                    key, Names.quoted(value) + " holds a NUL or half a character", "write plain text in UTF-8"));
        }
        return switch (key) {
            case WEIGHT ->
                Weight.parse(value).isPresent()
                        ? Optional.empty()
                        : wrong(key, value, "a percentage 0–100 with at most two decimals", ofWeight(value), "10");
            case VERSION, STABLE ->
                Names.isDns1035(value) ? Optional.empty() : wrong(key, value, LABEL, ofName(value), "v2");
            case SERVICE ->
                Names.isDns1035(value)
                        ? Optional.empty()
                        : wrong(key, value, "the name of a Service in the same namespace", ofService(value), "order");
            case REPLICAS ->
                Settings.count(value).isPresent()
                        ? Optional.empty()
                        : wrong(key, value, "a whole number 0–2147483647", ofNumber(value), "10");
            case SCALE_DOWN_DELAY ->
                Settings.duration(value).isPresent()
                        ? Optional.empty()
                        : wrong(key, value, "a duration of whole hours, minutes and seconds", ofDuration(value), "30s");
            case PAUSED, ABORT -> Optional.empty();
            case HOSTS -> of(key, value, "a list of hosts", Hosts.read(value));
            case USERS -> of(key, value, "a list of header:NAME=VALUE and cookie:NAME=VALUE", Users.read(value));
            case LANE ->
                of(
                        key,
                        value,
                        "a name of lower case letters, digits and \"-\", at most 63 characters",
                        Lane.read(value));
            case MIRROR ->
                Mirroring.percent(value).isPresent()
                        ? Optional.empty()
                        : wrong(key, value, "a whole percentage 1–100", ofWeight(value), "5");
            case MANAGED, STICKY ->
                value.equals("true") || value.equals("false")
                        ? Optional.empty()
                        : wrong(key, value, "\"true\" or \"false\"", ofText(value), "true");
            case OVERRIDE ->
                Move.isReason(value)
                        ? Optional.empty()
                        : Optional.of(Problem.of(
                                key,
                                Names.quoted(value) + " is not a reason of at least 10 characters",
                                "say why, e.g. \"CHG-123: fixes the checkout outage\""));
            case APP, TOTAL, SPENT, ORIGINAL, BY -> Optional.empty();
        };
    }

    /// Whether `value` is text that JSON in UTF-8 can carry: no NUL, no lone surrogate.
    static boolean isText(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == 0 || Character.isLowSurrogate(c)) {
                return false;
            }
            if (Character.isHighSurrogate(c)) {
                if (i + 1 == value.length() || !Character.isLowSurrogate(value.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    private static Optional<Problem> of(CanaryKey key, String value, String rule, Reading<?> reading) {
        return switch (reading) {
            case Reading.Value<?> _ -> Optional.empty();
            case Reading.Wrong<?>(String why, String cure) ->
                Optional.of(Problem.of(key, Names.quoted(value) + " is not " + rule + ": " + why, cure));
        };
    }

    private static Optional<Problem> wrong(CanaryKey key, String value, String rule, String why, String example) {
        return Optional.of(Problem.of(
                key,
                Names.quoted(value) + " is not " + rule + (why.isEmpty() ? "" : ": " + why),
                "write e.g. \"" + example + "\""));
    }

    private static String ofWeight(String value) {
        String why = ofText(value);
        if (!why.isEmpty()) {
            return why;
        }
        if (value.endsWith("%")) {
            return "leave out the percent sign";
        }
        if (value.indexOf(',') >= 0) {
            return "it has a comma; decimals follow a point";
        }
        if (value.startsWith("+") || value.startsWith("-")) {
            return "it has a sign";
        }
        if (value.matches("0[0-9].*")) {
            return "it has a leading zero";
        }
        if (value.matches("[0-9]+\\.[0-9]{3,}")) {
            return "it has more than two decimals";
        }
        return value.matches("[0-9]+(\\.[0-9]+)?") ? "it is above 100" : "";
    }

    private static String ofNumber(String value) {
        String why = ofText(value);
        if (!why.isEmpty()) {
            return why;
        }
        if (value.startsWith("+") || value.startsWith("-")) {
            return "it has a sign";
        }
        if (value.matches("0[0-9]+")) {
            return "it has a leading zero";
        }
        return value.matches("[0-9]+") ? "it is too large" : "";
    }

    private static String ofDuration(String value) {
        String why = ofText(value);
        if (!why.isEmpty()) {
            return why;
        }
        return value.matches("[0-9]+") ? "it has no unit" : "";
    }

    private static String ofName(String value) {
        String why = ofText(value);
        if (!why.isEmpty()) {
            return why;
        }
        return value.length() > Names.LONGEST ? "it has " + value.length() + " characters" : "";
    }

    private static String ofService(String value) {
        String why = ofName(value);
        if (!why.isEmpty()) {
            return why;
        }
        return value.matches(".*[/.:].*") ? "it may name no other namespace and no path" : "";
    }

    /// What is wrong before any grammar: emptiness, blanks, characters that look like others.
    private static String ofText(String value) {
        if (value.isEmpty()) {
            return "it is empty";
        }
        if (value.chars().anyMatch(c -> c < 0x80 && Character.isWhitespace(c))) {
            return "it has spaces";
        }
        if (value.codePoints().anyMatch(c -> c >= 0x80 && Character.isDigit(c))) {
            return "it has digits that are not ASCII";
        }
        return value.chars().allMatch(c -> c > ' ' && c < 0x7f) ? "" : "it has characters that are not ASCII";
    }
}
