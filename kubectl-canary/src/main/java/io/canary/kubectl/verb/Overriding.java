// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Names;
import io.canary.domain.edit.AnnotationEdit;
import io.canary.domain.edit.Outcome;
import io.canary.domain.policy.Move;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Snapshot;
import java.util.List;
import java.util.Optional;

/// `--override`: the reason goes on the edited object in the same edit, for policies that may be passed by one
/// (policy.md section 5).
final class Overriding {
    static final String FLAG = "override";

    private Overriding() {}

    /// Whether the flag was given without a reason; tells so.
    static boolean unreadable(Session session) {
        if (!session.arguments().given(FLAG)
                || Move.isReason(session.arguments().value(FLAG))) {
            return false;
        }
        session.failed(
                "--override: " + Names.quoted(session.arguments().value(FLAG))
                        + " is not a reason of at least 10 characters",
                "say why, as --override=\"CHG-123: fixes the checkout outage\"");
        return true;
    }

    /// `outcome` with the reason on each object that it edits.
    static Outcome with(Session session, Snapshot snapshot, Outcome outcome) {
        if (!session.arguments().given(FLAG)) {
            return outcome;
        }
        String reason = session.arguments().value(FLAG);
        return switch (outcome) {
            case Outcome.Write write -> stands(snapshot, write, reason).orElseGet(() -> with(write, reason));
            case Outcome.Contradicts(Outcome.Write write, var problems, String hint) ->
                stands(snapshot, write, reason)
                        .orElseGet(() -> new Outcome.Contradicts(with(write, reason), problems, hint));
            case Outcome.Unchanged(String why, var standing) ->
                new Outcome.Unchanged(
                        why + "; " + CanaryKey.OVERRIDE.text() + " is for a change, and was not written", standing);
            case Outcome.Refused refused -> refused;
        };
    }

    /// A text that stands there already is no new override: the API server would refuse as if there were none.
    private static Optional<Outcome> stands(Snapshot snapshot, Outcome.Write write, String reason) {
        return write.edits().stream()
                .filter(edit -> reason.equals(snapshot.object(edit.kind().object(), edit.name())
                        .object("metadata")
                        .object("annotations")
                        .text(CanaryKey.OVERRIDE.text())))
                .findFirst()
                .map(edit -> new Outcome.Refused(
                        "%s of %s/%s is this text already, and an override counts once: write what is new since"
                                .formatted(
                                        CanaryKey.OVERRIDE.text(), edit.kind().text(), edit.name()),
                        ""));
    }

    private static Outcome.Write with(Outcome.Write write, String reason) {
        List<AnnotationEdit> edits = write.edits().stream()
                .map(edit -> edit.and(CanaryKey.OVERRIDE, reason))
                .toList();
        return new Outcome.Write(edits, write.notes());
    }
}
