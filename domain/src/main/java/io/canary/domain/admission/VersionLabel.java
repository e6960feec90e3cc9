// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.app.VersionName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Puts the label `version` where Services can see it, and keeps it there (design section 3).
final class VersionLabel {
    private static final String VERSION = VersionName.LABEL;
    private static final String FIELD = "spec.template.metadata.labels[version]";

    private VersionLabel() {}

    /// At CREATE: into metadata labels, template labels and selector, where they lack it.
    static void inject(DeploymentFacts wanted, @Nullable String app, List<FieldEdit> edits) {
        Optional<String> name = name(wanted, app);
        if (name.isEmpty() || !named(wanted, app, name.get()).isEmpty()) {
            return;
        }
        String version = name.get();
        String selected = wanted.selector().get(VERSION);
        if (selected != null && !selected.equals(version)) {
            return; // the API server refuses it, or its owner meant it
        }
        addTo(wanted.labels(), new FieldEdit.SetLabel(VERSION, version), edits);
        addTo(wanted.templateLabels(), new FieldEdit.SetTemplateLabel(VERSION, version), edits);
        if (!wanted.selector().isEmpty()) {
            addTo(wanted.selector(), new FieldEdit.SetSelectorLabel(VERSION, version), edits);
        }
    }

    /// At UPDATE: restored where the old object has it and the new one lacks only it; a template label only where
    /// `canary.io/version` asks for one; the selector never otherwise.
    static void restore(
            DeploymentFacts old, DeploymentFacts now, @Nullable String app, List<FieldEdit> edits, Warnings warnings) {
        String label = old.labels().get(VERSION);
        if (label != null) {
            addTo(now.labels(), new FieldEdit.SetLabel(VERSION, label), edits);
        }
        String selected = old.selector().get(VERSION);
        if (selected != null && without(old.selector()).equals(now.selector())) {
            edits.add(new FieldEdit.SetSelectorLabel(VERSION, selected));
        }
        String template = old.templateLabels().get(VERSION);
        if (template != null) {
            addTo(now.templateLabels(), new FieldEdit.SetTemplateLabel(VERSION, template), edits);
        } else if (!now.templateLabels().containsKey(VERSION)) {
            adopt(now, app, edits, warnings);
        }
    }

    private static void adopt(DeploymentFacts now, @Nullable String app, List<FieldEdit> edits, Warnings warnings) {
        String version = now.get(CanaryKey.VERSION);
        if (version == null) {
            if (CanaryKey.anyOfUsers(now.annotations()) || CanaryKey.APP.isIn(now.annotations())) {
                warnings.add("routes wait: the pods of " + now.name() + " have no version label; kubectl canary adopt "
                        + (app == null ? now.name() : app));
            }
            return;
        }
        if (!Names.isDns1035(version)
                || !named(now, app, version).isEmpty()
                || now.selector().containsKey(VERSION)) {
            return;
        }
        if (!now.labels().containsKey(VERSION)) {
            edits.add(new FieldEdit.SetLabel(VERSION, version));
        }
        edits.add(new FieldEdit.SetTemplateLabel(VERSION, version));
        warnings.add("pods get the label version=" + version + ": this rolls the pods once");
    }

    /// A Deployment with a key whose name is generated: the mutating hook alone sees that, before it is.
    static List<Refusal> unnamed(Subject subject) {
        return subject.place() == CanaryKey.Place.DEPLOYMENT
                        && subject.name().isEmpty()
                        && CanaryKey.anyOfUsers(subject.annotations())
                ? List.of(refusal(new Problem(
                        "metadata.name",
                        "needs metadata.name: generateName gives a new one at each apply",
                        "write e.g. \"order-v2\"")))
                : List.of();
    }

