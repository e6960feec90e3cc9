// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.edit.AnnotationEdit;
import io.canary.domain.edit.Edits;
import io.canary.domain.edit.Outcome;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Kubectl;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.cluster.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Every verb that edits annotations: read, decide, write with a test of the resourceVersion, tell. On a conflict
/// it reads and decides anew, and says so (cli.md section 1).
final class Edit {
    private static final int TRIES = 5;
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

    /// @param decide what to edit, from what is there
    /// @param done whether the Release shows that what was written is in force, for `--wait`
    static int run(Session session, Function<Edits, Outcome> decide, BiPredicate<Outcome.Write, Release> done) {
        String typed = session.arguments().plain().getFirst();
        for (int i = 0; i < TRIES; i++) {
            switch (Apps.find(session, typed, () -> rehearse(decide))) {
                case Apps.Found.Ended(int code) -> {
                    return code;
                }
                case Apps.Found.App(Snapshot snapshot, String app) -> {
                    Integer code = once(session, snapshot, app, decide.apply(new Edits(snapshot.view(), app)), done);
                    if (code != null) {
                        return code;
                    }
                }
            }
            session.terminal().note(typed + " was changed by somebody else meanwhile; reading it again");
        }
        return session.failed(typed + " is changed by somebody else again and again; nothing was written", "");
    }

    /// Decides on an example while kubectl reads: what the JVM must load and link for it is then there, a third of the
    /// time that a person would wait for.
    private static void rehearse(Function<Edits, Outcome> decide) {
        Snapshot example = Snapshot.of(EXAMPLE);
        if (decide.apply(new Edits(example.view(), "order")) instanceof Outcome.Write write) {
            write.edits().forEach(edit -> {
                String _ = patch(edit, example) + text(edit);
            });
        }
    }

    /// The exit code, or null where it must be decided anew.
    private static @Nullable Integer once(
            Session session, Snapshot snapshot, String app, Outcome outcome, BiPredicate<Outcome.Write, Release> done) {
        return switch (outcome) {
            case Outcome.Unchanged(String why) -> {
                session.terminal().print(app + " unchanged: " + why);
                // Written by an earlier run, maybe, and not in force yet. Without a Release nothing ever will be.
                yield snapshot.view().releases().containsKey(app)
                        ? waited(session, app, new Outcome.Write(List.of(), List.of()), done)
                        : ExitCode.DONE;
            }
            case Outcome.Refused(String error, String hint) ->
                session.failed(error, hint.isEmpty() ? "" : "kubectl canary " + hint);
            case Outcome.Contradicts(Outcome.Write write, List<Problem> problems, String hint) -> {
                if (session.arguments().on("force")) {
                    problems.forEach(problem -> session.terminal().note("warning: " + problem.message()));
                    yield write(session, snapshot, app, write, done);
                }
                problems.forEach(problem -> session.terminal().error(problem.message()));
                session.terminal().hint(hint.isEmpty() ? "" : "kubectl canary " + hint);
                yield ExitCode.ERROR;
            }
            case Outcome.Write write -> write(session, snapshot, app, write, done);
        };
    }

    private static @Nullable Integer write(
            Session session,
            Snapshot snapshot,
            String app,
            Outcome.Write write,
            BiPredicate<Outcome.Write, Release> done) {
        String dryRun = session.arguments().value("dry-run");
        for (AnnotationEdit edit : write.edits()) {
            String patch = patch(edit, snapshot);
            if (dryRun.equals("client")) {
                session.terminal()
                        .print("%s/%s %s (dry run)".formatted(edit.kind().text(), edit.name(), text(edit)));
                continue;
            }
            List<String> line = new ArrayList<>(
                    List.of("patch", edit.kind().text(), edit.name(), "--type=merge", "--patch=" + patch, MANAGER));
            if (dryRun.equals("server")) {
                line.add("--dry-run=server");
            }
            Kubectl.Answer answer = session.kubectl().quietly(line.toArray(String[]::new));
            Reading.warnings(answer.stderr()).forEach(session.terminal()::note);
            switch (Reading.of(answer)) {
                case Reading.Got _ ->
                    session.terminal()
                            .print("%s/%s %s%s"
                                    .formatted(
                                            edit.kind().text(),
                                            edit.name(),
                                            text(edit),
                                            dryRun.equals("server") ? " (server dry run)" : ""));
                case Reading.Conflicting _ -> {
                    return null;
                }
                case Reading other -> {
                    return Apps.told(session, other);
                }
            }
        }
        Owners.inGit(snapshot, app, write.edits()).forEach(session.terminal()::note);
        write.notes().forEach(note -> session.terminal().note(app + ": " + note));
        return waited(session, app, write, done);
    }

    private static int waited(
            Session session, String app, Outcome.Write write, BiPredicate<Outcome.Write, Release> done) {
        return session.arguments().on("wait")
                        && session.arguments().value("dry-run").equals("none")
                ? Waiting.untilSeen(session, app, release -> done.test(write, release))
                : ExitCode.DONE;
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
