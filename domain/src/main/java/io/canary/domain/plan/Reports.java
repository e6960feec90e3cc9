// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.Version;
import io.canary.domain.share.Asked;
import io.canary.domain.share.Measurement;
import io.canary.domain.share.Shares;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Writes the Release: what is asked, in force and waited for, why, and the history of moves (design section 2).
final class Reports {
    private final Situation s;
    private final App app;
    private final Shares now;
    private final Map<String, Gate> gates;
    private final Map<String, Memory.OfVersion> memory;
    private final Memory.@Nullable Stuck stuck;
    private final List<Problem> fights;
    private final List<Release.Bypass> unreached;
    private final Governance governance;
    private final Watch watch;

    /// What to report, what to tell as Events, and what was remembered on the way.
    record Report(
            Release release,
            String why,
            List<Step> tells,
            Map<String, Memory.OfVersion> versions,
            Set<String> told,
            Memory.Unreported unreported) {}

    Reports(
            Situation s,
            Shares now,
            Map<String, Gate> gates,
            Map<String, Memory.OfVersion> memory,
            Memory.@Nullable Stuck stuck,
            List<Problem> fights,
            List<Release.Bypass> unreached,
            Governance governance,
            Watch watch) {
        this.s = s;
        this.app = s.app();
        this.now = now;
        this.gates = gates;
        this.memory = memory;
        this.stuck = stuck;
        this.fights = fights;
        this.unreached = unreached;
        this.governance = governance;
        this.watch = watch;
    }

    Report build(boolean atRest, Set<String> told, Memory.@Nullable Unreported unreported) {
        Map<String, Memory.OfVersion> waits = new HashMap<>();
        List<Release.VersionStatus> versions = new ArrayList<>();
        Shares effective = Measurement.ofEndpoints(app).shares();
        Map<String, Integer> parts = s.parts(s.asked().shares());
        for (Version v : app.versions()) {
            if (counts(v)) {
                versions.add(status(v, effective, parts, waits));
            }
        }
        now.basisPoints().forEach((name, share) -> {
            if (app.version(name).isEmpty()) {
                String waitsFor = "its Deployment is gone";
                versions.add(new Release.VersionStatus(
                        name, "", "", 0, share, 0, 0, 0, 0, waitsFor, null, false, null, Release.Standing.NONE));
            }
        });
        List<String> problems = Stream.concat(s.asked().problems().stream(), fights.stream())
                .map(Problem::message)
                .toList();
        boolean degraded = versions.stream().anyMatch(Release.VersionStatus::degraded);
        boolean inForceIsAsked = versions.stream().allMatch(v -> v.asked() == v.inForce());
        boolean canary = versions.stream()
                .anyMatch(v -> v.inForce() > 0 && !v.name().equals(s.asked().stable()));
        Release.Phase phase = phase(problems, degraded, inForceIsAsked, canary, atRest);
        Release last = app.release();
        String stable = stable(last, inForceIsAsked);
        List<String> line = line(last, stable);
        String message = Stream.of(problems.stream(), waits(versions), pending(versions))
                .flatMap(texts -> texts)
                .findFirst()
                .orElse(s.mode().undecided() ? s.mode().why() : "");
        List<Release.Move> moves = moves(last, versions, unreported);
        Release release = new Release(
                phase,
                message,
                stable,
                line,
                Math.max(0, s.total()),
                s.mode().value(),
                s.mode().why(),
                atRest,
                versions,
                problems,
                app.foreignReady(),
                Bypasses.of(s, this::counts, unreached),
                routes(),
                history(last, moves));
        Set<String> toldNow = new HashSet<>();
        List<Step> tells = tells(release, moves, told, toldNow);
        return new Report(
                release,
                message.isEmpty() ? phase.text() : message,
                tells,
                waits,
                toldNow,
                new Memory.Unreported(moves, now));
    }

    private static Stream<String> waits(List<Release.VersionStatus> versions) {
        return versions.stream().filter(v -> !v.waitsFor().isEmpty()).map(v -> v.name() + ": " + v.waitsFor());
    }

