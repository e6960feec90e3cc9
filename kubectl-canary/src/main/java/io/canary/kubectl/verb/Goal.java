// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Release;
import io.canary.domain.app.Weight;
import io.canary.domain.edit.Outcome;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/// What `--wait` waits for.
///
/// @param reached whether the Release shows it
/// @param gone whether it is reached when there is no Release
/// @param bad phases in which nobody need wait any longer (exit code 3)
/// @param told what to say when it is reached
record Goal(Predicate<Release> reached, boolean gone, Set<Release.Phase> bad, Function<Release, String> told) {
    private static final Set<Release.Phase> BAD = Set.of(Release.Phase.DEGRADED, Release.Phase.ABORTED);

    Goal {
        bad = Set.copyOf(bad);
    }

    private static Goal of(Predicate<Release> reached, Set<Release.Phase> bad) {
        return new Goal(reached, false, bad, _ -> "done");
    }

    /// For what was written before: while it contradicts other objects it comes into force only by another edit.
    Goal standing() {
        if (bad.isEmpty()) {
            return this;
        }
        Set<Release.Phase> more = EnumSet.copyOf(bad);
        more.add(Release.Phase.CONFLICT);
        return new Goal(reached, gone, more, told);
    }

    private Goal telling(Function<Release, String> text) {
        return new Goal(reached, gone, bad, text);
    }

    /// In force, and nothing hidden by a Release that knows no version yet.
    static boolean settled(Release release) {
        return !release.versions().isEmpty() && release.inForceIsAsked();
    }

    /// Any of these phases; the others that end a wait still do.
    static Goal phase(Set<Release.Phase> wanted) {
        return of(release -> wanted.contains(release.phase()), BAD);
    }

    /// In force, with each weight asked that was written.
    static Goal weights(Outcome.Write write) {
        return of(
                release -> settled(release)
                        && write.edits().stream()
                                .allMatch(edit -> release.versions().stream()
                                        .filter(v -> v.deployment().equals(edit.name()))
                                        .anyMatch(v -> Weight.parse(String.valueOf(
                                                        edit.values().get(CanaryKey.WEIGHT)))
                                                .filter(weight -> weight.basisPoints() == v.asked())
                                                .isPresent())),
                BAD);
    }

    /// The share of one Deployment in force.
    ///
    /// @param asked basis points
    static Goal started(String deployment, int asked) {
        return of(
                release -> settled(release)
                        && release.phase() != Release.Phase.ABORTED
                        && release.versions().stream()
                                .anyMatch(v -> v.deployment().equals(deployment) && v.asked() == asked),
                BAD);
    }

    static Goal promotion(Outcome.Write write, String app) {
        return of(release -> stands(write, release), BAD).telling(release -> stable(release, app));
    }

    /// An undo goes through an abort, and is what people type when the other version is degraded.
    static Goal undo(Outcome.Write write, String app) {
        return of(release -> stands(write, release), Set.of()).telling(release -> stable(release, app));
    }

    private static boolean stands(Outcome.Write write, Release release) {
        return settled(release)
                && write.edits().stream()
                        .allMatch(edit -> Objects.equals(edit.values().get(CanaryKey.STABLE), release.stable()));
    }

    private static String stable(Release release, String app) {
        String before = release.line().isEmpty() ? "" : release.line().getLast();
        return "%s is stable (%s%%)%s"
                .formatted(
                        release.stable(),
                        release.version(String.valueOf(release.stable()))
                                .map(v -> Weight.percent(v.inForce()))
                                .orElse("100"),
                        before.isEmpty() || before.equals(release.stable())
                                ? ""
                                : "; " + before + " is kept for: kubectl canary undo " + app);
    }

    /// All with stable, as fast as its pods carry it: whatever phase is told, nothing but that ends it.
    static Goal abort(String app) {
        return of(
                        release -> settled(release)
                                && (release.phase() == Release.Phase.ABORTED
                                        || release.phase() == Release.Phase.CONFLICT)
                                && release.versions().stream()
                                        .allMatch(v -> v.name().equals(release.stable()) || v.inForce() == 0),
                        Set.of())
                .telling(release -> "aborted, all traffic is with " + release.stable()
                        + ", held until: kubectl canary retry " + app);
    }

    static Goal retry() {
        return of(release -> release.phase() != Release.Phase.ABORTED && settled(release), BAD);
    }

    static Goal inForce() {
        return of(Goal::settled, BAD);
    }

    static Goal resume() {
        return of(release -> release.phase() != Release.Phase.PAUSED && settled(release), BAD);
    }

    /// @param count pods, as typed
    static Goal total(String count) {
        return of(
                release -> Integer.toString(release.total()).equals(count) && settled(release),
                Set.of(Release.Phase.DEGRADED));
    }

    static Goal adopted() {
        return of(
                release -> settled(release) && !release.modeReason().contains("kubectl canary adopt"),
                Set.of(Release.Phase.DEGRADED));
    }

    /// Handed back: nothing of Canary's is left.
    static Goal detached() {
        return new Goal(_ -> false, true, Set.of(), _ -> "handed back");
    }
}
