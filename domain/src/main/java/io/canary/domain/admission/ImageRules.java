// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.ImageReference;
import io.canary.domain.app.Names;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Version;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Judges the images of a version: two versions can be told apart, and an undo brings back what ran, only while a name
/// stands for one build (docs/tags.md). Told, never refused: what may be pulled is for others to say.
final class ImageRules {
    private static final String EXAMPLE = "2.4.0-9f3c2ab1";

    private ImageRules() {}

    /// What is doubtful in images that `change` brings, or in all of them where it changes a key: the same is not said
    /// again at every edit of something else.
    ///
    /// @param app that the Deployment belongs to or waits for
    static void tell(Change change, Subject.Workload now, @Nullable String app, NamespaceView view, Warnings warnings) {
        if (!CanaryKey.anyOfUsers(now.annotations())) {
            return;
        }
        Subject.@Nullable Workload before = change.before() instanceof Subject.Workload workload ? workload : null;
        Set<Subject.Container> told =
                before == null || change.userKeysDiffer() ? Set.of() : new HashSet<>(before.containers());
        List<Subject.Container> judged = now.containers().stream()
                .filter(container -> !told.contains(container))
                .limit(ImageReference.MOST)
                .toList();
        List<DeploymentFacts> others =
                judged.stream().anyMatch(c -> ImageReference.of(c.image()).fixesTag())
                        ? others(now, app, view)
                        : List.of();
        for (Subject.Container container : judged) {
            problem(container, before, others).ifPresent(warnings::add);
        }
    }

    private static List<DeploymentFacts> others(Subject.Workload now, @Nullable String app, NamespaceView view) {
        List<Version> versions = app == null ? List.of() : view.app(app).versions();
        return versions.stream()
                .map(Version::deployment)
                .filter(other -> !other.name().equals(now.name()))
                .toList();
    }

    private static Optional<Problem> problem(
            Subject.Container container, Subject.@Nullable Workload before, List<DeploymentFacts> others) {
        ImageReference image = ImageReference.of(container.image());
        String who = Names.shown(container.name());
        String pinned = "pin it, e.g. " + shown(image.name()) + ":" + EXAMPLE + "@sha256:...";
        if (image.untagged()) {
            return Optional.of(problem(container, "image of container " + who + " has no tag", pinned));
        }
        if (image.moves()) {
            return Optional.of(
                    problem(container, "image of container " + who + " has the tag latest, which moves", pinned));
        }
        return elsewhere(image, before, others)
                .map(where -> problem(
                        container,
                        "tag " + Names.shown(image.tag()) + " of container " + who + " " + where,
                        "never move a tag, push " + shown(image.name()) + " under a new one"));
    }

    /// Where the tag of `image` stands for another build: in the stored object, or in another version of the app.
    private static Optional<String> elsewhere(
            ImageReference image, Subject.@Nullable Workload before, List<DeploymentFacts> others) {
        if (before != null && contradicts(image, before.facts())) {
            return Optional.of("had another digest before");
        }
        return others.stream()
                .filter(other -> contradicts(image, other))
                .findFirst()
                .map(other -> "has another digest in " + Names.shown(other.name()));
    }

    private static boolean contradicts(ImageReference image, DeploymentFacts other) {
        return other.images().stream().map(ImageReference::of).anyMatch(image::contradicts);
    }

    private static Problem problem(Subject.Container container, String text, String cure) {
        return new Problem("spec.template.spec.containers[" + Names.shown(container.name()) + "].image", text, cure);
    }

    /// The whole name where it leaves room for the rest, else without registry and path.
    private static String shown(String name) {
        return Names.shown(name.length() <= Names.LONGEST ? name : name.substring(name.lastIndexOf('/') + 1));
    }
}