    /// Versions whose pods outlive their share.
    private Stream<String> pending(List<Release.VersionStatus> versions) {
        return versions.stream()
                .filter(v -> memory.getOrDefault(v.uid(), Memory.OfVersion.NEW).surplus() != null)
                .filter(v -> v.replicas() > v.need())
                .map(v -> "%s: keeps %d pods, %d needed, until %s after its share went down"
                        .formatted(
                                v.name(),
                                v.replicas(),
                                v.need(),
                                text(s.settings().scaleDownDelay())));
    }

    private static String text(Duration delay) {
        return delay.toSeconds() + " s";
    }

    /// A Release for an app whose root Service is unfit: all as it was, and why it is held.
    static @Nullable Release held(App app, @Nullable Release last, String why) {
        if (last == null) {
            return null;
        }
        return new Release(
                Release.Phase.CONFLICT,
                why + "; nothing moves and nothing of ours is deleted until it is back",
                last.stable(),
                last.line(),
                last.total(),
                last.mode(),
                last.modeReason(),
                last.atRest(),
                last.versions(),
                List.of(why),
                last.foreignPods(),
                last.bypass(),
                last.routes(),
                last.history());
    }

    private boolean counts(Version v) {
        return app.named(v)
                && (v.takesPart()
                        || v.name().equals(s.asked().stable())
                        || now.of(v.name()) > 0
                        || s.asked().shares().of(v.name()) > 0);
    }

    private Release.VersionStatus status(
            Version v, Shares effective, Map<String, Integer> parts, Map<String, Memory.OfVersion> waits) {
        Memory.OfVersion m = memory.getOrDefault(v.uid(), Memory.OfVersion.NEW);
        int asked = s.asked().shares().of(v.name());
        int inForce = now.of(v.name());
        Gate gate = gates.getOrDefault(v.name(), Gate.open(0));
        boolean receives = stuck != null && stuck.receiver().equals(v.name());
        String waitsFor = "";
        if (asked > inForce) {
            waitsFor = gate.reason();
            int need = parts.getOrDefault(v.name(), 0);
            boolean able = v.labelled() || s.mode().value() == Release.Mode.REPLICA;
            if (receives && able && (s.ready(v) < need || waitsFor.isEmpty())) {
                waitsFor = "takes traffic back as its pods come: " + s.ready(v) + " of " + need + " ready";
            }
        }
        Instant since = null;
        boolean forPods = false;
        boolean degraded = m.withdrawal() != null && m.withdrawal().heldFor() != null;
        if (!waitsFor.isEmpty()) {
            boolean clocked = gate.pods() || receives;
            // The deadline counts from when pods were asked for, not from when the user paused.
            boolean goesOn = m.waitsSince() != null && m.waitsFor() == asked && (m.forPods() || !clocked);
            since = goesOn ? m.waitsSince() : watch.now();
            forPods = clocked || (goesOn && m.forPods());
            Duration deadline =
                    receives ? Duration.ofSeconds(60) : v.deployment().progressDeadline();
            Instant from = receives && stuck != null ? stuck.since() : since;
            degraded |= clocked && watch.over(from, deadline);
        }
        waits.put(
                v.uid(),
                new Memory.OfVersion(
                        m.servesSince(),
                        m.gateSince(),
                        m.surplus(),
                        since,
                        asked,
                        forPods,
                        m.roseAt(),
                        m.withdrawal(),
                        m.standing()));
        return new Release.VersionStatus(
                v.name(),
                v.deployment().name(),
                v.uid(),
                asked,
                inForce,
                effective.of(v.name()),
                v.ready(),
                v.replicas(),
                parts.getOrDefault(v.name(), 0),
                waitsFor,
                since,
                degraded,
                m.withdrawal(),
                m.standing());
    }

