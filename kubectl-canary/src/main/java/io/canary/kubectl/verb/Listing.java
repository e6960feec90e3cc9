// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.json.JsonObject;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.view.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// `list`: the Releases of a namespace, or of all.
final class Listing {
    private Listing() {}

    static int run(Session session) {
        boolean all = session.arguments().on("all-namespaces");
        List<String> call = new ArrayList<>(List.of("get", Apps.RELEASES));
        if (all) {
            call.add("--all-namespaces");
        }
        if (session.arguments().given("selector")) {
            call.add("--selector=" + session.arguments().value("selector"));
        }
        if (session.arguments().on("watch")) {
            call.add("--watch");
            if (session.arguments().given("output")) {
                call.add("--output=" + session.arguments().value("output"));
            }
            return session.kubectl().attached(call);
        }
        if (Output.byKubectl(session)) {
            return Output.kubectl(session, call);
        }
        call.add("--output=json");
        return switch (Reading.of(session.kubectl().quietly(call.toArray(String[]::new)))) {
            case Reading.Got(String json) ->
                print(session, JsonObject.of(Json.read(json)).objects("items"), all);
            case Reading other -> Apps.told(session, other);
        };
    }

    static int print(Session session, List<JsonObject> releases, boolean namespaces) {
        if (releases.isEmpty()) {
            session.terminal().note("No app is managed " + (namespaces ? "in this cluster." : "in this namespace."));
            session.terminal()
                    .hint(namespaces ? "kubectl canary start --help" : "kubectl canary list --all-namespaces");
            return ExitCode.DONE;
        }
        boolean wide = session.arguments().value("output").equals("wide");
        List<String> head = new ArrayList<>(List.of("NAME", "STABLE", "ASKED", "IN FORCE", "PHASE", "READY", "AGE"));
        if (namespaces) {
            head.addFirst("NAMESPACE");
        }
        if (wide) {
            head.add("MESSAGE");
        }
        Table table = new Table(head.toArray(String[]::new));
        for (JsonObject release : releases) {
            JsonObject meta = release.object("metadata");
            JsonObject status = release.object("status");
            Instant created = meta.instant("creationTimestamp");
            List<String> row = new ArrayList<>(List.of(
                    meta.text("name"),
                    status.text("stable"),
                    status.text("askedText"),
                    status.text("inForceText"),
                    status.text("phase"),
                    status.text("readyText"),
                    created == null ? "" : session.terminal().screen().age(created)));
            if (namespaces) {
                row.addFirst(meta.text("namespace"));
            }
            if (wide) {
                row.add(status.text("message"));
            }
            table.add(row.toArray(String[]::new));
        }
        session.terminal().print(table.lines());
        return ExitCode.DONE;
    }
}
