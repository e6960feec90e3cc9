// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Contradictions;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.domain.share.Shares;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What the routes of an app shall divide traffic by: the shares, and the canary users and lanes of versions that
/// serve.
public final class AppSplit {
    private AppSplit() {}

    /// @param shares of all versions that have one, also of such whose Deployment is gone
    /// @param stands whether rules may send users to a version now (design 5.5)
    public static Split of(App app, Shares shares, Predicate<Version> stands) {
        String stable = Contradictions.stableOrRecorded(app);
        Set<String> names = new LinkedHashSet<>();
        app.versions().forEach(version -> names.add(version.name()));
        names.addAll(shares.versions());
        List<Split.Part> parts = new ArrayList<>();
        for (String name : names) {
            Version version = app.version(name).orElse(null);
            ServiceFacts service = app.services().get(app.serviceOf(name));
            parts.add(new Split.Part(
                    name,
                    app.serviceOf(name),
                    service == null || service.ours(),
                    shares.of(name),
                    version == null ? List.of() : users(version),
                    version == null ? null : lane(version),
                    version != null && stands.test(version),
                    version != null && keeps(version, stable)));
        }
        Split.Mirror mirror = Mirroring.receiver(app, shares, stands)
                .map(version -> new Split.Mirror(
                        app.serviceOf(version.name()), Mirroring.asked(version).orElseThrow()))
                .orElse(null);
        return new Split(app.namespace(), app.name(), parts, mirror);
    }

    /// Whether who got `version` by its share keeps it: asked for, and not of the stable, which takes what is left.
    private static boolean keeps(Version version, @Nullable String stable) {
        return "true".equals(version.get(CanaryKey.STICKY)) && !version.name().equals(stable);
    }

    /// The canary users of a version: none where its annotation cannot be read.
    private static List<UserTerm> users(Version version) {
        String text = version.get(CanaryKey.USERS);
        return text == null
                ? List.of()
                : Users.read(text).read().map(Users::terms).orElse(List.of());
    }

    /// The lane of a version: none where its annotation cannot be read.
    private static @Nullable Lane lane(Version version) {
        String text = version.get(CanaryKey.LANE);
        return text == null ? null : Lane.read(text).read().orElse(null);
    }
}
