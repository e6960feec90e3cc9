// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import io.canary.domain.app.App;
import io.canary.domain.app.Release;
import io.canary.domain.app.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Which apps break policies as they stand, whoever let them: the report, and the status of each policy (policy.md
/// section 3, layer 6). Steps, windows and who asked are of changes, not of states.
public final class Compliance {
    private Compliance() {}

    /// An app that breaks a rule.
    public record Breach(String namespace, String app, String version, Finding finding) {
        /// As `shop/order v2: weight 60 > 50`.
        public String text() {
            return namespace + "/" + app + (version.isEmpty() ? "" : " " + version) + ": " + finding.value();
        }
    }

    /// What breaks the policies of `app` now. What is exempted or was overridden does not.
    ///
    /// @param policies of its namespace
    public static List<Breach> of(App app, Policies policies, Instant now) {
        List<Breach> breaches = new ArrayList<>();
        Release release = app.release();
        if (policies.isEmpty() || release == null) {
            return breaches;
        }
        Moves moves = new Moves(app, release.total(), release.mode() == Release.Mode.REPLICA);
        for (Version version : app.versions()) {
            Release.VersionStatus status = app.recorded(version).orElse(null);
            int inForce = status == null ? 0 : status.inForce();
            Release.Waiver waiver = status == null ? null : status.standing().waiver();
            boolean waived = waiver != null && waiver.wish().equals(version.wish());
            moves.standing(version, inForce, waived)
                    .flatMap(move -> findings(move, policies, now))
                    .forEach(finding -> breaches.add(new Breach(app.namespace(), app.name(), version.name(), finding)));
        }
        return breaches;
    }

    private static Stream<Finding> findings(Move move, Policies policies, Instant now) {
        return Judge.lasting(move, policies, now).stream()
                .filter(finding -> finding.outcome() != Finding.Outcome.EXEMPTED
                        && finding.outcome() != Finding.Outcome.OVERRIDDEN);
    }
}
