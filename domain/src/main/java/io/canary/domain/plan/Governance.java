// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Names;
import io.canary.domain.app.Release;
import io.canary.domain.app.Version;
import io.canary.domain.policy.Finding;
import io.canary.domain.policy.Freeze;
import io.canary.domain.policy.Judge;
import io.canary.domain.policy.Move;
import io.canary.domain.policy.Moves;
import io.canary.domain.policy.Policies;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.PolicyRule;
import io.canary.domain.share.Total;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What policies say in the reconciler (policy.md section 3): no raise towards what they refuse, however it came to
/// stand there, and none during a freeze that holds. What lowers, withdraws or returns is not theirs.
final class Governance {
    private final Policies policies;
    private final Instant wall;
    private final Watch watch;

    /// @param wall the time by which windows, exemptions and ages go; the delays of `watch` do not follow it
    Governance(Policies policies, Instant wall, Watch watch) {
        this.policies = policies;
        this.wall = wall;
        this.watch = watch;
    }

    /// Plans again when it is `at` on the wall.
    private void wake(@Nullable Instant at) {
        if (at != null && at.isAfter(wall)) {
            watch.over(watch.now(), Duration.between(wall, at));
        }
    }

    /// What is known of `version` for policies now.
    ///
    /// @param before the same at the last planning
    Release.Standing standing(Situation s, Version version, Release.Standing before) {
        Release.Begun begun = begun(s, version, before.begun());
        Release.Waiver waiver = waiver(s, version, before.waiver());
        Release.Standing known = new Release.Standing(begun, verdict(s.app(), version), null, waiver);
        return new Release.Standing(begun, known.verdict(), limit(s, version, known), waiver);
    }

    /// One that is promoted goes on, though its weight may be taken away meanwhile.
    private Release.@Nullable Begun begun(Situation s, Version version, Release.@Nullable Begun before) {
        if (version.askedBasisPoints() == 0) {
            return promoted(s, version) ? before : null;
        }
        String hash = version.deployment().templateHash();
        String weight = CanaryKey.WEIGHT.in(version.deployment().annotations()).orElse("");
        if (before != null && before.templateHash().equals(hash)) {
            return before.weight().equals(weight) ? before : new Release.Begun(before.by(), before.at(), hash, weight);
        }
        String by = CanaryKey.BY.in(version.deployment().annotations()).orElse("");
        boolean templateAlone = before != null && before.weight().equals(weight);
        return new Release.Begun(templateAlone ? "" : Names.shown(by), wall, hash, weight);
    }

    private static boolean promoted(Situation s, Version version) {
        return s.asked().promotion() && version.name().equals(s.asked().stable());
    }

    /// The verdict is written by who analyses, and kept as it stands.
    private static Release.@Nullable Verdict verdict(App app, Version version) {
        return app.recorded(version).map(status -> status.standing().verdict()).orElse(null);
    }

    /// An override is for what was asked for with it alone, and its text counts once. One on the root
    /// Service, beside a promotion or at resuming, is for what the versions ask for then. What stands there
    /// when a version is first seen is for others, unless it came with the promotion of that version: then it
    /// is new to all.
    private Release.@Nullable Waiver waiver(Situation s, Version version, Release.@Nullable Waiver before) {
        boolean promoted = promoted(s, version);
        boolean first = before == null && s.app().recorded(version).isEmpty();
        Release.Waiver waiver = before;
        for (Map<String, String> keys :
                List.of(version.deployment().annotations(), s.root().annotations())) {
            String text = CanaryKey.OVERRIDE.in(keys).filter(Move::isReason).orElse(null);
            if (text == null || (waiver != null && waiver.used(text))) {
                continue;
            }
            boolean ofRoot = keys.equals(s.root().annotations());
            List<String> used = waiver == null ? List.of() : waiver.used();
            boolean ofOthers = ofRoot && first && !(promoted && isNew(s.app(), text));
            boolean counts = (version.wishes() || promoted) && !ofOthers;
            Release.Waiver now = counts
                    ? new Release.Waiver(
                            Names.shown(CanaryKey.BY.in(keys).orElse("")),
                            wall,
                            Names.shown(text),
                            promoted && ofRoot ? Release.Waiver.STABLE : version.wish(),
                            used)
                    : waiver == null ? new Release.Waiver("", wall, "", "", used) : waiver;
            waiver = now.using(text);
        }
        return waiver;
    }

    /// Whether no version that the Release tells of has seen `text` yet.
    private static boolean isNew(App app, String text) {
        Release told = app.release();
        return told != null
                && !told.versions().isEmpty()
                && told.versions().stream()
                        .map(version -> version.standing().waiver())
                        .noneMatch(waiver -> waiver != null && waiver.used(text));
    }

    private static boolean waives(Release.@Nullable Waiver waiver, Version version, boolean promotion) {
        return waiver != null && waiver.wish().equals(promotion ? Release.Waiver.STABLE : version.wish());
    }

    private Release.@Nullable Limit limit(Situation s, Version version, Release.Standing standing) {
        if (policies.isEmpty()
                || version.askedBasisPoints() == 0
                || version.name().equals(s.asked().stable())) {
            return null;
        }
        Move move = moves(s).of(Move.Kind.ADVANCE, version, 0, version.askedBasisPoints(), false, null)
                .with(standing.of(version.deployment().templateHash()));
        Release.Limit limit = Judge.limit(move, policies, wall).orElse(null);
        if (limit != null) {
            wake(limit.until());
        }
        return limit;
    }

