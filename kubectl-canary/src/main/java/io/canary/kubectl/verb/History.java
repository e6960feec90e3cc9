// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.json.JsonObject;
import io.canary.domain.json.ReleaseJson;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.view.Table;

/// `history`: the last moves of one app, latest last.
final class History {
    private History() {}

    static int run(Session session) {
        String typed = session.arguments().plain().getFirst();
        String name = typed.substring(typed.indexOf('/') + 1);
        if (Output.byKubectl(session)) {
            return Output.kubectl(session, java.util.List.of("get", Apps.RELEASES, name));
        }
        return switch (Reading.of(session.kubectl().quietly("get", Apps.RELEASES, name, "--output=json"))) {
            case Reading.Got(String json) -> print(session, JsonObject.of(Json.read(json)));
            case Reading.NotFound _ ->
                switch (Apps.find(session, typed)) {
                    case Apps.Found.Ended(int code) -> code;
                    case Apps.Found.App(var snapshot, String app) -> {
                        JsonObject release = snapshot.objects().get("Release/" + app);
                        yield release == null
                                ? session.failed(
                                        app + " is not managed",
                                        "kubectl canary start " + app + " --image=IMAGE --weight=10")
                                : print(session, release);
                    }
                };
            case Reading other -> Apps.told(session, other);
        };
    }

    private static int print(Session session, JsonObject release) {
        Table table = new Table("AGE", "FROM", "TO", "WHY", "BY");
        ReleaseJson.read(release.object("status"))
                .history()
                .forEach(move -> table.add(
                        session.terminal().screen().age(move.at()), move.from(), move.to(), move.reason(), move.by()));
        if (table.isEmpty()) {
            session.terminal().note("Nothing has moved yet.");
        } else {
            session.terminal().print(table.lines());
        }
        return ExitCode.DONE;
    }
}
