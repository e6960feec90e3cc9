// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The content of `releases.canary.io`: what we tell, and what survives us (design section 2). Status only.
///
/// @param message one sentence: what it waits for, or what is wrong; empty when there is nothing to say
/// @param stable the stable of record, or null before it could be told
/// @param line the earlier stables, latest last: what `undo` goes back along
/// @param total replicas that the versions share; 0 before it is known
/// @param mode `Route`, `Replica` or `Undecided`
/// @param modeReason why this mode
/// @param atRest in force equals asked, only stable has a share, no scale-down pending
/// @param problems contradictions and conflicts, as text
/// @param foreignPods ready endpoints of the root Service that belong to no version
/// @param bypass versions and routes that the split does not reach, as text
/// @param history the last 20 moves, oldest first
public record Release(
        Phase phase,
        String message,
        @Nullable String stable,
        List<String> line,
        int total,
        Mode mode,
        String modeReason,
        boolean atRest,
        List<VersionStatus> versions,
        List<String> problems,
        int foreignPods,
        List<String> bypass,
        List<RouteStatus> routes,
        List<Move> history) {
    /// How many moves are kept.
    public static final int HISTORY = 20;

    public Release {
        line = List.copyOf(line);
        versions = List.copyOf(versions);
        problems = List.copyOf(problems);
        bypass = List.copyOf(bypass);
        routes = List.copyOf(routes);
        history = List.copyOf(history);
    }

    /// The first that holds (design section 2).
    public enum Phase {
        CONFLICT("Conflict"),
        ABORTED("Aborted"),
        DEGRADED("Degraded"),
        PAUSED("Paused"),
        PROGRESSING("Progressing"),
        CANARY("Canary"),
        STABLE("Stable");

        private final String text;

        Phase(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    /// Whether traffic follows routes or pods (design section 7).
    public enum Mode {
        ROUTE("Route"),
        REPLICA("Replica"),
        UNDECIDED("Undecided");

        private final String text;

        Mode(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    /// One version.
    ///
    /// @param asked, inForce, effective basis points; `effective` is the share of ready endpoints, what replica
    ///     mode really gives
    /// @param need pods that the share in force or asked for wants
    /// @param waitsFor why asked is not in force, or empty
    /// @param waitsSince since when, or null
    /// @param degraded whether the wait passed its deadline, or the version is held at 0
    /// @param withdrawal what was taken from it, or null
    public record VersionStatus(
            String name,
            String deployment,
            String uid,
            int asked,
            int inForce,
            int effective,
            int ready,
            int replicas,
            int need,
            String waitsFor,
            @Nullable Instant waitsSince,
            boolean degraded,
            @Nullable Withdrawal withdrawal) {}

    /// A share that was taken from a version when its last ready endpoint went (design 5.5).
    ///
    /// @param had basis points that it may get back
    /// @param at when it was last withdrawn
    /// @param before when it was withdrawn the time before, or null
    /// @param heldFor the weight and pod template at two withdrawals in 10 minutes; while they are
    ///     the same it stays at 0; null while it may return
    public record Withdrawal(
            int had,
            Instant at,
            @Nullable Instant before,
            @Nullable String heldFor) {}

    /// What each parent of a route of ours reports.
    public record RouteStatus(
            String name, String controller, boolean accepted, boolean resolvedRefs, boolean current, String reason) {}

    /// One move of share: by whom, when, from and to as `v1 90, v2 10`, why.
    public record Move(Instant at, String by, String from, String to, String reason) {}

    /// The status of the version named `name`.
    public Optional<VersionStatus> version(String name) {
        return versions.stream().filter(v -> v.name().equals(name)).findFirst();
    }

    /// Whether every version has in force what is asked.
    public boolean inForceIsAsked() {
        return versions.stream().allMatch(v -> v.asked() == v.inForce());
    }
}
