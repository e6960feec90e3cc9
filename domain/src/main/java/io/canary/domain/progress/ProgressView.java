// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.progress;

import io.canary.domain.app.Names;
import io.canary.domain.app.Release;
import io.canary.domain.app.Weight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A Release as text: what demo and plugin print. Texts from the cluster are escaped.
public final class ProgressView {
    private ProgressView() {}

    /// One line: `reviews  Progressing  v1 90% 9/9  v3 10% 1/1 (wants 50%)  waits: v3: 1 of 5 pods ready`.
    public static String line(String app, Release release) {
        String versions = byName(release).stream().map(ProgressView::version).collect(Collectors.joining("  "));
        String message = release.message().isEmpty() ? "" : "  -- " + Names.printable(release.message());
        return "%s  %-11s  %s%s".formatted(app, release.phase().text(), versions, message);
    }

    /// Several lines: a head, then a row a version with asked, in force, ready pods and what it waits for.
    public static List<String> table(String app, Release release) {
        List<String> lines = new ArrayList<>();
        String rest = release.inForceIsAsked() ? "in force = asked" : "in force is not yet asked";
        lines.add("%s  %s, %s mode, total %d, %s"
                .formatted(
                        app,
                        release.phase().text(),
                        release.mode().text().toLowerCase(Locale.ROOT),
                        release.total(),
                        rest));
        int width = release.versions().stream()
                .mapToInt(v -> v.name().length())
                .max()
                .orElse(0);
        width = Math.max(width, 4);
        lines.add(("  %-" + (width + 2) + "s%-9s%-9s%s").formatted("NAME", "READY", "ASKED", "IN FORCE"));
        for (Release.VersionStatus v : byName(release)) {
            String note = v.name().equals(release.stable()) ? "  stable" : "";
            String waits = v.waitsFor().isEmpty() ? "" : "  waits: " + Names.printable(v.waitsFor());
            lines.add(("  %-" + (width + 2) + "s%-9s%-9s%-9s%s%s")
                    .formatted(
                            v.name(),
                            v.ready() + "/" + v.replicas(),
                            Weight.percent(v.asked()) + "%",
                            Weight.percent(v.inForce()) + "%",
                            note,
                            waits)
                    .stripTrailing());
        }
        return lines;
    }

    private static List<Release.VersionStatus> byName(Release release) {
        return release.versions().stream()
                .sorted(Comparator.comparing(Release.VersionStatus::name))
                .toList();
    }

    private static String version(Release.VersionStatus v) {
        String wants = v.asked() == v.inForce() ? "" : " (asked " + Weight.percent(v.asked()) + "%)";
        return "%s %s%% %d/%d%s".formatted(v.name(), Weight.percent(v.inForce()), v.ready(), v.replicas(), wants);
    }
}
