// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.share;

import io.canary.domain.app.App;
import io.canary.domain.app.Release;
import io.canary.domain.app.Version;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is in force now, and how we know (design section 5, *Measure*).
///
/// @param shares none where nobody serves and nothing is recorded
public record Measurement(Shares shares, Source source) {
    /// Where a measurement comes from.
    public enum Source {
        ROUTE,
        RELEASE,
        ENDPOINTS
    }

    /// What the Release says is in force, for the versions that still exist; without one, the endpoints.
    public static Measurement ofRelease(App app) {
        Release release = app.release();
        if (release != null) {
            Map<String, Integer> recorded = new LinkedHashMap<>();
            release.versions().forEach(v -> recorded.put(v.name(), v.inForce()));
            Shares shares = existing(app, recorded);
            if (!shares.isNone()) {
                return new Measurement(shares, Source.RELEASE);
            }
        }
        return ofEndpoints(app);
    }

    /// The ready root endpoints of each version: what traffic follows before we come. Whole percents, unless that
    /// would round a version away.
    public static Measurement ofEndpoints(App app) {
        Map<String, Integer> ready = new LinkedHashMap<>();
        for (Version v : app.versions()) {
            ready.merge(v.name(), v.ready(), Integer::sum);
        }
        return new Measurement(Shares.proportional(ready, newestFirst(app)), Source.ENDPOINTS);
    }

    /// `shares` of the versions that still exist, in their proportion; none where none does.
    public static Shares existing(App app, Shares shares) {
        return existing(app, shares.basisPoints());
    }

    private static Shares existing(App app, Map<String, Integer> basisPoints) {
        Map<String, Integer> existing = new LinkedHashMap<>(basisPoints);
        existing.keySet().removeIf(v -> app.version(v).isEmpty());
        return Shares.ofWeights(existing, newestFirst(app));
    }

    /// The names of the versions, newest first: who gets a tied remainder.
    public static List<String> newestFirst(App app) {
        return app.versions().stream().map(Version::name).distinct().toList();
    }
}
