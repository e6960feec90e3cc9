// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.Version;
import io.canary.domain.app.Weight;
import io.canary.domain.share.ReplicaSplit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Refuses to delete a version whose traffic the others cannot carry yet (design section 5, end).
final class Deletion {
    /// They delete what a person has deleted above it; a refusal would only leave rubbish.
    private static final Set<String> SWEEPERS = Set.of(
            "system:serviceaccount:kube-system:generic-garbage-collector",
            "system:serviceaccount:kube-system:namespace-controller");

    private Deletion() {}

    static Optional<Refusal> refusal(Change change, DeploymentFacts deleted, NamespaceView view) {
        if (SWEEPERS.contains(change.user().name()) || deleted.deleting() || !deleted.takesPart()) {
            return Optional.empty();
        }
        String name = view.appOf(deleted);
        App app = name == null ? null : view.app(name);
        if (app == null || app.root() == null || app.root().deleting()) {
            return Optional.empty();
        }
        Version version = app.versions().stream()
                .filter(v -> v.deployment().name().equals(deleted.name()))
                .findFirst()
                .orElse(null);
        List<Version> survivors = app.versions().stream()
                .filter(v -> v != version && !v.deployment().deleting())
                .toList();
        if (version == null || survivors.isEmpty() || version.ready() == 0) {
            return Optional.empty();
        }
        Map<String, Integer> inForce = inForce(app);
        int share = inForce.getOrDefault(version.name(), 0);
        return share == 0 || sameVersion(version, survivors)
                ? Optional.empty()
                : judge(app, version, share, survivors, inForce);
    }

    private static Optional<Refusal> judge(
            App app, Version version, int share, List<Version> survivors, Map<String, Integer> inForce) {
        String stable = stable(app);
        int total = total(app);
        Version heir = survivors.stream()
                .filter(v -> v.name().equals(stable) && v.ready() > 0)
                .findFirst()
                .orElse(null);
        if (heir == null) { // it goes to those that have endpoints, in proportion (design 5.7)
            int ready = survivors.stream().mapToInt(Version::ready).sum();
            return carries(ready, total) ? Optional.empty() : Optional.of(refusal(app, version, share, ready, total));
        }
        Map<String, Integer> after = new LinkedHashMap<>(inForce);
        after.remove(version.name());
        after.merge(heir.name(), share, Integer::sum);
        int need = ReplicaSplit.of(
                        total, after, app.versions().stream().map(Version::name).toList())
                .getOrDefault(heir.name(), 0);
        return carries(heir.ready(), need)
                ? Optional.empty()
                : Optional.of(refusal(app, version, share, heir.ready(), need));
    }

    /// Rule 4 of design section 5: a share may be a quarter above what the ready pods are meant for.
    private static boolean carries(int ready, int need) {
        return 5L * ready >= 4L * need;
    }

    private static Refusal refusal(App app, Version version, int share, int ready, int need) {
        String deployment = version.deployment().name();
        String other = app.versions().stream()
                .map(Version::name)
                .filter(name -> !name.equals(version.name()))
                .findFirst()
                .orElse("");
        String first = version.name().equals(stable(app))
                ? "promote another first: kubectl annotate --overwrite service " + app.name() + " "
                        + CanaryKey.STABLE.text() + "=" + other
                : "take its traffic away first: kubectl annotate --overwrite deployment " + deployment + " "
                        + CanaryKey.WEIGHT.text() + "=0";
        return new Refusal(
                Refusal.Rule.CARRIES_TRAFFIC,
                new Problem(
                        "Deployment " + deployment,
                        "carries " + Weight.percent(share) + " % of the traffic of " + app.name()
                                + ", and the versions that would take it have " + ready + " of " + need
                                + " pods ready",
                        first + "; delete it when its share is 0"));
    }

    /// Basis points by version: what our route says, else the Release, else ready endpoints.
    private static Map<String, Integer> inForce(App app) {
        Map<String, Integer> shares = new LinkedHashMap<>();
        RouteFacts route = app.route();
        Release release = app.release();
        if (route != null && route.accepted()) {
            for (Version v : app.versions()) {
                shares.put(v.name(), route.weights().getOrDefault(app.serviceOf(v.name()), 0));
            }
        } else if (release != null) {
            release.versions().forEach(v -> shares.put(v.name(), v.inForce()));
        }
        if (sum(shares) == 0) {
            shares.clear();
            app.versions().forEach(v -> shares.merge(v.name(), v.ready(), Integer::sum));
        }
        long sum = sum(shares);
        shares.replaceAll((_, part) -> sum == 0 ? 0 : (int) (part * (long) Weight.ALL / sum));
        return shares;
    }

    private static int sum(Map<String, Integer> shares) {
        return shares.values().stream().mapToInt(Integer::intValue).sum();
    }

    private static int total(App app) {
        Release release = app.release();
        int recorded = release == null ? 0 : release.total();
        return recorded > 0
                ? Math.min(recorded, Forecast.MOST_PODS)
                : app.versions().stream().mapToInt(Version::ready).sum();
    }

    /// The stable of record, else the asked one.
    private static @Nullable String stable(App app) {
        Release release = app.release();
        return release != null && release.stable() != null ? release.stable() : Contradictions.askedStable(app);
    }

    /// Whether another Deployment of the same version name stays: the version as such is not deleted.
    private static boolean sameVersion(Version version, List<Version> survivors) {
        return survivors.stream().anyMatch(v -> v.name().equals(version.name()) && 5 * v.ready() >= 4 * version.ready());
    }
}
