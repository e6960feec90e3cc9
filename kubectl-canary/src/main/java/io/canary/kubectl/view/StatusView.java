// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.view;

import io.canary.domain.app.Names;
import io.canary.domain.app.Release;
import io.canary.domain.app.Weight;
import io.canary.domain.policy.Times;
import io.canary.kubectl.view.Screen.Tone;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// One Release for a person: what it does, what it waits for and since when, and what to type next. Pure, from the
/// Release alone.
public final class StatusView {
    private static final int FIXED = 42; // columns beside the bar
    private static final int LONGEST_BAR = 40;

    private final Screen screen;
    private final String namespace;
    private final String app;
    private final Release release;

    private StatusView(Screen screen, String namespace, String app, Release release) {
        this.screen = screen;
        this.namespace = namespace;
        this.app = app;
        this.release = release;
    }

    public static List<String> lines(Screen screen, String namespace, String app, Release release) {
        return new StatusView(screen, namespace, app, release).all();
    }

    /// One line, for whoever follows by a pipe.
    public static String line(String app, Release release) {
        return io.canary.domain.progress.ProgressView.line(app, release);
    }

    private List<String> all() {
        List<String> lines = new ArrayList<>();
        lines.add(head());
        lines.addAll(versions());
        for (Release.VersionStatus v : byName()) {
            if (!v.waitsFor().isEmpty()) {
                String since = v.waitsSince() == null ? "" : " (for " + screen.age(v.waitsSince()) + ")";
                lines.add(note(v.degraded() ? Tone.BAD : Tone.WARN, "waits", v.name() + ": " + v.waitsFor() + since));
            }
        }
        byName().forEach(v -> lines.addAll(policy(v)));
        release.problems().forEach(problem -> lines.add(note(Tone.BAD, "conflict", problem)));
        if (!release.message().isEmpty()
                && lines.stream().noneMatch(line -> line.contains(fitted(release.message())))) {
            lines.add(note(Tone.WARN, "note", release.message()));
        }
        if (release.foreignPods() > 0) {
            lines.add(note(
                    Tone.WARN,
                    "foreign",
                    release.foreignPods() + " ready endpoints of Service " + app + " belong to no version"));
        }
        release.bypass().forEach(bypass -> lines.add(note(Tone.WARN, "bypass", bypass.text())));
        release.routes().forEach(route -> lines.add(note(tone(route), "route", text(route))));
        if (release.mode() == Release.Mode.REPLICA) {
            lines.add(note(Tone.FAINT, "mode", "traffic follows pods: " + release.modeReason()));
        }
        if (!release.history().isEmpty()) {
            Release.Move move = release.history().getLast();
            lines.add(note(
                    Tone.FAINT,
                    "last",
                    "%s ago  %s -> %s  %s, by %s"
                            .formatted(screen.age(move.at()), move.from(), move.to(), move.reason(), move.by())));
        }
        next().forEach(command -> lines.add(note(Tone.PLAIN, "next", "kubectl canary " + command)));
        return lines;
    }

    /// What policies let a version have, unless that is what it waits for; and who has passed them.
    private List<String> policy(Release.VersionStatus v) {
        List<String> lines = new ArrayList<>();
        Release.Limit limit = v.standing().limit();
        if (limit != null && !v.waitsFor().contains("CanaryPolicy \"")) {
            lines.add(note(Tone.FAINT, "limit", v.name() + ": " + text(limit)));
        }
        v.override()
                .ifPresent(waiver -> lines.add(note(
                        Tone.WARN,
                        "override",
                        "%s: %s ago by %s: %s"
                                .formatted(v.name(), screen.age(waiver.at()), waiver.by(), waiver.reason()))));
        return lines;
    }

    /// As `at most 25% by CanaryPolicy prod, more from 2026-11-27T14:30Z`.
    public static String text(Release.Limit limit) {
        Instant until = limit.until();
        return "at most %s%% by CanaryPolicy %s%s"
                .formatted(
                        Weight.percent(limit.max()),
                        limit.policy(),
                        until == null ? "" : ", more from " + Times.text(until));
    }

