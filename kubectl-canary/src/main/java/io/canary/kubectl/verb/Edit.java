// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.edit.AnnotationEdit;
import io.canary.domain.edit.Edits;
import io.canary.domain.edit.Outcome;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cli.Usage;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Kubectl;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.cluster.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Every verb that edits annotations: read, decide, write with a test of the resourceVersion, tell. On a conflict
/// it reads and decides anew, and says so (cli.md section 1).
final class Edit {
    private static final int TRIES = 12;
    private static final String MANAGER = "--field-manager=kubectl-canary";

    /// An app with a stable and a canary.
    private static final String EXAMPLE = """
            {"kind": "List", "items": [
              {"kind": "Deployment", "metadata": {"name": "order-v1", "namespace": "x", "resourceVersion": "1"},
               "spec": {"selector": {"matchLabels": {"app": "order", "version": "v1"}},
                        "template": {"metadata": {"labels": {"app": "order", "version": "v1"}}}}},
              {"kind": "Deployment", "metadata": {"name": "order-v2", "namespace": "x", "resourceVersion": "1",
                                                  "annotations": {"canary.io/weight": "10"}},
               "spec": {"selector": {"matchLabels": {"app": "order", "version": "v2"}},
                        "template": {"metadata": {"labels": {"app": "order", "version": "v2"}}}}},
              {"kind": "Service", "metadata": {"name": "order", "namespace": "x", "resourceVersion": "1"},
               "spec": {"selector": {"app": "order"}, "ports": [{"port": 80}]}},
              {"kind": "Release", "metadata": {"name": "order", "namespace": "x"},
               "status": {"phase": "Canary", "stable": "v1", "line": ["v1"], "versions": []}}]}
            """;

    private Edit() {}

    /// What became of one app.
    ///
    /// @param app its name, once it is known
    /// @param code the exit code, unless it is waited for
    /// @param written what to wait for; null where there is nothing to wait for
    /// @param stood whether it stood there before
    private record Result(String app, int code, Outcome.@Nullable Write written, boolean stood) {
        static Result ended(String app, int code) {
            return new Result(app, code, null, false);
        }
    }

    /// Edits every app that was named or chosen by labels, then waits for each.
    ///
    /// @param decide what to edit, from what is there
    /// @param goal what `--wait` waits for, from what was written and the app's name
    static int run(Session session, Function<Edits, Outcome> decide, BiFunction<Outcome.Write, String, Goal> goal) {
        boolean several = session.arguments().usage().completes() == Usage.Completes.APPS;
        Apps.Chosen chosen = several
                ? Apps.chosen(session)
                : new Apps.Chosen(session.arguments().plain().subList(0, 1), ExitCode.DONE);
        int code = chosen.code();
        List<Result> results = new ArrayList<>();
        for (String app : chosen.apps()) {
            Result result = one(session, app, decide);
            code = code == ExitCode.DONE ? result.code() : code;
            results.add(result);
        }
        if (!session.arguments().on("wait")
                || !session.arguments().value("dry-run").equals("none")) {
            return code;
        }
        for (Result result : results) {
            if (result.written() != null) {
                Goal wanted = goal.apply(result.written(), result.app());
                int ended = Waiting.until(session, result.app(), result.stood() ? wanted.standing() : wanted);
                code = code == ExitCode.DONE ? ended : code;
            }
        }
        return code;
    }

    private static Result one(Session session, String typed, Function<Edits, Outcome> decide) {
        for (int i = 0; i < TRIES; i++) {
            switch (Apps.find(session, typed, () -> rehearse(decide))) {
                case Apps.Found.Ended(int code) -> {
                    return Result.ended(typed, code);
                }
                case Apps.Found.App(Snapshot snapshot, String app) -> {
                    Outcome outcome = Overriding.with(session, snapshot, decide.apply(new Edits(snapshot.view(), app)));
                    Result result = once(session, snapshot, app, outcome);
                    if (result != null) {
                        return result;
                    }
                }
            }
            session.terminal().note(typed + " was changed by somebody else meanwhile; reading it again");
        }
        return Result.ended(
                typed, session.failed(typed + " is changed by somebody else again and again; nothing was written", ""));
    }