    /// What is wrong with the version's name in what `change` wants.
    static List<Refusal> refusals(Change change, Subject.Workload after, @Nullable String app) {
        DeploymentFacts now = after.facts();
        DeploymentFacts old = change.before() instanceof Subject.Workload before ? before.facts() : null;
        List<Refusal> refusals = new ArrayList<>();
        String label = now.templateLabels().get(VERSION);
        String was = old == null ? null : old.templateLabels().get(VERSION);
        if (old != null && old.takesPart() && was != null && !was.equals(label)) {
            refusals.add(edited(was, label, change.throughStatus()));
            return refusals;
        }
        boolean entering = old == null || !old.takesPart();
        if (!now.takesPart()
                || !(entering
                        || change.differs(CanaryKey.VERSION)
                        || change.differs(CanaryKey.SERVICE)
                        || !Objects.equals(label, was))) {
            return refusals;
        }
        String annotated = now.get(CanaryKey.VERSION);
        if (annotated != null && !Names.isDns1035(annotated)) {
            return refusals; // its value is refused by its grammar
        }
        if (annotated != null && label != null && !annotated.equals(label)) {
            refusals.add(refusal(Problem.of(
                    CanaryKey.VERSION,
                    Names.quoted(annotated) + " disagrees with the pods' label version=" + Names.shown(label),
                    "remove the annotation; the label holds")));
            return refusals;
        }
        name(now, app).ifPresent(name -> refusals.addAll(named(now, app, name)));
        return refusals;
    }

    /// Whether an unchanged object says its version's name in two ways.
    static boolean disagree(DeploymentFacts facts) {
        String annotated = facts.get(CanaryKey.VERSION);
        String label = facts.templateLabels().get(VERSION);
        return annotated != null && label != null && !annotated.equals(label);
    }

    private static List<Refusal> named(DeploymentFacts facts, @Nullable String app, String name) {
        boolean labelled = facts.templateLabels().containsKey(VERSION);
        String field = labelled
                ? FIELD
                : facts.get(CanaryKey.VERSION) != null ? Problem.annotation(CanaryKey.VERSION.text()) : "metadata.name";
        if (!Names.isDns1035(name)) {
            return List.of(refusal(new Problem(
                    field,
                    Names.quoted(name) + " cannot name a version: lower case letters, digits and \"-\", a letter first,"
                            + " at most 63 characters",
                    labelled ? "label the pods e.g. version: v2" : "set canary.io/version e.g. to \"v2\"")));
        }
        if (app != null && Names.versionService(app, name).length() > Names.LONGEST) {
            int longest = Names.LONGEST - app.length() - 1;
            return List.of(refusal(new Problem(
                    field,
                    Names.quoted(name) + " is too long: Service " + Names.shown(Names.versionService(app, name))
                            + " would have more than 63 characters",
                    longest > 0
                            ? "at most " + longest + " characters for a version of " + Names.shown(app)
                            : "the root Service's name leaves no room for a version's")));
        }
        return List.of();
    }

    /// The version's name; without an app only the label and the annotation tell it.
    private static Optional<String> name(DeploymentFacts facts, @Nullable String app) {
        if (app != null) {
            return Optional.of(VersionName.of(app, facts).name());
        }
        String label = facts.templateLabels().get(VERSION);
        return Optional.ofNullable(label != null ? label : facts.get(CanaryKey.VERSION));
    }

    private static Refusal edited(String was, @Nullable String label, boolean throughStatus) {
        if (label == null && !throughStatus) {
            return new Refusal(
                    Refusal.Rule.MUTATION_SKIPPED,
                    new Problem(FIELD, "is missing; the mutation was skipped", "try again"));
        }
        return refusal(new Problem(
                FIELD,
                Names.quoted(label == null ? "" : label) + " renames version " + Names.quoted(was)
                        + ", which takes part in a release",
                "leave it, and make another Deployment for another version"));
    }

    private static Refusal refusal(Problem problem) {
        return new Refusal(Refusal.Rule.VERSION, problem);
    }

    private static void addTo(Map<String, String> labels, FieldEdit edit, List<FieldEdit> edits) {
        if (!labels.containsKey(VERSION)) {
            edits.add(edit);
        }
    }

    private static Map<String, String> without(Map<String, String> selector) {
        Map<String, String> rest = new HashMap<>(selector);
        rest.remove(VERSION);
        return rest;
    }
}