    private String fitted(String text) {
        return Names.printable(text).substring(0, Math.min(20, text.length()));
    }

    private String head() {
        String rest = release.inForceIsAsked() ? "in force = asked" : "in force differs from asked";
        String phase = screen.paint(tone(release.phase()), release.phase().text());
        String total = release.total() == 0 ? "" : ", total " + release.total();
        return "%s  %s  %s, %s mode%s, %s"
                .formatted(
                        Names.printable(app),
                        Names.printable(namespace),
                        phase,
                        release.mode().text().toLowerCase(Locale.ROOT),
                        total,
                        rest);
    }

    private List<String> versions() {
        List<Release.VersionStatus> all = byName();
        int name =
                Math.max(4, all.stream().mapToInt(v -> v.name().length()).max().orElse(0));
        int cells = screen.width() == 0 ? 20 : Math.max(4, Math.min(LONGEST_BAR, screen.width() - FIXED - name));
        String row = "  %-" + name + "s  %-7s  %-6s  %-8s  %s%s";
        List<String> lines = new ArrayList<>();
        lines.add(screen.paint(
                Tone.FAINT,
                row.formatted("NAME", "READY", "ASKED", "IN FORCE", "", "").stripTrailing()));
        for (Release.VersionStatus v : all) {
            boolean stable = v.name().equals(release.stable());
            String bar = screen.bar(v.inForce(), cells);
            String label = stable ? " ".repeat(Math.max(0, cells - bar.length())) + "  stable" : "";
            lines.add(row.formatted(
                            Names.printable(v.name()),
                            v.ready() + "/" + v.replicas(),
                            Weight.percent(v.asked()) + "%",
                            Weight.percent(v.inForce()) + "%",
                            screen.paint(stable ? Tone.PLAIN : Tone.GOOD, bar),
                            label)
                    .stripTrailing());
        }
        return lines;
    }

    private String note(Tone tone, String head, String text) {
        int room = screen.width() == 0 ? 0 : screen.width() - 12;
        String line = new Screen(room, screen.unicode(), false, screen.now()).fit(text);
        return "  " + screen.paint(tone, "%-9s".formatted(head + ":")) + " " + line;
    }

    private List<Release.VersionStatus> byName() {
        return release.versions().stream()
                .sorted(Comparator.comparing(Release.VersionStatus::name))
                .toList();
    }

    private static String text(Release.RouteStatus route) {
        String state = !route.accepted()
                ? "not accepted"
                : !route.resolvedRefs()
                        ? "accepted, refs not resolved"
                        : route.current() ? "accepted" : "accepted, not current yet";
        String reason =
                route.reason().isEmpty() || route.reason().equals("Accepted") ? "" : " (" + route.reason() + ")";
        String parent = route.parent().isEmpty() ? "" : " at " + route.parent();
        return "%s %s by %s%s%s".formatted(route.title(), state, route.controller(), parent, reason);
    }

    private static Tone tone(Release.RouteStatus route) {
        return route.accepted() && route.resolvedRefs() ? Tone.FAINT : Tone.WARN;
    }

    static Tone tone(Release.Phase phase) {
        return switch (phase) {
            case CONFLICT, DEGRADED -> Tone.BAD;
            case ABORTED, PAUSED, PROGRESSING -> Tone.WARN;
            case CANARY, STABLE -> Tone.GOOD;
        };
    }

    /// What makes sense to type now, the likeliest first.
    private List<String> next() {
        return switch (release.phase()) {
            case STABLE -> List.of("start " + app + " --image=IMAGE --weight=10");
            case CANARY -> List.of("promote " + app, "abort " + app);
            case PROGRESSING -> List.of("status " + app + " --watch", "abort " + app);
            case DEGRADED -> List.of("abort " + app, "check " + app);
            case ABORTED -> List.of("retry " + app);
            case PAUSED -> List.of("resume " + app);
            case CONFLICT -> List.of("check " + app);
        };
    }
}
