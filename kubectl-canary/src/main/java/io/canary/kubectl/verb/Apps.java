// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.Names;
import io.canary.domain.app.RouteKind;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cli.AppName;
import io.canary.kubectl.cli.Words;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.cluster.Snapshot;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Reads a namespace and finds the app that was named.
final class Apps {
    static final String RELEASES = "releases.canary.io";
    /// Each is unknown where its definition is missing; kubectl then names it without its group.
    static final String ROUTES = RouteKind.HTTP.definition() + "," + RouteKind.GRPC.definition();

    private static final String MANAGED_FIELDS = "--show-managed-fields";
    /// What apps are made of, without routes.
    static final String KINDS = "deployments.apps,services," + RELEASES;

    private Apps() {}

    /// The namespace, or the exit code of the error that was told.
    sealed interface Found {
        record App(Snapshot snapshot, String app) implements Found {}

        record Ended(int code) implements Found {}
    }

    /// The apps that a verb is for.
    ///
    /// @param code what to exit with where there are none, or where one of them could not be told
    record Chosen(List<String> apps, int code) {
        Chosen {
            apps = List.copyOf(apps);
        }
    }

    /// Those named, or with `--selector` those whose Releases carry the labels: one call.
    static Chosen chosen(Session session) {
        List<String> named = session.arguments().plain();
        if (!session.arguments().given("selector")) {
            return named.isEmpty()
                    ? new Chosen(List.of(), usage(session, "name an APP, or choose by --selector"))
                    : new Chosen(named, ExitCode.DONE);
        }
        if (!named.isEmpty()) {
            return new Chosen(List.of(), usage(session, "an APP and --selector exclude each other"));
        }
        String labels = session.arguments().value("selector");
        return switch (Reading.of(session.kubectl()
                .quietly(
                        "get",
                        RELEASES,
                        "--selector=" + labels,
                        "--output=jsonpath={range .items[*]}{.metadata.name}{\"\\n\"}{end}"))) {
            case Reading.Got(String names) -> {
                List<String> apps = names.lines().toList();
                if (apps.isEmpty()) {
                    session.terminal().note("No release here has the labels " + labels + ".");
                }
                yield new Chosen(apps, ExitCode.DONE);
            }
            case Reading other -> new Chosen(List.of(), told(session, other));
        };
    }

    private static int usage(Session session, String error) {
        session.failed(error, "kubectl canary list");
        return ExitCode.USAGE;
    }

    /// One call: Deployments, Services and Releases.
    static Found find(Session session, String typed) {
        return find(session, typed, KINDS);
    }

    /// The same, doing something else while kubectl is at work.
    static Found find(Session session, String typed, Runnable meanwhile) {
        return ended(session, look(session, typed, KINDS, meanwhile));
    }

    static Found find(Session session, String typed, String kinds) {
        return ended(session, look(session, typed, kinds, () -> {}));
    }

    static Found ended(Session session, Look look) {
        return switch (look) {
            case Look.At(Found.App app) -> app;
            case Look.Nobody(String error, String hint) -> new Found.Ended(session.failed(error, hint));
            case Look.Not(Reading why) -> new Found.Ended(told(session, why));
        };
    }

    /// What a look at a namespace came to; nothing was told.
    sealed interface Look {
        record At(Found.App app) implements Look {}

        record Nobody(String error, String hint) implements Look {}

        record Not(Reading why) implements Look {}
    }

    static Look look(Session session, String typed, String kinds) {
        return look(session, typed, kinds, () -> {});
    }

    private static Look look(Session session, String typed, String kinds, Runnable meanwhile) {
        Listed listed = list(session, kinds, meanwhile, "-o", "json", MANAGED_FIELDS);
        return listed.reading() instanceof Reading.Got(String json)
                ? named(typed, Snapshot.of(json, listed.kinds()))
                : new Look.Not(listed.reading());
    }

    /// What came of reading `kinds`.
    record Listed(String kinds, Reading reading) {}

    /// Reads all objects of `kinds`, but for kinds of routes that the API server does not know.
    static Listed list(Session session, String kinds, Runnable meanwhile, String... flags) {
        String[] call = Stream.concat(Stream.of("get", kinds), Stream.of(flags)).toArray(String[]::new);
        Reading reading = Reading.of(session.kubectl().quietly(meanwhile, call));
        String known = without(kinds, reading);
        return known.equals(kinds) ? new Listed(kinds, reading) : list(session, known, () -> {}, flags);
    }

    /// `kinds` without the kind of routes that the API server does not know, if that is what went wrong.
    private static String without(String kinds, Reading reading) {
        if (reading instanceof Reading.Failed(String text)) {
            for (RouteKind kind : RouteKind.values()) {
                if (text.contains("resource type \"" + kind.plural() + "\"")) {
                    return kinds.replace("," + kind.definition(), "");
                }
            }
        }
        return kinds;
    }

    private static Look named(String typed, Snapshot snapshot) {
        Set<String> apps = snapshot.apps(AppName.of(typed));
        if (apps.size() == 1) {
            return new Look.At(new Found.App(snapshot, apps.iterator().next()));
        }
        if (apps.size() > 1) {
            return new Look.Nobody(
                    Names.quoted(typed) + " may be " + String.join(" or ", apps),
                    "name the root Service, as service/" + apps.iterator().next());
        }
        Set<String> known = new TreeSet<>(snapshot.view().apps());
        snapshot.view().services().stream().filter(s -> s.rootLike()).forEach(s -> known.add(s.name()));
        String nearest = Words.nearest(AppName.of(typed).name(), known);
        return new Look.Nobody(
                "no app " + Names.quoted(typed) + " here: there is neither a Service nor a Deployment of that name",
                nearest.isEmpty() ? "kubectl canary list --all-namespaces" : "did you mean " + nearest + "?");
    }

    /// Tells what went wrong with a call, and returns the exit code.
    static int told(Session session, Reading reading) {
        return switch (reading) {
            case Reading.Got _ -> ExitCode.DONE;
            case Reading.NotInstalled _ ->
                session.failed(
                        "Canary is not installed in this cluster, or is older than this plugin",
                        "kubectl canary check --pre, then kubectl canary install");
            case Reading.NotFound _ -> session.failed("not found", "kubectl canary list --all-namespaces");
            case Reading.Conflicting _ -> session.failed("somebody else writes it again and again", "try again");
            case Reading.Denied(String text) -> {
                session.terminal().note(text);
                yield ExitCode.DENIED;
            }
            case Reading.Failed(String text) -> {
                session.terminal().note(text);
                yield ExitCode.ERROR;
            }
        };
    }
}