    private Release.Phase phase(
            List<String> problems, boolean degraded, boolean inForceIsAsked, boolean canary, boolean atRest) {
        if (!problems.isEmpty()) {
            return Release.Phase.CONFLICT;
        }
        if (s.aborted()) {
            return Release.Phase.ABORTED;
        }
        if (degraded) {
            return Release.Phase.DEGRADED;
        }
        if (s.paused()) {
            return Release.Phase.PAUSED;
        }
        if (!inForceIsAsked || s.mode().undecided() || (!canary && !atRest)) {
            return Release.Phase.PROGRESSING;
        }
        return canary ? Release.Phase.CANARY : Release.Phase.STABLE;
    }

    /// The stable of record changes when a promotion is in force (design section 1). That of a deleted stable stays
    /// until another is named.
    private @Nullable String stable(@Nullable Release last, boolean inForceIsAsked) {
        if (s.asked().stableGone() && last != null) {
            return last.stable();
        }
        if (Asked.guesses(app)) {
            return null;
        }
        boolean reached = inForceIsAsked && !now.isNone() && !s.mode().undecided();
        return reached || s.asked().record() == null
                ? s.asked().stable()
                : s.asked().record();
    }

    private static List<String> line(@Nullable Release last, @Nullable String stable) {
        if (last == null
                || last.stable() == null
                || stable == null
                || last.stable().equals(stable)) {
            return last == null ? List.of() : last.line();
        }
        List<String> line = new ArrayList<>(last.line());
        if (!line.isEmpty() && line.getLast().equals(stable)) {
            line.removeLast();
        } else {
            line.add(last.stable());
        }
        return line.size() > Release.HISTORY ? line.subList(line.size() - Release.HISTORY, line.size()) : line;
    }

    /// The moves that `last` does not tell: those since it was written, and the one that is made now.
    private List<Release.Move> moves(
            @Nullable Release last, List<Release.VersionStatus> versions, Memory.@Nullable Unreported unreported) {
        List<Release.Move> moves = new ArrayList<>(unreported == null ? List.of() : unreported.moves());
        Map<String, Integer> before = new HashMap<>();
        if (last != null) {
            last.versions().forEach(v -> before.put(v.name(), v.inForce()));
        }
        Shares from = unreported == null ? Shares.ofWeights(before, s.newestFirst()) : unreported.shares();
        if (!from.equals(now)) {
            moves.add(new Release.Move(
                    watch.now(), by(versions, from), from.text(), now.text(), reason(from), allowed(from)));
        }
        return moves;
    }

    /// What policies had to say about the versions that rose.
    private String allowed(Shares from) {
        return app.versions().stream()
                .filter(v -> now.of(v.name()) > from.of(v.name()) && !from.isNone())
                .map(v -> governance.allowed(
                        s, v, memory.getOrDefault(v.uid(), Memory.OfVersion.NEW).standing()))
                .filter(text -> !text.isEmpty())
                .distinct()
                .collect(java.util.stream.Collectors.joining("; "));
    }

    private static List<Release.Move> history(@Nullable Release last, List<Release.Move> moves) {
        List<Release.Move> history = new ArrayList<>(last == null ? List.of() : last.history());
        history.addAll(moves);
        int size = history.size();
        return size > Release.HISTORY ? history.subList(size - Release.HISTORY, size) : history;
    }

    private String reason(Shares from) {
        if (from.isNone()) {
            return "as measured";
        }
        if (s.handBack()) {
            return "handed back";
        }
        String abort = s.settings().abort();
        if (abort != null) {
            return "aborted: " + Names.shown(abort);
        }
        String withdrawn = withdrawn(from);
        if (withdrawn != null) {
            return "withdrawn: " + withdrawn + " has no ready endpoint";
        }
        if (s.asked().promotion()) {
            return (s.undo() ? "undo to " : "promote ") + s.asked().stable();
        }
        return now.equals(s.asked().shares())
                ? "as asked"
                : "on the way to " + s.asked().shares().text();
    }

