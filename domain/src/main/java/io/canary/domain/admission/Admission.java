// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.Names;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Problem;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.VersionName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Decides what the two hooks answer (design section 6): from the request and from caches, writing nothing.
public final class Admission {
    private Admission() {}

    /// The mutating hook: completes an object and puts back what is ours. Deciding again about its own result edits
    /// nothing.
    ///
    /// @param view the namespace as it was before the request
    public static Decision mutate(Change change, NamespaceView view) {
        return mutate(change, view, Ruled.NONE);
    }

    /// The same with what policies and rights say of it.
    public static Decision mutate(Change change, NamespaceView view, Ruled ruled) {
        if (change.user().ours() || change.after() == null || change.throughStatus()) {
            return new Decision.Allow(List.of());
        }
        Warnings warnings = new Warnings();
        List<Refusal> refusals = new ArrayList<>(ProtectedKeys.forged(change));
        // Here too, though the validating hook refuses them: policies of the API server come before it, with less to
        // say.
        refusals.addAll(KeyRules.refusals(change));
        refusals.addAll(VersionLabel.unnamed(change.subject()));
        if (change.operation() == Change.Operation.CREATE && change.after() instanceof Subject.Workload workload) {
            refusals.addAll(ofNewVersion(change, workload, view));
        }
        refusals.addAll(ruled.refusals());
        if (!refusals.isEmpty()) {
            return new Decision.Deny(refusals, List.of());
        }
        List<FieldEdit> edits = new ArrayList<>();
        switch (change.after()) {
            case Subject.Workload workload -> ofWorkload(change, workload, view, edits, warnings);
            case Subject.Service service -> ofService(change, service, view, warnings);
            case Subject.Route _ -> {} // after the protected keys
        }
        ProtectedKeys.edit(change, edits, warnings);
        if (change.after() instanceof Subject.Route route) {
            ManagedRoutes.split(change.before(), route, view, edits, warnings);
        }
        KeyRules.unchanged(change).forEach(warnings::add);
        if (!change.userKeysDiffer()) { // else the validating hook is asked, and says so
            warnings.addAll(ruled.warnings());
        }
        return edits.isEmpty() ? new Decision.Allow(warnings.list()) : new Decision.Mutate(edits, warnings.list());
    }

    /// Why no label can be put on a new version.
    private static List<Refusal> ofNewVersion(Change change, Subject.Workload workload, NamespaceView view) {
        boolean named = !workload.name().isEmpty() && CanaryKey.anyOfUsers(workload.annotations());
        return named && workload.facts().controller() == null
                ? VersionLabel.refusals(change, workload, change.appliedTo(view).appOf(workload.facts()))
                : List.of();
    }

    private static void ofWorkload(
            Change change, Subject.Workload workload, NamespaceView view, List<FieldEdit> edits, Warnings warnings) {
        DeploymentFacts now = workload.facts();
        if (now.controller() != null) {
            warnings.add(now.name() + " is not managed: it belongs to " + now.controller());
            return;
        }
        String app = change.appliedTo(view).appOf(now);
        if (change.before() instanceof Subject.Workload before) {
            DeploymentFacts old = before.facts();
            if (old.takesPart() || now.takesPart()) {
                VersionLabel.restore(old, now, app, edits, warnings);
                ReplicaCount.keep(old, now, app, view, edits, warnings);
            }
            if (VersionLabel.disagree(old) && VersionLabel.disagree(now)) {
                warnings.add("canary.io/version disagrees with the pods' label version: the label holds");
            }
        } else if (CanaryKey.anyOfUsers(now.annotations())) {
            VersionLabel.inject(now, app, edits);
            ReplicaCount.hold(now, app, view, edits, warnings);
        }
        // Here, for the validating hook is not asked where an image alone changes.
        ImageRules.tell(change, workload, app, view, warnings);
    }

    /// Abort and pause do not reach the validating hook, so what they come to is said here.
    private static void ofService(Change change, Subject.Service service, NamespaceView view, Warnings warnings) {
        if (!rootless(service.facts()).isEmpty() && CanaryKey.anyOfUsers(service.annotations())) {
            warnings.add(rootless(service.facts()));
        }
        if (change.dryRun() && (change.differs(CanaryKey.ABORT) || change.differs(CanaryKey.PAUSED))) {
            warnings.addAll(Forecast.lines(change.appliedTo(view).app(service.name())));
        }
    }

