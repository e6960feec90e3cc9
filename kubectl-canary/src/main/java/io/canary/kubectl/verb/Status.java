// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.Release;
import io.canary.domain.json.JsonObject;
import io.canary.domain.json.ReleaseJson;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Kubectl;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.view.StatusView;
import io.canary.kubectl.view.WideView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// `status`: one call, of Releases.
final class Status {
    private static final Set<Release.Phase> GO_ON = Set.of(Release.Phase.PROGRESSING, Release.Phase.CONFLICT);

    private Status() {}

    static int run(Session session) {
        List<String> names = session.arguments().plain().stream()
                .map(name -> name.substring(name.indexOf('/') + 1))
                .toList();
        if (session.arguments().on("watch")) {
            return names.size() == 1
                    ? watch(session, names.getFirst())
                    : session.failed("status --watch follows one app", "kubectl canary list --watch");
        }
        List<String> call = new ArrayList<>(List.of("get", Apps.RELEASES));
        call.addAll(names);
        if (session.arguments().given("selector")) {
            call.add("--selector=" + session.arguments().value("selector"));
        }
        if (Output.byKubectl(session)) {
            return Output.kubectl(session, call);
        }
        call.addAll(List.of("--output=json"));
        return switch (Reading.of(session.kubectl().quietly(call.toArray(String[]::new)))) {
            case Reading.Got(String json) -> print(session, JsonObject.of(Json.read(json)));
            case Reading.NotFound _ -> byAnotherName(session, names);
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

    /// The name of a Deployment, or of an app that is not managed: a second call.
    private static int byAnotherName(Session session, List<String> names) {
        for (String name : names) {
            switch (Apps.find(session, name)) {
                case Apps.Found.Ended(int code) -> {
                    return code;
                }
                case Apps.Found.App(var snapshot, String app) -> {
                    JsonObject release = snapshot.objects().get("Release/" + app);
                    if (release == null) {
                        session.terminal().note(app + " is not managed: it has no key of Canary's.");
                        session.terminal().hint("kubectl canary start " + app + " --image=IMAGE --weight=10");
                        return ExitCode.ERROR;
                    }
                    session.terminal().print(lines(session, release));
                }
            }
        }
        return ExitCode.DONE;
    }

    /// Follows one Release until its phase is one that lasts.
    private static int watch(Session session, String app) {
        BlockingQueue<Optional<JsonObject>> seen = new LinkedBlockingQueue<>();
        boolean json = session.arguments().value("output").equals("json");
        boolean draws = !json && session.terminal().interactive("1");
        int drawn = 0;
        String line = "";
        try (Kubectl.Following following = session.kubectl()
                .follow(
                        List.of(
                                "get",
                                Apps.RELEASES,
                                "--field-selector=metadata.name=" + app,
                                "--watch",
                                "--output=json"),
                        value -> seen.add(Optional.of(JsonObject.of(value))),
                        () -> seen.add(Optional.empty()))) {
            while (true) {
                Optional<JsonObject> next = seen.take();
                if (next.isEmpty()) {
                    session.terminal().note(Reading.plain(following.errors()));
                    return ExitCode.ERROR;
                }
                Release release = ReleaseJson.read(next.get().object("status"));
                if (json) {
                    session.terminal().print(Json.line(next.get().fields()));
                } else if (draws) {
                    List<String> lines = lines(session, next.get());
                    session.terminal().redraw(drawn, lines);
                    drawn = lines.size();
                } else {
                    String now = StatusView.line(app, release);
                    if (!now.equals(line)) {
                        session.terminal().print(session.terminal().now() + "  " + now);
                        line = now;
                    }
                }
                if (!GO_ON.contains(release.phase()) && release.inForceIsAsked()) {
                    return release.phase() == Release.Phase.DEGRADED ? ExitCode.ENDED_BADLY : ExitCode.DONE;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.ERROR;
        }
    }
}
