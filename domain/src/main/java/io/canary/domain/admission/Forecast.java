// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.App;
import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.Release;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.Settings;
import io.canary.domain.app.Version;
import io.canary.domain.app.Weight;
import io.canary.domain.route.Carried;
import io.canary.domain.route.Mode;
import io.canary.domain.route.Ports;
import io.canary.domain.share.Asked;
import io.canary.domain.share.Measurement;
import io.canary.domain.share.ReplicaSplit;
import io.canary.domain.share.Shares;
import io.canary.domain.share.Total;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What an app will come to when all is done: said by dry-runs (design section 6).
final class Forecast {
    private Forecast() {}

    /// What holds it up, the route, and one line per version with a share, newest first.
    static List<String> lines(App app) {
        ServiceFacts root = app.root();
        if (root == null || !app.hasUserKey()) {
            return List.of();
        }
        Settings settings = Settings.of(root.annotations());
        List<String> lines = new ArrayList<>();
        if (settings.abort() != null) {
            lines.add("aborted: all traffic stays with stable until " + CanaryKey.ABORT.text() + " is removed");
        }
        if (settings.paused() != null) {
            lines.add("paused: nothing advances until " + CanaryKey.PAUSED.text() + " is removed");
        }
        Asked asked = Asked.of(app, settings, measured(app), false, List.of());
        if (asked.stable() != null && !app.versions().isEmpty()) {
            int total = Total.of(app, settings, asked.stable(), measured(app));
            Map<String, Integer> pods =
                    ReplicaSplit.of(total, asked.shares().basisPoints(), Measurement.newestFirst(app));
            Mode mode = mode(app);
            if (mode.value() != Release.Mode.REPLICA) {
                Ports.of(app)
                        .own()
                        .forEach(port -> lines.add(port.kind().text() + " " + port.name() + " would carry the weights"
                                + (mode.undecided() ? ", once a mesh accepts it" : "")));
            }
            app.versions().stream()
                    .filter(v -> asked.shares().of(v.name()) > 0)
                    .forEach(v -> lines.add(line(v, asked.shares(), total == Total.UNKNOWN ? Map.of() : pods, mode)));
        }
        return lines;
    }

    /// How the app's traffic is divided; a question that is still open counts as open.
    static Mode mode(App app) {
        return Mode.of(app, null, Instant.EPOCH);
    }

    /// What is in force now.
    static Shares measured(App app) {
        return (mode(app).value() == Release.Mode.REPLICA ? Measurement.ofRelease(app) : Carried.by(app)).shares();
    }

    private static String line(Version v, Shares shares, Map<String, Integer> pods, Mode mode) {
        String name = v.deployment().name() + " would get ";
        String share = Weight.percent(shares.of(v.name()));
        if (v.autoscaler() != null || pods.isEmpty()) {
            return name + share + " % of the traffic";
        }
        int part = pods.getOrDefault(v.name(), 0);
        int all = pods.values().stream().mapToInt(Integer::intValue).sum();
        String count = part + " of " + all + " replicas";
        if (mode.value() != Release.Mode.REPLICA) {
            return name + share + " % of the traffic, " + count;
        }
        String effective = Weight.percent((int) ((long) Weight.ALL * part / all));
        return name + count + " and by them " + effective + " % of the traffic (" + share + " asked)";
    }
}
