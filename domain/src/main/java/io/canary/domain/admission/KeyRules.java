// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Judges each key of an object by itself: is there such a key, does it belong there, may it hold that value?
final class KeyRules {
    private KeyRules() {}

    /// What is wrong with keys that `change` adds or changes. Only the new state is judged: what is unchanged passes.
    static List<Refusal> refusals(Change change) {
        List<Refusal> refusals = new ArrayList<>();
        Subject after = change.subject();
        sorted(after.annotations()).forEach((key, value) -> {
            if (change.differs(key)) {
                annotation(key, value, after.place()).ifPresent(refusals::add);
            }
        });
        sorted(after.labels()).forEach((key, _) -> {
            if (change.labelDiffers(key)) {
                label(key).ifPresent(refusals::add);
            }
        });
        return refusals;
    }

    /// What is wrong with keys that were there before: told, not refused.
    static List<Problem> unchanged(Change change) {
        List<Problem> problems = new ArrayList<>();
        Subject after = change.subject();
        sorted(after.annotations()).forEach((key, value) -> {
            if (!change.differs(key)) {
                annotation(key, value, after.place()).map(Refusal::problem).ifPresent(problems::add);
            }
        });
        return problems;
    }

    private static Optional<Refusal> annotation(String text, String value, CanaryKey.Place place) {
        if (!CanaryKey.isCanary(text)) {
            return Optional.empty();
        }
        if (!Grammar.isText(value)) {
            return Optional.of(notText(text, value));
        }
        Optional<CanaryKey> known = CanaryKey.of(text);
        if (known.isEmpty()) {
            return Optional.of(unknown(Problem.annotation(text), text));
        }
        CanaryKey key = known.get();
        return switch (key.owner()) {
            case CANARY -> Optional.empty();
            case USER ->
                key.place() == place || key.place() == CanaryKey.Place.ANY
                        ? Grammar.check(key, value).map(problem -> new Refusal(Refusal.Rule.VALUE, problem))
                        : Optional.of(new Refusal(
                                Refusal.Rule.WRONG_PLACE,
                                Problem.of(
                                        key,
                                        key.text() + " belongs on the "
                                                + key.place().text(),
                                        "move it there")));
        };
    }

    /// No key is written as a label, but for our own mark.
    private static Optional<Refusal> label(String text) {
        if (!CanaryKey.isCanary(text) || text.equals(CanaryKey.APP.text())) {
            return Optional.empty();
        }
        String field = "metadata.labels[" + Names.shown(text) + "]";
        if (CanaryKey.of(text).isEmpty()) {
            return Optional.of(unknown(field, text));
        }
        return Optional.of(new Refusal(
                Refusal.Rule.WRONG_PLACE,
                new Problem(field, Names.shown(text) + " is an annotation, not a label", "move it to annotations")));
    }

    private static Refusal unknown(String field, String text) {
        String start = text.substring(0, Math.min(text.length(), Names.LONGEST));
        return new Refusal(
                Refusal.Rule.UNKNOWN_KEY,
                new Problem(
                        field,
                        "unknown key, did you mean " + CanaryKey.nearest(start).text() + "?",
                        "remove or correct it"));
    }

    private static Refusal notText(String key, String value) {
        return new Refusal(
                Refusal.Rule.VALUE,
                new Problem(
                        Problem.annotation(key),
                        Names.quoted(value) + " holds a NUL or half a character",
                        "write plain text in UTF-8"));
    }

    private static Map<String, String> sorted(Map<String, String> map) {
        return new TreeMap<>(map);
    }
}
