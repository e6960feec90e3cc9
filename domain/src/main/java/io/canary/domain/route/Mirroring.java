// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.route;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Version;
import io.canary.domain.share.Shares;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Copies of requests to a version that holds no weight: `canary.io/mirror`, in whole percent (issue 5). Its answers
/// are thrown away, so it sees real requests and nobody sees it.
public final class Mirroring {
    private static final Pattern PERCENT = Pattern.compile("[1-9]|[1-9][0-9]|100");

    private Mirroring() {}

    /// What `canary.io/mirror` says: 1 to 100, in canonical form.
    public static Optional<Integer> percent(String text) {
        return PERCENT.matcher(text).matches() ? Optional.of(Integer.valueOf(text)) : Optional.empty();
    }

    /// The percentage that `version` asks for, if any.
    public static Optional<Integer> asked(Version version) {
        return Optional.ofNullable(version.get(CanaryKey.MIRROR)).flatMap(Mirroring::percent);
    }

    /// Whether an abort is in force: it ends copies too.
    public static boolean stopped(App app) {
        ServiceFacts root = app.root();
        return root != null && root.get(CanaryKey.ABORT) != null;
    }

    /// The version that gets copies where traffic is divided by `shares`: of several that ask, the newest; none with a
    /// share, whose users would be served twice.
    public static Optional<Version> receiver(App app, Shares shares, Predicate<Version> stands) {
        if (stopped(app)) {
            return Optional.empty();
        }
        return app.versions().stream()
                .filter(version -> app.named(version))
                .filter(version -> asked(version).isPresent() && shares.of(version.name()) == 0)
                .filter(stands)
                .findFirst();
    }
}
