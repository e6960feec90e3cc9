// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.Names;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cli.Words;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.cluster.Snapshot;
import java.util.Set;

/// Reads a namespace and finds the app that was named.
final class Apps {
    static final String RELEASES = "releases.canary.io";
    /// Unknown where there is no Gateway API; kubectl then names it without its group.
    static final String ROUTES = "httproutes.gateway.networking.k8s.io";

    private static final String MANAGED_FIELDS = "--show-managed-fields";
    private static final String ALL = "deployments.apps,services," + RELEASES;

    private Apps() {}

    /// The namespace, or the exit code of the error that was told.
    sealed interface Found {
        record App(Snapshot snapshot, String app) implements Found {}

        record Ended(int code) implements Found {}
    }

    /// One call: Deployments, Services and Releases.
    static Found find(Session session, String typed) {
        return find(session, typed, ALL);
    }

    /// The same, doing something else while kubectl is at work.
    static Found find(Session session, String typed, Runnable meanwhile) {
        return find(session, typed, ALL, meanwhile);
    }

    static Found find(Session session, String typed, String kinds) {
        return find(session, typed, kinds, () -> {});
    }

    private static Found find(Session session, String typed, String kinds, Runnable meanwhile) {
        return switch (Reading.of(session.kubectl().quietly(meanwhile, "get", kinds, "-o", "json", MANAGED_FIELDS))) {
            case Reading.Got(String json) -> named(session, typed, Snapshot.of(json));
            case Reading.Failed(String text)
            when text.contains("resource type \"httproutes\"") -> find(session, typed, kinds.replace("," + ROUTES, ""));
            case Reading other -> new Found.Ended(told(session, other));
        };
    }

    private static Found named(Session session, String typed, Snapshot snapshot) {
        Set<String> apps = snapshot.apps(typed);
        if (apps.size() == 1) {
            return new Found.App(snapshot, apps.iterator().next());
        }
        if (apps.size() > 1) {
            return new Found.Ended(session.failed(
                    Names.quoted(typed) + " may be " + String.join(" or ", apps),
                    "name the root Service, as service/" + apps.iterator().next()));
        }
        Set<String> known = new java.util.TreeSet<>(snapshot.view().apps());
        snapshot.view().services().stream().filter(s -> s.rootLike()).forEach(s -> known.add(s.name()));
        String nearest = Words.nearest(typed, known);
        return new Found.Ended(session.failed(
                "no app " + Names.quoted(typed) + " here: there is neither a Service nor a Deployment of that name",
                nearest.isEmpty() ? "kubectl canary list --all-namespaces" : "did you mean " + nearest + "?"));
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
