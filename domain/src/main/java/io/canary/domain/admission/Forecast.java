// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Settings;
import io.canary.domain.app.Version;
import io.canary.domain.app.Weight;
import io.canary.domain.share.ReplicaSplit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an app will come to when all is done: said by dry-runs (design section 6).
record Forecast(Map<String, Integer> shares, Map<String, Integer> replicas, int total, boolean byPods) {
    /// Totals above are not split: no app has so many pods, and an answer may not take long.
    static final int MOST_PODS = 10_000;

    /// Empty while the app contradicts itself: then the last good shares stay.
    static Optional<Forecast> of(App app) {
        String asked = Contradictions.askedStable(app);
        if (asked == null || app.root() == null || !Contradictions.of(app).isEmpty()) {
            return Optional.empty();
        }
        Settings settings = Settings.of(app.root().annotations());
        Release release = app.release();
        String recorded = release == null ? null : release.stable();
        boolean aborted = settings.abort() != null;
        Map<String, Integer> shares = new LinkedHashMap<>();
        int rest = Weight.ALL;
        for (Version v : app.versions()) {
            boolean zero = aborted || v.name().equals(asked) || v.name().equals(recorded);
            int share = zero ? 0 : v.askedBasisPoints();
            shares.put(v.name(), share);
            rest -= share;
        }
        String stable = aborted && recorded != null && app.version(recorded).isPresent() ? recorded : asked;
        shares.merge(stable, rest, Integer::sum);
        int total = total(app, settings, asked);
        Map<String, Integer> replicas = total > MOST_PODS
                ? Map.of()
                : ReplicaSplit.of(
                        total, shares, app.versions().stream().map(Version::name).toList());
        return Optional.of(new Forecast(shares, replicas, total, byPods(app, shares)));
    }

    /// One line per version with a share, newest first.
    List<String> lines(App app) {
        return app.versions().stream()
                .filter(v -> shares.getOrDefault(v.name(), 0) > 0)
                .map(this::line)
                .toList();
    }

    private String line(Version v) {
        String share = Weight.percent(shares.getOrDefault(v.name(), 0)) + " % of the traffic";
        String name = v.deployment().name() + " would get ";
        if (v.autoscaler() != null || replicas.isEmpty()) {
            return name + share;
        }
        int pods = replicas.getOrDefault(v.name(), 0);
        int all = replicas.values().stream().mapToInt(Integer::intValue).sum();
        String count = pods + " of " + all + " replicas";
        if (!byPods) {
            return name + share + ", " + count;
        }
        int effective = all == 0 ? 0 : (int) (Weight.ALL * (long) pods / all);
        return name + count + ": " + Weight.percent(effective) + " % of the traffic, by pods (asked "
                + Weight.percent(shares.getOrDefault(v.name(), 0)) + ")";
    }

    /// Whether traffic will follow pods: no routes here, or none that can tell these versions apart.
    private static boolean byPods(App app, Map<String, Integer> shares) {
        Release release = app.release();
        boolean http = app.root() != null && app.root().ports().stream().anyMatch(ServiceFacts.Port::http);
        return !app.gatewayApi()
                || !http
                || (release != null && release.mode() == Release.Mode.REPLICA)
                || app.versions().stream()
                        .anyMatch(v -> !v.labelled() && shares.getOrDefault(v.name(), 0) > 0);
    }

    /// The total as in design section 4.
    private static int total(App app, Settings settings, String stable) {
        Integer fixed = settings.replicas();
        if (fixed != null) {
            return fixed;
        }
        Release release = app.release();
        if (release != null && release.total() > 0 && !release.atRest()) {
            return release.total();
        }
        int marked = app.versions().stream()
                .map(v -> v.get(CanaryKey.TOTAL))
                .filter(Objects::nonNull)
                .flatMap(text -> Settings.count(text).stream())
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        if (release == null && marked > 0) {
            return marked;
        }
        int ready = app.versions().stream()
                .filter(v -> v.ready() > 0)
                .mapToInt(Version::replicas)
                .sum();
        return release == null && ready > 0 ? ready : replicasOf(app, stable);
    }

    private static int replicasOf(App app, @Nullable String version) {
        return version == null ? 0 : app.version(version).map(Version::replicas).orElse(0);
    }
}
