// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.app.UserRoute;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Keeps the keys that only we write from everybody else: dropped at CREATE, restored at UPDATE if missing, refused
/// if changed (design section 2); so copied YAML, `kubectl replace` and restores from backup work. Also stamps
/// `canary.io/by`. All of it is for requests of others than us.
final class ProtectedKeys {
    private static final String MARK = CanaryKey.APP.text();
    private static final List<CanaryKey> KEPT = Arrays.stream(CanaryKey.values())
            .filter(key -> key.owner() == CanaryKey.Owner.CANARY && key != CanaryKey.BY)
            .toList();

    private ProtectedKeys() {}

    /// What the mutating hook does about them.
    static void edit(Change change, List<FieldEdit> edits, Warnings warnings) {
        Map<String, String> old =
                change.before() == null ? Map.of() : change.before().annotations();
        Map<String, String> now = change.subject().annotations();
        for (CanaryKey key : KEPT) {
            String was = old.get(key.text());
            if (change.operation() == Change.Operation.CREATE && key.isIn(now) && !travels(change, key)) {
                edits.add(new FieldEdit.RemoveAnnotation(key.text()));
                warnings.add(key.text() + " is written by Canary only: dropped");
            } else if (was != null && !key.isIn(now)) {
                edits.add(new FieldEdit.SetAnnotation(key.text(), was));
            }
        }
        String mark = change.before() == null ? null : change.before().labels().get(MARK);
        boolean marked = change.subject().labels().containsKey(MARK);
        if (change.operation() == Change.Operation.CREATE && marked) {
            edits.add(new FieldEdit.RemoveLabel(MARK));
            warnings.add("label " + MARK + " is written by Canary only: dropped");
        } else if (mark != null && !marked) {
            edits.add(new FieldEdit.SetLabel(MARK, mark));
        }
        stamp(change, edits);
    }

    /// What a managed route said before belongs to its rules, and goes where they go: the mutating hook sets both for
    /// whoever writes the route, and a copy of a split route must know what it was. Who may write a route may write
    /// what is restored in it anyway.
    private static boolean travels(Change change, CanaryKey key) {
        return key == CanaryKey.ORIGINAL
                && change.subject().place() == CanaryKey.Place.ROUTE
                && UserRoute.asksFor(change.subject().annotations());
    }

    private static void stamp(Change change, List<FieldEdit> edits) {
        String by = CanaryKey.BY.text();
        String present = change.subject().annotations().get(by);
        String due = due(change);
        if (Objects.equals(present, due)) {
            return;
        }
        edits.add(due == null ? new FieldEdit.RemoveAnnotation(by) : new FieldEdit.SetAnnotation(by, due));
    }

    /// Who made the last edit of a user's key; null once nothing is left that the stamp could be about.
    private static @Nullable String due(Change change) {
        Map<String, String> now = change.subject().annotations();
        boolean takesPart = CanaryKey.APP.isIn(now)
                || (change.before() != null
                        && CanaryKey.APP.isIn(change.before().annotations()));
        if (!CanaryKey.anyOfUsers(now) && !takesPart) {
            return null;
        }
        return change.userKeysDiffer() ? change.user().name() : oldBy(change);
    }

    /// Changes of protected keys that nothing but intent or a stale copy explains.
    static List<Refusal> forged(Change change) {
        List<Refusal> refusals = new ArrayList<>();
        if (change.operation() != Change.Operation.UPDATE) {
            return refusals;
        }
        Map<String, String> now = change.subject().annotations();
        for (CanaryKey key : KEPT) {
            if (change.differs(key) && (change.throughStatus() || (key.isIn(now) && !travels(change, key)))) {
                refusals.add(forged(Problem.annotation(key.text())));
            }
        }
        if (change.labelDiffers(MARK) && (change.subject().labels().containsKey(MARK) || change.throughStatus())) {
            refusals.add(forged("metadata.labels[" + MARK + "]"));
        }
        if (!change.userKeysDiffer()
                && change.differs(CanaryKey.BY)
                && (CanaryKey.BY.isIn(now) || change.throughStatus())) {
            refusals.add(forged(Problem.annotation(CanaryKey.BY.text())));
        }
        return refusals;
    }

    /// Protected keys that the mutating hook would have dropped, restored or stamped.
    static List<Refusal> skipped(Change change) {
        List<Refusal> refusals = new ArrayList<>();
        if (change.throughStatus()) { // no mutating hook there that could stamp
            if (change.userKeysDiffer()
                    && !change.user()
                            .name()
                            .equals(change.subject().annotations().get(CanaryKey.BY.text()))) {
                refusals.add(new Refusal(
                        Refusal.Rule.PROTECTED_KEY,
                        Problem.of(
                                CanaryKey.BY,
                                "would not name who edits: a key is stamped on the object, not on its status",
                                "edit the object itself")));
            }
            return refusals;
        }
        boolean create = change.operation() == Change.Operation.CREATE;
        Map<String, String> now = change.subject().annotations();
        for (CanaryKey key : KEPT) {
            if (change.differs(key) && create == key.isIn(now) && !travels(change, key)) {
                refusals.add(skipped(key, now.get(key.text())));
            }
        }
        if (change.labelDiffers(MARK) && create == change.subject().labels().containsKey(MARK)) {
            refusals.add(skipped(CanaryKey.APP, change.subject().labels().get(MARK)));
        }
        String by = CanaryKey.BY.in(now).orElse(null);
        boolean honest = Objects.equals(by, oldBy(change))
                || Objects.equals(by, due(change))
                || change.user().name().equals(by);
        if (!honest && (change.userKeysDiffer() || by == null || create)) {
            refusals.add(skipped(CanaryKey.BY, by));
        }
        return refusals;
    }

    private static Refusal forged(String field) {
        return new Refusal(
                Refusal.Rule.PROTECTED_KEY,
                new Problem(field, "is written by Canary only", "leave it as it is, or out"));
    }

    private static Refusal skipped(CanaryKey key, @Nullable String value) {
        return new Refusal(
                Refusal.Rule.MUTATION_SKIPPED,
                Problem.of(
                        key,
                        (value == null ? "is missing" : Names.quoted(value) + " is written by Canary only")
                                + "; the mutation was skipped",
                        "try again"));
    }

    private static @Nullable String oldBy(Change change) {
        return change.before() == null ? null : change.before().annotations().get(CanaryKey.BY.text());
    }
}
