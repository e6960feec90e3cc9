// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import io.canary.domain.app.App;
import io.canary.domain.app.Release;
import io.canary.domain.app.Weight;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One thing that an edit does to a release and that policy may have a say in (policy.md section 2). What lowers, ends
/// or deletes is none.
///
/// @param app as it will be
/// @param version whose share it is about; empty for none
/// @param from, to basis points that the version asks for before and after; a promotion goes to 10000
/// @param fresh whether the pod template of the version is new: its age is 0, no verdict holds
/// @param judged the object that is edited
/// @param pods how the pods of the app would be divided
/// @param known what the Release knows of the version; of a new one [Release.Standing#NONE]
public record Move(
        Kind kind,
        App app,
        String version,
        int from,
        int to,
        boolean fresh,
        Judged judged,
        Pods pods,
        Release.Standing known) {
    private static final int SHORTEST_REASON = 10;

    /// Whether `text` may stand in `canary.io/override`: a reason that somebody can read (policy.md section 5).
    public static boolean isReason(String text) {
        String plain = text.strip();
        return plain.codePointCount(0, plain.length()) >= SHORTEST_REASON;
    }

    /// What kind of thing it is.
    public enum Kind {
        /// A weight raised from 0, or one that was spent edited.
        START(Verb.START),
        /// A weight raised from more.
        ADVANCE(Verb.ADVANCE),
        /// The pod template of a version with a weight changed: another release under the same weight.
        RENEW(Verb.START),
        /// Canary users, domains or a lane added to a version that asked for no weight.
        ENTER(Verb.START),
        /// The same added to one that does.
        WIDEN(Verb.ADVANCE),
        PROMOTE(Verb.PROMOTE),
        /// An abort or pause removed.
        RESUME(Verb.ADVANCE),
        /// The total lowered.
        SHRINK(null),
        /// A route given to be split, or one that is hung elsewhere.
        ROUTE(null);

        private final @Nullable Verb verb;

        Kind(@Nullable Verb verb) {
            this.verb = verb;
        }

        /// The verb that it needs where a policy enforces authorization, if any.
        public Optional<Verb> verb() {
            return Optional.ofNullable(verb);
        }

        /// Whether it raises or renews a share.
        public boolean ofWeight() {
            return this == START || this == ADVANCE || this == RENEW;
        }

        /// Whether `rule` has a say in it.
        public boolean under(PolicyRule rule) {
            return switch (this) {
                case START, ADVANCE -> true;
                case RENEW -> rule != PolicyRule.MAX_STEP;
                case PROMOTE -> rule != PolicyRule.MAX_WEIGHT && rule != PolicyRule.MAX_STEP;
                case ENTER, WIDEN ->
                    Set.of(
                                    PolicyRule.HOSTS,
                                    PolicyRule.GATEWAYS,
                                    PolicyRule.REQUIRED_LABELS,
                                    PolicyRule.WINDOWS,
                                    PolicyRule.AUTHORIZATION,
                                    PolicyRule.IMAGES)
                            .contains(rule);
                case RESUME -> rule == PolicyRule.WINDOWS || rule == PolicyRule.AUTHORIZATION;
                case SHRINK -> rule == PolicyRule.MIN_REPLICAS;
                case ROUTE -> rule == PolicyRule.GATEWAYS || rule == PolicyRule.REQUIRED_LABELS;
            };
        }
    }

    /// The object that an edit changes, or that a state is judged by.
    ///
    /// @param labels of its metadata
    /// @param before its labels before the edit: a policy that was about it is still
    /// @param images of its containers, of a Deployment
    /// @param hosts of `canary.io/hosts`
    /// @param gateways `namespace/name` of those that the app's canary domains come to, or that a route hangs on
    /// @param override the reason in `canary.io/override`, where this edit brings one; else null
    public record Judged(
            String kind,
            String name,
            Map<String, String> labels,
            Map<String, String> before,
            List<String> images,
            List<String> hosts,
            List<String> gateways,
            @Nullable String override) {
        public Judged {
            labels = Map.copyOf(labels);
            before = Map.copyOf(before);
            images = List.copyOf(images);
            hosts = List.copyOf(hosts);
            gateways = List.copyOf(gateways);
        }

        /// The same of an object that had these labels before.
        public Judged after(Map<String, String> old) {
            return new Judged(kind, name, labels, old, images, hosts, gateways, override);
        }

        /// The same without `canary.io/override`.
        Judged plain() {
            return new Judged(kind, name, labels, before, images, hosts, gateways, null);
        }
    }

    /// How many pods the app has, and who else asks for them.
    ///
    /// @param total [Total#UNKNOWN] where it cannot be told
    /// @param byPods whether traffic follows pods
    /// @param others basis points that the other versions ask for, but for the stable
    /// @param stable takes the rest; null where it cannot be told
    /// @param newestFirst all versions
    public record Pods(
            int total,
            boolean byPods,
            Map<String, Integer> others,
            @Nullable String stable,
            List<String> newestFirst) {
        public Pods {
            others = Map.copyOf(others);
            newestFirst = List.copyOf(newestFirst);
        }
    }

    /// The same to another weight: what would be if that were asked.
    Move to(int basisPoints) {
        return new Move(kind, app, version, from, basisPoints, fresh, judged, pods, known);
    }

    /// The same of an object that had these labels before.
    public Move after(Map<String, String> old) {
        return new Move(kind, app, version, from, to, fresh, judged.after(old), pods, known);
    }

    /// The same without an override.
    Move plain() {
        return new Move(kind, app, version, from, to, fresh, judged.plain(), pods, known);
    }

    /// The same where this is known of the version.
    public Move with(Release.Standing standing) {
        return new Move(kind, app, version, from, to, fresh, judged, pods, standing);
    }

    /// What is known of the release that runs: nothing of one that begins.
    private Release.Standing standing() {
        return fresh || kind == Kind.START ? Release.Standing.NONE : known;
    }

    /// When its release began; null where none has.
    public Release.@Nullable Begun begun() {
        return standing().begun();
    }

    /// What analysis found, for the pod template that runs; null for nothing.
    Release.@Nullable Verdict verdict() {
        return fresh ? null : known.verdict();
    }

    /// How long ago its release began; 0 where none has, and where the clock of who wrote it is ahead of `now`.
    Duration age(Instant now) {
        Release.Begun begun = begun();
        return begun == null || begun.at().isAfter(now) ? Duration.ZERO : Duration.between(begun.at(), now);
    }

    /// When its release is of this age; null where none has begun: it does not grow older by waiting.
    public @Nullable Instant reaches(Duration age) {
        Release.Begun begun = begun();
        return begun == null ? null : begun.at().plus(age);
    }

    /// What is asked for, as a person reads it.
    String wish() {
        return kind == Kind.PROMOTE ? "promotion of " + version : "weight " + Weight.percent(to);
    }
}