    /// Decides on an example while kubectl reads: what the JVM must load and link for it is then there, a third of the
    /// time that a person would wait for.
    private static void rehearse(Function<Edits, Outcome> decide) {
        Snapshot example = Snapshot.of(EXAMPLE, "");
        if (decide.apply(new Edits(example.view(), "order")) instanceof Outcome.Write write) {
            write.edits().forEach(edit -> {
                String _ = patch(edit, example) + text(edit);
            });
        }
    }

    /// Null where it must be decided anew.
    private static @Nullable Result once(Session session, Snapshot snapshot, String app, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Unchanged(String why, List<AnnotationEdit> standing) -> {
                session.terminal().print(app + " unchanged: " + why);
                // Written by an earlier run, maybe, and not in force yet. Without a Release nothing ever will be.
                yield new Result(
                        app,
                        ExitCode.DONE,
                        snapshot.view().releases().containsKey(app) ? new Outcome.Write(standing, List.of()) : null,
                        true);
            }
            case Outcome.Refused(String error, String hint) ->
                Result.ended(app, session.failed(error, hint.isEmpty() ? "" : "kubectl canary " + hint));
            case Outcome.Contradicts(Outcome.Write write, List<Problem> problems, String hint) -> {
                if (session.arguments().on("force")) {
                    problems.forEach(problem -> session.terminal().note("warning: " + problem.message()));
                    yield write(session, snapshot, app, write);
                }
                problems.forEach(problem -> session.terminal().error(problem.message()));
                session.terminal().hint(hint.isEmpty() ? "" : "kubectl canary " + hint);
                yield Result.ended(app, ExitCode.ERROR);
            }
            case Outcome.Write write -> write(session, snapshot, app, write);
        };
    }

    private static @Nullable Result write(Session session, Snapshot snapshot, String app, Outcome.Write write) {
        for (AnnotationEdit edit : write.edits()) {
            switch (sent(session, snapshot, edit)) {
                case Reading.Got _ -> {}
                case Reading.Conflicting _ -> {
                    return null;
                }
                case Reading other -> {
                    int at = write.edits().indexOf(edit);
                    if (at > 0) {
                        session.terminal()
                                .note("warning: %d of %d edits were written before this one failed"
                                        .formatted(at, write.edits().size()));
                    }
                    return Result.ended(app, Apps.told(session, other));
                }
            }
        }
        Owners.inGit(snapshot, app, write.edits()).forEach(session.terminal()::note);
        write.notes().forEach(note -> session.terminal().note(app + ": " + note));
        return new Result(app, ExitCode.DONE, write, false);
    }

    private static Reading sent(Session session, Snapshot snapshot, AnnotationEdit edit) {
        String dryRun = session.arguments().value("dry-run");
        String line = "%s/%s %s".formatted(edit.kind().text(), edit.name(), text(edit));
        if (dryRun.equals("client")) {
            session.terminal().print(line + " (dry run)");
            return new Reading.Got("");
        }
        List<String> call = new ArrayList<>(List.of(
                "patch", edit.kind().text(), edit.name(), "--type=merge", "--patch=" + patch(edit, snapshot), MANAGER));
        if (dryRun.equals("server")) {
            call.add("--dry-run=server");
        }
        Kubectl.Answer answer = session.kubectl().quietly(call.toArray(String[]::new));
        Reading.warnings(answer.stderr()).forEach(session.terminal()::note);
        Reading reading = Reading.of(answer);
        if (reading instanceof Reading.Got) {
            session.terminal().print(line + (dryRun.equals("server") ? " (server dry run)" : ""));
        }
        return reading;
    }

    /// A merge patch that fails if the object is another than was read.
    private static String patch(AnnotationEdit edit, Snapshot snapshot) {
        Map<String, @Nullable Object> annotations = new LinkedHashMap<>();
        edit.values().forEach((key, value) -> annotations.put(key.text(), value));
        return Json.line(Map.of(
                "metadata",
                Map.of(
                        "resourceVersion",
                        snapshot.version(edit.kind().object(), edit.name()),
                        "annotations",
                        annotations)));
    }

    private static String text(AnnotationEdit edit) {
        return edit.values().entrySet().stream()
                .map(e -> e.getValue() == null
                        ? "without " + e.getKey().text()
                        : e.getKey().text() + "=" + Names.printable(e.getValue()))
                .collect(Collectors.joining(", "));
    }
}
