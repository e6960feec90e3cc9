// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import java.time.Instant;
import java.util.ArrayList;
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
/// @param bypass what the split does not reach
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
        List<Bypass> bypass,
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
            @Nullable Withdrawal withdrawal,
            Standing standing) {
        /// The override under which it has what it asks for, as far as a Release tells: hosts and users do not stand
        /// in it.
        public Optional<Waiver> override() {
            return Optional.ofNullable(standing.waiver()).filter(this::stands);
        }

        private boolean stands(Waiver waiver) {
            if (waiver.wish().equals(Waiver.STABLE)) {
                return true;
            }
            String[] wish = waiver.wish().split("/", -1); // of Version.wish
            Begun begun = standing.begun();
            return wish.length > 1
                    && Weight.parse(wish[0]).map(Weight::basisPoints).orElse(0) == asked
                    && (begun == null || begun.templateHash().equals(wish[1]));
        }
    }

    /// What policies need to know of a version (policy.md section 1).
    ///
    /// @param begun when and by whom its release was begun; null while it asks for no weight
    /// @param verdict what analysis found, or null
    /// @param limit the most that policies let it ask for now; null where none limits it
    /// @param waiver what somebody with the right to has asked for in spite of policies, or null
    public record Standing(
            @Nullable Begun begun,
            @Nullable Verdict verdict,
            @Nullable Limit limit,
            @Nullable Waiver waiver) {
        public static final Standing NONE = new Standing(null, null, null, null);

        /// What of it is about the pod template with this hash.
        public Standing of(String templateHash) {
            return new Standing(
                    begun != null && begun.templateHash().equals(templateHash) ? begun : null,
                    verdict != null && verdict.templateHash().equals(templateHash) ? verdict : null,
                    limit,
                    waiver);
        }
    }

    /// The beginning of a release: the first weight of a pod template.
    ///
    /// @param by who set that weight, by `canary.io/by`; empty where it is not known, as of a pod template that was
    ///     changed alone
    /// @param weight that is asked for now, as it is written
    public record Begun(String by, Instant at, String templateHash, String weight) {
        /// One of which the weight is not known.
        public Begun(String by, Instant at, String templateHash) {
            this(by, at, templateHash, "");
        }
    }

    /// What analysis found good for a pod template.
    ///
    /// @param metrics tokens of the metrics that passed
    public record Verdict(String templateHash, List<String> metrics) {
        public Verdict {
            metrics = List.copyOf(metrics);
        }
    }

    /// The most that a policy lets a version ask for.
    ///
    /// @param max basis points
    /// @param policy which one
    /// @param until when more will be allowed, or null
    public record Limit(int max, String policy, @Nullable Instant until) {}

    /// An exception that somebody took by `canary.io/override`, for one wish alone.
    ///
    /// @param reason as it is shown
    /// @param wish what was asked for with it: [Version#wish], or [#STABLE]; empty where it was for nothing
    /// @param used fingerprints of the reasons that have been used, this one too: each counts once
    public record Waiver(String by, Instant at, String reason, String wish, List<String> used) {
        /// The wish to become stable.
        public static final String STABLE = "stable";

        private static final int MOST = 20;

        public Waiver {
            used = List.copyOf(used);
        }

        /// Whether `text` has been used.
        public boolean used(String text) {
            return used.contains(Fingerprint.of(text));
        }

        /// The same with `text` used.
        public Waiver using(String text) {
            List<String> more = new ArrayList<>(used);
            more.add(Fingerprint.of(text));
            return new Waiver(by, at, reason, wish, more.subList(Math.max(0, more.size() - MOST), more.size()));
        }
    }

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

    /// What a parent of a route reports.
    ///
    /// @param kind as in `kind:`
    /// @param parent as `Gateway infra/public` or `Service order:80`
    /// @param generation the last that the controller has looked at
    /// @param current whether that is the present one
    /// @param reason of `Accepted`; where that is True, of `ResolvedRefs` if it is not
    public record RouteStatus(
            String kind,
            String name,
            String parent,
            String controller,
            boolean accepted,
            boolean resolvedRefs,
            long generation,
            boolean current,
            String reason) {
        /// Its kind and name, as `HTTPRoute order`.
        public String title() {
            return kind + " " + name;
        }
    }

    /// Something that the split does not reach.
    ///
    /// @param message one sentence
    /// @param cure what to do, or empty
    public record Bypass(Reason reason, String message, String cure) {
        /// What kind of thing it is.
        public enum Reason {
            /// Pods behind the root Service of a Deployment that takes no part.
            PODS("Pods"),
            /// A route from a Gateway that is not managed.
            GATEWAY_ROUTE("GatewayRoute"),
            /// A route of another namespace, or a rule of Istio, that forwards to the root Service.
            ELSEWHERE("Elsewhere"),
            /// A route of another namespace that has the root Service as parent: it hides ours from the clients there.
            CONSUMER_ROUTE("ConsumerRoute"),
            VIRTUAL_SERVICE("VirtualService"),
            DESTINATION_RULE("DestinationRule"),
            /// A port that no route divides.
            PORT("Port"),
            USERS("Users"),
            HOSTS("Hosts"),
            /// A managed route that cannot be split, or that a controller rejects.
            ROUTE("Route");

            private final String text;

            Reason(String text) {
                this.text = text;
            }

            public String text() {
                return text;
            }
        }

        /// The sentence and its cure.
        public String text() {
            return cure.isEmpty() ? message : message + ": " + cure;
        }
    }

    /// One move of share: by whom, when, from and to as `v1 90, v2 10`, why.
    ///
    /// @param policy which policies allowed it, or by which reason they were overridden; empty where none said
    ///     anything
    public record Move(Instant at, String by, String from, String to, String reason, String policy) {}

    /// The status of the version named `name`.
    public Optional<VersionStatus> version(String name) {
        return versions.stream().filter(v -> v.name().equals(name)).findFirst();
    }

    /// Whether every version has in force what is asked.
    public boolean inForceIsAsked() {
        return versions.stream().allMatch(v -> v.asked() == v.inForce());
    }
}
