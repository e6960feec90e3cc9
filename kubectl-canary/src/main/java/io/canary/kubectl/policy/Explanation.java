// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.app.App;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.Release;
import io.canary.domain.app.Release.Begun;
import io.canary.domain.app.Release.Limit;
import io.canary.domain.app.Release.Waiver;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.domain.app.Weight;
import io.canary.domain.policy.Asker;
import io.canary.domain.policy.Finding;
import io.canary.domain.policy.Freeze;
import io.canary.domain.policy.Judge;
import io.canary.domain.policy.Move;
import io.canary.domain.policy.Moves;
import io.canary.domain.policy.Policies;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.Ruling;
import io.canary.domain.policy.Verb;
import io.canary.domain.share.Total;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What policies let one app do now.
///
/// @param policies names of those about it
/// @param partly of which objects those are that are not about all of them, by policy
/// @param freezes of each policy with windows
/// @param rights the verbs that some policy asks for
public record Explanation(
        String app,
        String namespace,
        List<String> policies,
        Map<String, List<String>> partly,
        List<EffectiveLimit> limits,
        List<Frozen> freezes,
        List<Needed> rights,
        List<OfVersion> versions,
        List<Exempt> exemptions) {
    /// The name of the version that does not exist yet.
    public static final String NEW = "a new one";

    public Explanation {
        policies = List.copyOf(policies);
        limits = List.copyOf(limits);
        freezes = List.copyOf(freezes);
        rights = List.copyOf(rights);
        versions = List.copyOf(versions);
        exemptions = List.copyOf(exemptions);
    }

    /// The windows of a policy.
    public record Frozen(String policy, Freeze freeze) {}

    /// An exception that holds.
    public record Exempt(String policy, Policy.Exemption exemption) {}

    /// A verb on `releases.canary.io` that policies ask for.
    ///
    /// @param allowed whether whoever asks has it; null where that is not known
    public record Needed(
            Verb verb, List<String> policies, @Nullable Boolean allowed) {
        public Needed {
            policies = List.copyOf(policies);
        }
    }

    /// One version.
    ///
    /// @param stable whether it is the stable one, which asks for nothing
    /// @param asked basis points
    /// @param begun as the Release has it, or null
    /// @param override under which it has what it asks for, or null
    /// @param limit the most that it may ask for by its state, or null for no limit
    /// @param passes the greatest raise that passes now; empty where none does
    /// @param why what refuses all raises; none where one passes
    /// @param promotion what refuses its promotion, none where it would pass; null where it is stable or not there
    public record OfVersion(
            String name,
            boolean stable,
            int asked,
            @Nullable Begun begun,
            @Nullable Waiver override,
            @Nullable Limit limit,
            OptionalInt passes,
            List<String> why,
            @Nullable List<String> promotion) {
        public OfVersion {
            why = List.copyOf(why);
            promotion = promotion == null ? null : List.copyOf(promotion);
        }
    }

    /// @param answers to what was asked about the rights of `user`; a verb that is missing is not known
    public static Explanation of(App app, Policies policies, String user, Map<Verb, Boolean> answers, Instant now) {
        return new Explaining(app, policies, user, answers, now).all();
    }

    private static final class Explaining {
        private final App app;
        private final Policies policies;
        private final Map<Verb, Boolean> answers;
        private final Asker asker;
        private final Instant now;
        private final Moves moves;
        private final @Nullable String stable;

        Explaining(App app, Policies policies, String user, Map<Verb, Boolean> answers, Instant now) {
            this.app = app;
            this.policies = policies;
            this.answers = answers;
            this.asker = new Asker(
                    user,
                    answers.entrySet().stream()
                            .collect(Collectors.toMap(
                                    each -> each.getKey().on(app.namespace(), app.name()), Map.Entry::getValue)));
            this.now = now;
            Release release = app.release();
            this.moves = new Moves(
                    app,
                    release == null ? Total.UNKNOWN : release.total(),
                    release != null && release.mode() == Release.Mode.REPLICA);
            this.stable = Contradictions.stableOrRecorded(app);
        }

        Explanation all() {
            List<Policy> about = policies.policies().stream()
                    .filter(policy -> !objects(policy).isEmpty())
                    .sorted(Comparator.comparing(Policy::name))
                    .toList();
            Map<String, List<String>> partly = new TreeMap<>();
            about.stream()
                    .filter(policy -> objects(policy).size() < everything())
                    .forEach(policy -> partly.put(policy.name(), objects(policy)));
            return new Explanation(
                    app.name(),
                    app.namespace(),
                    about.stream().map(Policy::name).toList(),
                    partly,
                    EffectiveLimit.of(about, app.namespace(), now),
                    about.stream()
                            .filter(policy -> !policy.windows().isEmpty())
                            .map(policy -> new Frozen(policy.name(), policy.freezeAt(now)))
                            .toList(),
                    rights(about),
                    versions(),
                    about.stream()
                            .flatMap(policy -> policy.exemptions().stream()
                                    .filter(exemption -> exemption.activeAt(now)
                                            && exemption.namespaces().contains(app.namespace()))
                                    .map(exemption -> new Exempt(policy.name(), exemption)))
                            .toList());
        }

        private int everything() {
            return app.versions().size() + (app.root() == null ? 0 : 1);
        }

        /// What of the app a policy is about.
        private List<String> objects(Policy policy) {
            List<String> objects = new ArrayList<>();
            ServiceFacts root = app.root();
            if (root != null && policy.match().selector().matches(root.labels())) {
                objects.add("Service " + root.name());
            }
            app.versions().stream()
                    .filter(v ->
                            policy.match().selector().matches(v.deployment().labels()))
                    .forEach(v -> objects.add("Deployment " + v.deployment().name()));
            return objects;
        }

        private List<Needed> rights(List<Policy> about) {
            List<Needed> rights = new ArrayList<>();
            for (Verb verb : Verb.values()) {
                List<String> by = about.stream()
                        .filter(policy -> verb == Verb.OVERRIDE ? policy.breakGlass() : policy.enforced())
                        .map(Policy::name)
                        .toList();
                if (!by.isEmpty()) {
                    rights.add(new Needed(verb, by, answers.get(verb)));
                }
            }
            return rights;
        }

        private List<OfVersion> versions() {
            List<OfVersion> versions = new ArrayList<>();
            app.versions().stream().sorted(Comparator.comparing(Version::name)).forEach(v -> versions.add(of(v)));
            app.versions().stream()
                    .filter(v -> v.name().equals(stable))
                    .findFirst()
                    .ifPresent(v -> versions.add(aNewOne(v.deployment())));
            return versions;
        }

        private OfVersion of(Version version) {
            boolean isStable = version.name().equals(stable);
            if (isStable) {
                return new OfVersion(version.name(), true, 0, null, null, null, OptionalInt.empty(), List.of(), null);
            }
            int asked = version.askedBasisPoints();
            Move.Kind kind = asked == 0 ? Move.Kind.START : Move.Kind.ADVANCE;
            Move raise = moves.of(kind, version, asked, Math.min(Weight.ALL, asked + 1), false, null);
            ServiceFacts root = app.root();
            return of(
                    version.name(),
                    asked,
                    app.recorded(version)
                            .flatMap(Release.VersionStatus::override)
                            .orElse(null),
                    raise,
                    root == null ? null : why(moves.of(Move.Kind.PROMOTE, root, version.name(), null)));
        }

        /// What begins beside stable, with its labels; its image is not known.
        private OfVersion aNewOne(DeploymentFacts stable) {
            Move.Judged judged = new Move.Judged(
                    "Deployment",
                    app.name() + "-vN",
                    stable.labels(),
                    stable.labels(),
                    List.of(),
                    List.of(),
                    List.of(),
                    null);
            Move start = new Move(Move.Kind.START, app, "", 0, 1, true, judged, moves.pods(""), Release.Standing.NONE);
            return of(NEW, 0, null, start, null);
        }

        private OfVersion of(
                String name, int asked, @Nullable Waiver override, Move raise, @Nullable List<String> promotion) {
            OptionalInt greatest =
                    asked == Weight.ALL ? OptionalInt.empty() : Judge.greatest(raise, policies, asker, now);
            return new OfVersion(
                    name,
                    false,
                    asked,
                    raise.known().begun(),
                    override,
                    limit(raise),
                    greatest,
                    greatest.isPresent() || asked == Weight.ALL ? List.of() : why(raise),
                    promotion);
        }

        /// When more is allowed nobody knows before it has begun.
        private @Nullable Limit limit(Move raise) {
            return Judge.limit(raise, policies, now)
                    .map(limit -> raise.known().begun() == null ? new Limit(limit.max(), limit.policy(), null) : limit)
                    .orElse(null);
        }

        private List<String> why(Move raise) {
            Ruling ruling = Judge.judge(raise, policies, asker, now);
            Set<String> why = new TreeSet<>();
            ruling.of(Finding.Outcome.DENIED).forEach(finding -> why.add(finding.title() + ": " + finding.value()));
            return List.copyOf(why);
        }
    }
}