    /// The validating hook: refuses what is wrong in the object itself, warns of all else.
    ///
    /// @param view the namespace as it was before the request
    public static Decision validate(Change change, NamespaceView view) {
        return validate(change, view, Ruled.NONE);
    }

    /// The same with what policies and rights say of it.
    public static Decision validate(Change change, NamespaceView view, Ruled ruled) {
        if (change.user().ours()) {
            return new Decision.Allow(List.of());
        }
        if (change.after() == null) {
            return deleted(change, view);
        }
        List<Refusal> refusals = new ArrayList<>(ProtectedKeys.forged(change));
        refusals.addAll(KeyRules.refusals(change));
        Warnings warnings = new Warnings();
        NamespaceView after = change.appliedTo(view);
        switch (change.after()) {
            case Subject.Workload workload -> ofWorkload(change, workload, view, after, refusals, warnings);
            case Subject.Service service -> ofService(change, service, after, refusals, warnings);
            case Subject.Route _ -> {}
        }
        refusals.addAll(ProtectedKeys.skipped(change));
        refusals.addAll(ruled.refusals());
        warnings.addAll(ruled.warnings());
        return refusals.isEmpty() ? new Decision.Allow(warnings.list()) : new Decision.Deny(refusals, List.of());
    }

    private static void ofWorkload(
            Change change,
            Subject.Workload workload,
            NamespaceView view,
            NamespaceView after,
            List<Refusal> refusals,
            Warnings warnings) {
        String app = after.appOf(workload.facts());
        if (workload.facts().controller() == null) {
            refusals.addAll(VersionLabel.refusals(change, workload, app));
            if (change.operation() == Change.Operation.CREATE) {
                ReplicaCount.notHeld(workload.facts(), app, view).ifPresent(refusals::add);
            }
        }
        if (CanaryKey.anyOfUsers(workload.annotations())) {
            Cautions.ofWorkload(workload, after, warnings);
        }
        if (change.dryRun() && app != null && workload.facts().controller() == null) {
            warnings.addAll(Forecast.lines(after.app(app)));
        }
    }

    private static void ofService(
            Change change, Subject.Service service, NamespaceView after, List<Refusal> refusals, Warnings warnings) {
        if (!CanaryKey.anyOfUsers(service.annotations())) {
            return;
        }
        ServiceFacts facts = service.facts();
        if (!rootless(facts).isEmpty()) {
            addedKey(change)
                    .map(key -> new Refusal(
                            Refusal.Rule.ROOT, Problem.of(key, rootless(facts), "set it on the root Service")))
                    .ifPresent(refusals::add);
            return;
        }
        Cautions.ofService(service, after, warnings);
        if (change.dryRun()) {
            warnings.addAll(Forecast.lines(after.app(facts.name())));
        }
    }

    private static Decision deleted(Change change, NamespaceView view) {
        Optional<Refusal> refusal = change.before() instanceof Subject.Workload workload
                ? Deletion.refusal(change, workload.facts(), view)
                : Optional.empty();
        return refusal.<Decision>map(r -> new Decision.Deny(List.of(r), List.of()))
                .orElseGet(() -> new Decision.Allow(List.of()));
    }

    /// Why a Service can never be a root Service; empty if it may be one.
    private static String rootless(ServiceFacts facts) {
        String service = "Service " + Names.shown(facts.name());
        if (facts.type().equals("ExternalName")) {
            return service + " is ExternalName: Canary cannot split it";
        }
        if (facts.headless()) {
            return service + " is headless: Canary cannot split it";
        }
        if (facts.ours() || facts.selector().containsKey(VersionName.LABEL)) {
            return service + " is not a root Service: it is made for one version";
        }
        return "";
    }

    /// The first user's key on its right place that `change` adds or changes.
    private static Optional<CanaryKey> addedKey(Change change) {
        return CanaryKey.ofUsers().stream()
                .filter(key -> key.owner() == CanaryKey.Owner.USER && key.place() == CanaryKey.Place.SERVICE)
                .filter(key -> key.isIn(change.subject().annotations()) && change.differs(key))
                .findFirst();
    }
}
