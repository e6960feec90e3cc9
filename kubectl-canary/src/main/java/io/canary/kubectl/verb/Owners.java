// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.domain.edit.AnnotationEdit;
import io.canary.kubectl.cluster.FieldOwners;
import io.canary.kubectl.cluster.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Who writes what Canary reads and writes: a GitOps tool will write its keys again, anybody else's replicas fight ours
/// (cli.md section 3).
final class Owners {
    /// Our own field managers: of the controller, of this plugin.
    private static final Set<String> OURS = Set.of("canary", "kubectl-canary");

    private Owners() {}

    /// What to change in Git too, so that an edit lasts: one sentence for each key that a GitOps tool holds.
    static List<String> inGit(Snapshot snapshot, String app, List<AnnotationEdit> edits) {
        List<String> warnings = new ArrayList<>();
        for (AnnotationEdit edit : edits) {
            String kind = edit.kind().object();
            edit.values().forEach((key, value) -> {
                String was = annotation(snapshot, kind, edit.name(), key);
                warn(snapshot, kind, edit.name(), key, was, value == null ? "removed" : value, warnings);
            });
            if (edit.values().get(CanaryKey.ABORT) != null) {
                weights(snapshot, app, warnings);
            }
        }
        return warnings;
    }

    /// An abort holds against Git; its weights come back with a retry unless they go from Git as well.
    private static void weights(Snapshot snapshot, String app, List<String> warnings) {
        for (Version v : snapshot.view().app(app).versions()) {
            String weight = v.get(CanaryKey.WEIGHT);
            if (weight != null && v.askedBasisPoints() > 0) {
                warn(snapshot, "Deployment", v.deployment().name(), CanaryKey.WEIGHT, weight, "0", warnings);
            }
        }
    }

    private static void warn(
            Snapshot snapshot,
            String kind,
            String name,
            CanaryKey key,
            String was,
            String becomes,
            List<String> warnings) {
        FieldOwners.of(snapshot.object(kind, name))
                .gitOps(key.text())
                .ifPresent(owner -> warnings.add("warning: %s owns %s/%s %s; in Git: %s -> %s"
                        .formatted(owner, kind, name, key.text(), was.isEmpty() ? "absent" : was, becomes)));
    }

    private static String annotation(Snapshot snapshot, String kind, String name, CanaryKey key) {
        return snapshot.object(kind, name)
                .object("metadata")
                .object("annotations")
                .text(key.text());
    }

    /// Who holds each key of an app, and the replicas of its versions; whoever will fight is marked.
    static List<String> of(Snapshot snapshot, String app) {
        List<String> lines = new ArrayList<>();
        ServiceFacts root = snapshot.view().app(app).root();
        if (root != null) {
            keys(snapshot, "Service", root.name(), lines);
        }
        for (Version v : snapshot.view().app(app).versions()) {
            String name = v.deployment().name();
            keys(snapshot, "Deployment", name, lines);
            for (String manager :
                    FieldOwners.of(snapshot.object("Deployment", name)).ofSpec("replicas")) {
                if (!OURS.contains(manager)) {
                    lines.add("Deployment/%s replicas by %s%s"
                            .formatted(
                                    name,
                                    manager,
                                    FieldOwners.isGitOps(manager) ? ": it will fight, take replicas out of Git" : ""));
                }
            }
        }
        return lines;
    }

    private static void keys(Snapshot snapshot, String kind, String name, List<String> lines) {
        FieldOwners owners = FieldOwners.of(snapshot.object(kind, name));
        for (CanaryKey key : CanaryKey.values()) {
            for (String manager : owners.ofAnnotation(key.text())) {
                if (!OURS.contains(manager)) {
                    lines.add("%s/%s %s by %s%s"
                            .formatted(
                                    kind,
                                    name,
                                    key.text(),
                                    manager,
                                    FieldOwners.isGitOps(manager) ? ": edits last until its next sync" : ""));
                }
            }
        }
    }
}
