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
import io.canary.kubectl.view.Table;
import java.util.ArrayList;
import java.util.List;

/// `history`: the last moves of one app, latest last.
final class History {
    private History() {}

    static int run(Session session) {
        AppName typed = AppName.of(session.arguments().plain().getFirst());
        return typed.kind() == AppName.Kind.DEPLOYMENT ? byAnotherName(session) : of(session, typed.name());
    }

    private static int of(Session session, String app) {
        boolean passes = Output.byKubectl(session);
        String format = passes ? session.arguments().value("output") : "json";
        return switch (Reading.of(session.kubectl().quietly("get", Apps.RELEASES, app, "--output=" + format))) {
            case Reading.Got(String text) ->
                passes ? Output.passed(session, text) : print(session, JsonObject.of(Json.read(text)));
            case Reading.NotFound _ -> byAnotherName(session);
            case Reading other -> Apps.told(session, other);
        };
    }

    private static int byAnotherName(Session session) {
        return switch (Apps.find(session, session.arguments().plain().getFirst())) {
            case Apps.Found.Ended(int code) -> code;
            case Apps.Found.App(var snapshot, String app) ->
                snapshot.view().releases().containsKey(app)
                        ? of(session, app)
                        : session.failed(
                                app + " is not managed", "kubectl canary start " + app + " --image=IMAGE --weight=10");
        };
    }

    private static int print(Session session, JsonObject release) {
        List<Release.Move> moves = ReleaseJson.read(release.object("status")).history();
        boolean policy = moves.stream().anyMatch(move -> !move.policy().isEmpty());
        List<String> head = new ArrayList<>(List.of("AGE", "FROM", "TO", "WHY", "BY"));
        if (policy) {
            head.add("POLICY");
        }
        Table table = new Table(head.toArray(String[]::new));
        for (Release.Move move : moves) {
            List<String> row = new ArrayList<>(List.of(
                    session.terminal().screen().age(move.at()), move.from(), move.to(), move.reason(), move.by()));
            if (policy) {
                row.add(move.policy());
            }
            table.add(row.toArray(String[]::new));
        }
        if (table.isEmpty()) {
            session.terminal().note("Nothing has moved yet.");
        } else {
            session.terminal().print(table.lines());
        }
        return ExitCode.DONE;
    }
}
