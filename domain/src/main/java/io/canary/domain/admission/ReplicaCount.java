// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Settings;
import io.canary.domain.app.Version;
import io.canary.domain.app.VersionName;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Keeps replica counts ours: a new version starts held at 0 beside one that serves (design 5.2), and a file that is
/// applied again does not change the count of a version that takes part (design section 6).
final class ReplicaCount {
    private ReplicaCount() {}

    static void hold(
            DeploymentFacts wanted,
            @Nullable String app,
            NamespaceView view,
            List<FieldEdit> edits,
            Warnings warnings) {
        if (starts(wanted, app, view, v -> v.replicas() > 0)) {
            edits.add(new FieldEdit.SetReplicas(0));
            warnings.add(wanted.name() + " starts with 0 replicas: Canary starts its pods when their turn comes");
        }
    }

    /// What the validating hook says of a new version that is not held beside one that has ready pods. A version
    /// without them does not count: where one file makes both, it may have come into view between the two hooks.
    static Optional<Refusal> notHeld(DeploymentFacts wanted, @Nullable String app, NamespaceView view) {
        return starts(wanted, app, view, v -> v.ready() > 0)
                ? Optional.of(new Refusal(
                        Refusal.Rule.MUTATION_SKIPPED,
                        new Problem(
                                "spec.replicas",
                                wanted.replicas() + " beside a version that serves, but a new one starts with 0;"
                                        + " the mutation was skipped",
                                "try again")))
                : Optional.empty();
    }

    /// Whether `wanted` would start pods beside another version of its app that is `there`.
    private static boolean starts(
            DeploymentFacts wanted, @Nullable String app, NamespaceView view, Predicate<Version> there) {
        return CanaryKey.anyOfUsers(wanted.annotations())
                && wanted.controller() == null
                && wanted.replicas() > 0
                && app != null
                && view.app(app).versions().stream()
                        .anyMatch(v -> !v.deployment().name().equals(wanted.name()) && there.test(v));
    }

    static void keep(
            DeploymentFacts old,
            DeploymentFacts now,
            @Nullable String app,
            NamespaceView view,
            List<FieldEdit> edits,
            Warnings warnings) {
        boolean takesPart = old.takesPart() || now.takesPart();
        if (!takesPart || now.controller() != null || old.replicas() == now.replicas()) {
            return;
        }
        edits.add(new FieldEdit.SetReplicas(old.replicas()));
        Version.Autoscaler autoscaler = view.autoscalers().get(now.name());
        if (autoscaler != null) {
            warnings.add("replicas stay " + old.replicas() + ": replicas of " + now.name() + " are its autoscaler's");
            return;
        }
        String root = app == null ? "the root Service" : "Service " + app;
        warnings.add(
                "replicas stay " + old.replicas() + ": set the total as " + CanaryKey.REPLICAS.text() + " on " + root);
        if (app != null && scales(old, app, view)) {
            warnings.add("or type: kubectl scale deployment " + now.name() + " --replicas=" + now.replicas());
        }
    }

    /// Whether `kubectl scale` on it sets the total: it is stable, at rest, and no total is fixed (design section 4).
    private static boolean scales(DeploymentFacts facts, String app, NamespaceView view) {
        App seen = view.app(app);
        boolean fixed =
                seen.root() != null && Settings.of(seen.root().annotations()).replicas() != null;
        boolean atRest = seen.release() == null || seen.release().atRest();
        return !fixed && atRest && VersionName.of(app, facts).name().equals(Contradictions.askedStable(seen));
    }
}
