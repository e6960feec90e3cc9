// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Settings;
import io.canary.domain.app.Version;
import io.canary.domain.app.Weight;
import io.canary.domain.share.Measurement;
import io.canary.domain.share.ReplicaSplit;
import io.canary.domain.share.Shares;
import io.canary.domain.share.Total;
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
        ServiceFacts root = app == null ? null : app.root();
        if (app == null || root == null || root.deleting()) {
            return Optional.empty();
        }
        Version version = app.versions().stream()
                .filter(v -> v.deployment().name().equals(deleted.name()))
                .findFirst()
                .orElse(null);
        List<Version> survivors = app.versions().stream()
                .filter(v -> !v.deployment().name().equals(deleted.name()))
                .toList();
        if (version == null || survivors.isEmpty() || version.ready() == 0) {
            return Optional.empty();
        }
        Shares inForce = Forecast.measured(app);
        int share = inForce.of(version.name());
        return share == 0 || sameVersion(version, survivors)
                ? Optional.empty()
                : judge(app, root, version, share, survivors, inForce);
    }

    private static Optional<Refusal> judge(
            App app, ServiceFacts root, Version version, int share, List<Version> survivors, Shares inForce) {
        String stable = stable(app);
        int total = Math.max(0, Total.of(app, Settings.of(root.annotations()), stable, inForce));
        boolean routed = Forecast.mode(app).routed();
        Version heir = survivors.stream()
                .filter(v -> v.name().equals(stable) && ready(v, routed) > 0)
                .findFirst()
                .orElse(null);
        if (heir == null) { // it goes to those that have endpoints, in proportion (design 5.7)
            int ready = survivors.stream().mapToInt(v -> ready(v, routed)).sum();
            return carries(ready, total) ? Optional.empty() : Optional.of(refusal(app, version, share, ready, total));
        }
        Map<String, Integer> after = new LinkedHashMap<>(inForce.basisPoints());
        after.remove(version.name());
        after.merge(heir.name(), share, Integer::sum);
        int need = ReplicaSplit.of(total, after, Measurement.newestFirst(app)).getOrDefault(heir.name(), 0);
        int ready = ready(heir, routed);
        return carries(ready, need) ? Optional.empty() : Optional.of(refusal(app, version, share, ready, need));
    }

    /// The endpoints that count: in route mode those of its own Service.
    private static int ready(Version version, boolean routed) {
        return routed ? version.serviceReady() : version.ready();
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
                        first + "; delete it when its share is 0; to delete the whole app, delete Service " + app.name()
                                + " first"));
    }

    /// The stable of record, else the asked one.
    private static @Nullable String stable(App app) {
        Release release = app.release();
        return release != null && release.stable() != null ? release.stable() : Contradictions.askedStable(app);
    }

    /// Whether another Deployment of the same version name stays: the version as such is not deleted.
    private static boolean sameVersion(Version version, List<Version> survivors) {
        return survivors.stream()
                .anyMatch(v -> v.name().equals(version.name()) && 5 * v.ready() >= 4 * version.ready());
    }
}
