// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.Release;
import io.canary.domain.json.JsonObject;
import io.canary.domain.json.ReleaseJson;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cli.AppName;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.view.StatusView;
import io.canary.kubectl.view.WideView;
import java.util.ArrayList;
import java.util.List;

/// `status`: one call, of Releases.
final class Status {
    private Status() {}

    static int run(Session session) {
        List<AppName> typed =
                session.arguments().plain().stream().map(AppName::of).toList();
        String format = session.arguments().value("output");
        if (session.arguments().on("watch")) {
            if (typed.size() != 1) {
                session.failed("status --watch follows one app", "kubectl canary list --watch");
                return ExitCode.USAGE;
            }
            if (!format.isEmpty() && !format.equals("json")) {
                session.failed("status --watch prints for people, or with --output=json a Release a line", "");
                return ExitCode.USAGE;
            }
            return watch(session, session.arguments().plain().getFirst());
        }
        return typed.stream().anyMatch(name -> name.kind() == AppName.Kind.DEPLOYMENT)
                ? byAnotherName(session)
                : released(session, typed.stream().map(AppName::name).toList());
    }

    /// By the names of Releases: one call.
    private static int released(Session session, List<String> names) {
        List<String> call = new ArrayList<>(List.of("get", Apps.RELEASES));
        call.addAll(names);
        if (session.arguments().given("selector")) {
            call.add("--selector=" + session.arguments().value("selector"));
        }
        boolean passes = Output.byKubectl(session);
        call.add("--output=" + (passes ? session.arguments().value("output") : "json"));
        return switch (Reading.of(session.kubectl().quietly(call.toArray(String[]::new)))) {
            case Reading.Got(String text) ->
                passes ? Output.passed(session, text) : print(session, JsonObject.of(Json.read(text)));
            case Reading.NotFound _ -> byAnotherName(session);
            case Reading other -> Apps.told(session, other);
        };
    }

    private static int print(Session session, JsonObject all) {
        List<JsonObject> releases = all.text("kind").equals("Release") ? List.of(all) : all.objects("items");
        if (releases.isEmpty()) {
            session.terminal().note("No app is managed here.");
            session.terminal().hint("kubectl canary list --all-namespaces");
            return ExitCode.DONE;
        }
        if (releases.size() > 1 && session.arguments().plain().isEmpty()) {
            return Listing.print(session, releases, false);
        }
        List<String> lines = new ArrayList<>();
        for (JsonObject release : releases) {
            if (!lines.isEmpty()) {
                lines.add("");
            }
            lines.addAll(lines(session, release));
        }
        session.terminal().print(lines);
        if (session.arguments().on("owners")
                || session.arguments().value("output").equals("wide")) {
            return more(session, releases);
        }
        return ExitCode.DONE;
    }

    /// What a Release does not hold: a second call.
    private static int more(Session session, List<JsonObject> releases) {
        String kinds = session.arguments().value("output").equals("wide")
                ? "deployments.apps,services,pods," + Apps.ROUTES
                : "deployments.apps,services";
        for (JsonObject release : releases) {
            String app = release.object("metadata").text("name");
            switch (Apps.find(session, "service/" + app, kinds)) {
                case Apps.Found.Ended(int code) -> {
                    return code;
                }
                case Apps.Found.App(var snapshot, String _) -> {
                    if (session.arguments().on("owners")) {
                        List<String> owners = Owners.of(snapshot, app);
                        session.terminal()
                                .print(
                                        owners.isEmpty()
                                                ? List.of("  owners:   nobody but Canary")
                                                : owners.stream()
                                                        .map(line -> "  owner:    " + line)
                                                        .toList());
                    }
                    if (session.arguments().value("output").equals("wide")) {
                        session.terminal()
                                .print(WideView.lines(
                                        session.terminal().screen(),
                                        snapshot.view().app(app),
                                        snapshot.objects()));
                    }
                }
            }
        }
        return ExitCode.DONE;
    }

    private static List<String> lines(Session session, JsonObject object) {
        JsonObject meta = object.object("metadata");
        return StatusView.lines(
                session.terminal().screen(),
                meta.text("namespace"),
                meta.text("name"),
                ReleaseJson.read(object.object("status")));
    }

    /// Names of Deployments, or of apps that are not managed: a call more.
    private static int byAnotherName(Session session) {
        List<String> names = new ArrayList<>();
        for (String typed : session.arguments().plain()) {
            switch (Apps.find(session, typed)) {
                case Apps.Found.Ended(int code) -> {
                    return code;
                }
                case Apps.Found.App(var snapshot, String app) -> {
                    if (!snapshot.view().releases().containsKey(app)) {
                        return unmanaged(session, app);
                    }
                    names.add(app);
                }
            }
        }
        return released(session, names);
    }

    private static int unmanaged(Session session, String app) {
        session.terminal().note(app + " is not managed: it has no key of Canary's.");
        session.terminal().hint("kubectl canary start " + app + " --image=IMAGE --weight=10");
        return ExitCode.ERROR;
    }

    /// Follows one Release until its phase is one that lasts, or until nobody reads.
    private static int watch(Session session, String typed) {
        boolean json = session.arguments().value("output").equals("json");
        boolean draws = !json && session.terminal().interactive("1");
        int drawn = 0;
        String line = "";
        try (ReleaseWatch watch = new ReleaseWatch(session, typed)) {
            while (session.terminal().isRead()) {
                switch (watch.next(Waiting.STILL)) {
                    case null -> {
                        if (!json && !draws && !line.isEmpty()) {
                            session.terminal().print(session.terminal().now() + "  " + line);
                        }
                    }
                    case ReleaseWatch.Seen.Ended(int code) -> {
                        return code;
                    }
                    case ReleaseWatch.Seen.Absent _ -> {
                        return unmanaged(session, watch.app());
                    }
                    case ReleaseWatch.Seen.Gone _ -> {
                        session.terminal().note(watch.app() + " was handed back: its Release is gone");
                        return ExitCode.DONE;
                    }
                    case ReleaseWatch.Seen.Changed(JsonObject object) -> {
                        Release release = ReleaseJson.read(object.object("status"));
                        if (json) {
                            session.terminal().pass(Json.line(object.fields()) + "\n");
                        } else if (draws) {
                            drawn = session.terminal().redraw(drawn, lines(session, object));
                        } else if (!line.equals(StatusView.line(watch.app(), release))) {
                            line = StatusView.line(watch.app(), release);
                            session.terminal().print(session.terminal().now() + "  " + line);
                        }
                        if (lasts(release)) {
                            return release.phase() == Release.Phase.DEGRADED ? ExitCode.ENDED_BADLY : ExitCode.DONE;
                        }
                    }
                }
            }
            return ExitCode.ERROR;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.ERROR;
        }
    }

    /// Whether nothing moves any more unless somebody does something.
    private static boolean lasts(Release release) {
        return switch (release.phase()) {
            case PROGRESSING, CONFLICT -> false;
            case DEGRADED, PAUSED -> true;
            case ABORTED, CANARY, STABLE -> Goal.settled(release);
        };
    }
}