    /// Why the versions that would rise may not, by version. A withdrawn weight that returns is not asked about.
    Map<String, String> held(Situation s, Map<String, Memory.OfVersion> memory) {
        if (policies.isEmpty()
                || s.handBack()
                || s.paused()
                || s.aborted()
                || s.asked().stableGone()
                || s.undo()) {
            return Map.of();
        }
        return s.app().versions().stream()
                .filter(v -> s.app().named(v))
                .filter(v -> s.asked().shares().of(v.name()) > s.inForce().of(v.name()))
                .flatMap(v -> {
                    Memory.OfVersion m = memory.getOrDefault(v.uid(), Memory.OfVersion.NEW);
                    return Gates.returns(s, v, m.withdrawal())
                            ? Stream.<Map.Entry<String, String>>empty()
                            : reason(s, v, m.standing()).map(why -> Map.entry(v.name(), why)).stream();
                })
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /// Why the canary domains of a version may not be led to it, by version.
    Map<String, String> heldHosts(App app) {
        Map<String, String> held = new HashMap<>();
        if (policies.isEmpty()) {
            return held;
        }
        Moves moves = new Moves(app, Total.UNKNOWN, false);
        for (Version version : app.versions()) {
            if (version.get(CanaryKey.HOSTS) == null) {
                continue;
            }
            Release.Waiver waiver = app.recorded(version)
                    .map(status -> status.standing().waiver())
                    .orElse(null);
            String override = waiver != null && waives(waiver, version, false) ? waiver.reason() : null;
            Judge.lasting(moves.of(Move.Kind.ENTER, version, 0, 0, false, override), policies, wall).stream()
                    .filter(finding -> finding.rule() == PolicyRule.HOSTS || finding.rule() == PolicyRule.GATEWAYS)
                    .filter(finding -> finding.outcome() == Finding.Outcome.DENIED)
                    .findFirst()
                    .ifPresent(finding -> held.put(version.name(), finding.title() + ": " + finding.value()));
        }
        return held;
    }

    private Optional<String> reason(Situation s, Version version, Release.Standing standing) {
        Move move = move(s, version, standing).orElse(null);
        if (move == null) {
            return Optional.empty(); // the stable, taking back
        }
        Optional<String> frozen = policies.about(move.judged())
                .filter(policy -> move.judged().override() == null || !policy.breakGlass())
                .flatMap(policy -> frozen(policy, move).stream())
                .findFirst();
        if (frozen.isPresent()) {
            return frozen;
        }
        List<Finding> denied = Judge.lasting(move, policies, wall).stream()
                .filter(finding -> finding.outcome() == Finding.Outcome.DENIED)
                .toList();
        if (denied.isEmpty()) {
            return Optional.empty();
        }
        wakeByAge(move);
        return Optional.of(denied.stream()
                .map(finding -> finding.title() + ": " + finding.value())
                .collect(Collectors.joining("; ")));
    }

    /// What rises: a version by its weight, or one that is promoted; empty for the stable that takes back.
    private Optional<Move> move(Situation s, Version version, Release.Standing standing) {
        boolean stable = version.name().equals(s.asked().stable());
        if (stable && !s.asked().promotion()) {
            return Optional.empty();
        }
        Release.Waiver waiver = standing.waiver();
        String override = waiver != null && waives(waiver, version, stable) ? waiver.reason() : null;
        int inForce = s.inForce().of(version.name());
        Moves moves = moves(s);
        Move move = stable
                ? moves.of(Move.Kind.PROMOTE, s.root(), version.name(), override)
                : moves.of(
                        Move.Kind.ADVANCE, version, inForce, s.asked().shares().of(version.name()), false, override);
        return Optional.of(move.with(standing.of(version.deployment().templateHash())));
    }

    private static Moves moves(Situation s) {
        return new Moves(s.app(), s.total(), s.mode().value() == Release.Mode.REPLICA);
    }

    private Optional<String> frozen(Policy policy, Move move) {
        boolean refuses = policy.refuses(PolicyRule.WINDOWS, move.app().namespace(), wall);
        Freeze freeze = refuses ? policy.frozenAt(wall) : Freeze.NONE;
        if (!freeze.active() || !freeze.holds()) {
            return Optional.empty();
        }
        wake(freeze.until());
        return Optional.of("CanaryPolicy \"" + policy.name() + "\" windows: " + freeze.text());
    }

    /// What a policy refuses for its age alone is tried again when it is old enough.
    private void wakeByAge(Move move) {
        for (Policy policy : policies.policies()) {
            policy.ageFor(move.to()).ifPresent(needed -> wake(move.reaches(needed)));
        }
    }

    /// The rules that the waiver of `version` passes, as `prod/maxWeight`.
    List<String> overridden(Situation s, Version version, Release.Standing standing) {
        Move move = policies.isEmpty() ? null : move(s, version, standing).orElse(null);
        return move == null || move.judged().override() == null
                ? List.of()
                : Judge.state(move, policies, wall).stream()
                        .filter(finding -> finding.outcome() == Finding.Outcome.OVERRIDDEN)
                        .map(Finding::id)
                        .toList();
    }

    /// Which policies let the rise of `version` pass, for the history: `allowed by prod, baseline`, or by which
    /// override.
    String allowed(Situation s, Version version, Release.Standing standing) {
        Move move = policies.isEmpty() ? null : move(s, version, standing).orElse(null);
        if (move == null) {
            return "";
        }
        List<String> overridden = overridden(s, version, standing);
        Release.Waiver waiver = standing.waiver();
        if (!overridden.isEmpty() && waiver != null) {
            return "overridden by " + waiver.by() + ": " + waiver.reason() + " (" + String.join(", ", overridden) + ")";
        }
        String names = policies.about(move.judged()).map(Policy::name).sorted().collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : "allowed by " + names;
    }
}