    /// A version that lost all that it had because its last endpoint went, or null. It may be ready again by now.
    private @Nullable String withdrawn(Shares from) {
        return app.versions().stream()
                .filter(v -> from.of(v.name()) > 0 && now.of(v.name()) == 0)
                .filter(v -> {
                    Release.Withdrawal w =
                            memory.getOrDefault(v.uid(), Memory.OfVersion.NEW).withdrawal();
                    return s.ready(v) == 0 || (w != null && w.had() > 0);
                })
                .map(Version::name)
                .findFirst()
                .orElse(null);
    }

    private String by(List<Release.VersionStatus> versions, Shares from) {
        String ours = "canary";
        if (from.isNone() || s.handBack() || (!s.aborted() && withdrawn(from) != null)) {
            return ours;
        }
        String root = s.root().get(CanaryKey.BY);
        if (s.aborted() || s.asked().promotion()) {
            return root == null ? ours : Names.shown(root);
        }
        return versions.stream()
                .filter(v -> v.inForce() != from.of(v.name())
                        && !v.name().equals(s.asked().stable()))
                .map(v -> app.version(v.name()).map(w -> w.get(CanaryKey.BY)).orElse(null))
                .filter(java.util.Objects::nonNull)
                .map(by -> Names.shown(String.valueOf(by)))
                .findFirst()
                .orElse(root == null ? ours : Names.shown(root));
    }

    private List<Release.RouteStatus> routes() {
        Stream<Release.RouteStatus> ours = app.routes().stream()
                .flatMap(route -> route.parents().stream()
                        .map(parent -> status(route.kind(), route.name(), route.generation(), parent)));
        Stream<Release.RouteStatus> users = Stream.concat(
                        app.userRoutes().stream().filter(user -> user.managed() || user.splitFor(app.name())),
                        app.hostRoutes().stream())
                .flatMap(user -> user.parents().stream()
                        .map(parent -> status(user.kind(), user.name(), user.generation(), parent)));
        return Stream.concat(ours, users).toList();
    }

    private static Release.RouteStatus status(RouteKind kind, String name, long generation, RouteFacts.Parent parent) {
        return new Release.RouteStatus(
                kind.text(),
                name,
                parent.parent(),
                parent.controller(),
                parent.accepted(),
                parent.resolvedRefs(),
                parent.observedGeneration(),
                parent.observedGeneration() == generation,
                parent.reason());
    }

    private List<Step> tells(Release release, List<Release.Move> moves, Set<String> told, Set<String> toldNow) {
        List<Step> tells = new ArrayList<>();
        for (Release.Move move : moves) {
            tells.add(new Step.Tell(
                    "Service",
                    app.name(),
                    false,
                    "Moved",
                    move.to() + " (was " + move.from() + "): " + move.reason() + ", by " + move.by()));
        }
        for (Version version : app.versions()) {
            Release.Standing standing =
                    memory.getOrDefault(version.uid(), Memory.OfVersion.NEW).standing();
            List<String> overridden = governance.overridden(s, version, standing);
            Release.Waiver waiver = standing.waiver();
            String text = waiver == null
                    ? ""
                    : version.name() + ", by " + waiver.by() + ": " + waiver.reason() + " ("
                            + String.join(", ", overridden) + ")";
            if (!overridden.isEmpty()) {
                toldNow.add(text);
                if (!told.contains(text)) {
                    tells.add(new Step.Tell("Service", app.name(), true, "PolicyOverridden", text));
                }
            }
        }
        List<String> warnings = new ArrayList<>(release.problems());
        release.versions().stream()
                .filter(Release.VersionStatus::degraded)
                .forEach(v -> warnings.add(v.name() + " is degraded: " + v.waitsFor()));
        for (String warning : warnings) {
            toldNow.add(warning);
            if (!told.contains(warning)) {
                String reason = release.problems().contains(warning) ? "Conflict" : "Degraded";
                tells.add(new Step.Tell("Service", app.name(), true, reason, warning));
            }
        }
        return tells;
    }
}
