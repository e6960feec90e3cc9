// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.App;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.Weight;
import io.canary.domain.edit.AnnotationEdit;
import io.canary.domain.edit.Edits;
import io.canary.domain.edit.Outcome;
import io.canary.domain.plan.Memory;
import io.canary.domain.plan.Plan;
import io.canary.domain.plan.Planner;
import io.canary.domain.plan.Step;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// `plan`: what the cluster would write, by the planner that runs there; writes nothing.
final class Planned {
    private Planned() {}

    static int run(Session session) {
        List<String> words = session.arguments().plain();
        String kinds = "deployments.apps,services,endpointslices.discovery.k8s.io,horizontalpodautoscalers.autoscaling,"
                + Apps.RELEASES;
        return switch (Apps.find(session, words.getFirst(), kinds + "," + Apps.ROUTES)) {
            case Apps.Found.Ended(int code) -> code == ExitCode.ERROR ? ExitCode.NO_PLAN : code;
            case Apps.Found.App(Snapshot snapshot, String app) ->
                plan(session, snapshot, app, words.subList(1, words.size()));
        };
    }

    private static int plan(Session session, Snapshot snapshot, String app, List<String> change) {
        Edits edits = new Edits(snapshot.view(), app);
        Optional<Outcome> outcome =
                change.isEmpty() ? Optional.of(new Outcome.Write(List.of(), List.of())) : outcome(edits, app, change);
        if (outcome.isEmpty()) {
            session.failed("cannot read the change " + String.join(" ", change), "kubectl canary plan --help");
            return ExitCode.USAGE;
        }
        return switch (outcome.get()) {
            case Outcome.Unchanged(String why, var _) -> {
                if (!session.arguments().value("output").isEmpty()) {
                    yield json(session, app, new Outcome.Write(List.of(), List.of(why)), List.of());
                }
                session.terminal().print(app + " unchanged: " + why);
                yield ExitCode.DONE;
            }
            case Outcome.Refused(String error, String hint) -> {
                session.failed(error, hint.isEmpty() ? "" : "kubectl canary " + hint);
                yield ExitCode.NO_PLAN;
            }
            case Outcome.Contradicts(var _, List<Problem> problems, String hint) -> {
                problems.forEach(problem -> session.terminal().error(problem.message()));
                session.terminal().hint(hint.isEmpty() ? "" : "kubectl canary " + hint);
                yield ExitCode.NO_PLAN;
            }
            case Outcome.Write write -> show(session, edits.applied(write.edits()), app, write);
        };
    }

    private static Optional<Outcome> outcome(Edits edits, String app, List<String> change) {
        String first = change.getFirst();
        if (change.size() > 1) {
            return Edits.pairs(change).map(edits::weights);
        }
        return switch (first) {
            case "promote" -> Optional.of(edits.promote(null));
            case "abort" -> Optional.of(edits.abort("plan"));
            case "retry" -> Optional.of(edits.retry());
            case "undo" -> Optional.of(edits.undo(null));
            case "pause" -> Optional.of(edits.pause("plan"));
            case "resume" -> Optional.of(edits.resume());
            default ->
                first.startsWith("promote=")
                        ? Optional.of(edits.promote(first.substring("promote=".length())))
                        : first.contains("=")
                                ? Edits.pairs(change).map(edits::weights)
                                : Optional.of(bare(edits, app, first));
        };
    }

    private static Outcome bare(Edits edits, String app, String percent) {
        return edits.besideStable()
                .map(version -> edits.weights(Map.of(version, percent)))
                .orElseGet(() -> new Outcome.Refused(
                        "which version of " + app + " shall have " + percent + "?",
                        "plan " + app + " VERSION=" + percent));
    }

    private static int show(Session session, NamespaceView after, String name, Outcome.Write write) {
        App app = after.app(name);
        Plan plan = Planner.plan(app, Memory.EMPTY, session.terminal().now());
        List<Step> steps = plan.steps().stream()
                .filter(step -> !(step instanceof Step.Tell))
                .toList();
        if (!session.arguments().value("output").isEmpty()) {
            return json(session, name, write, steps);
        }
        List<String> lines = new ArrayList<>();
        for (AnnotationEdit edit : write.edits()) {
            edit.values()
                    .forEach((key, value) -> lines.add("you      %s/%s  %s"
                            .formatted(
                                    edit.kind().text(),
                                    edit.name(),
                                    value == null ? "- " + key.text() : key.text() + "=" + value)));
        }
        steps.stream()
                .filter(step -> !(step instanceof Step.Report))
                .forEach(step -> lines.add("canary   " + text(step, app)));
        write.notes().forEach(note -> lines.add("note     " + note));
        Step.Report report = steps.stream()
                .filter(Step.Report.class::isInstance)
                .map(Step.Report.class::cast)
                .findFirst()
                .orElse(null);
        if (report != null) {
            lines.add("then     " + then(report.release()));
        }
        boolean nothing = write.edits().isEmpty() && steps.isEmpty();
        session.terminal().print(nothing ? List.of(name + ": nothing to do") : lines);
        session.terminal().note("nothing was written");
        return nothing ? ExitCode.DONE : ExitCode.ERROR;
    }

    private static String text(Step step, App app) {
        String what = switch (step) {
            case Step.EnsureRoute s ->
                "%s  %s -> %s".formatted(object(s.kind(), s.name()), now(app, s), refs(s.refs()));
            case Step.EnsureHosts s -> "%s  made".formatted(object(s.kind(), s.name()));
            case Step.EditRoute s ->
                "%s  %s".formatted(object(s.kind(), s.name()), s.original().isEmpty() ? "restored" : "split");
            case Step.Scale s -> "deployment/%s  replicas %d -> %d".formatted(s.deployment(), s.from(), s.to());
            case Step.EnsureService s -> "service/%s  selector %s".formatted(s.name(), s.selector());
            case Step.Mark s ->
                "deployment/%s  marks %s%s"
                        .formatted(s.deployment(), s.set(), s.remove().isEmpty() ? "" : " without " + s.remove());
            case Step.UnmarkRoot s -> "service/%s  marks removed".formatted(s.service());
            case Step.Delete s -> "%s  deleted".formatted(s.target().toLowerCase(Locale.ROOT));
            case Step.Report s -> "release/" + s.app();
            case Step.Tell s -> "event/" + s.name();
        };
        return what + "  (" + step.why() + ")";
    }

    private static String object(RouteKind kind, String name) {
        return kind.text().toLowerCase(Locale.ROOT) + "/" + name;
    }

    private static String now(App app, Step.EnsureRoute step) {
        return app.routes().stream()
                .filter(route -> route.kind() == step.kind() && route.name().equals(step.name()))
                .map(route -> refs(route.refs()))
                .findFirst()
                .orElse("none");
    }

    private static String refs(List<RouteFacts.Ref> refs) {
        return refs.stream().map(ref -> ref.service() + " " + ref.weight()).collect(Collectors.joining(", "));
    }

    private static String then(Release release) {
        return release.phase().text()
                + (release.message().isEmpty() ? "" : ": " + release.message()) + "; asked "
                + release.versions().stream()
                        .map(v -> v.name() + " " + Weight.percent(v.asked()))
                        .collect(Collectors.joining(", "));
    }

    private static int json(Session session, String app, Outcome.Write write, List<Step> steps) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("apiVersion", "cli.canary.io/v1");
        tree.put("kind", "Plan");
        tree.put("app", app);
        List<Map<String, Object>> edits = new ArrayList<>();
        write.edits().forEach(edit -> {
            Map<String, Object> values = new LinkedHashMap<>();
            edit.values().forEach((key, value) -> values.put(key.text(), value == null ? "" : value));
            edits.add(new LinkedHashMap<>(
                    Map.of("object", edit.kind().text() + "/" + edit.name(), "annotations", values)));
        });
        tree.put("edits", edits);
        tree.put(
                "steps",
                steps.stream()
                        .map(step -> Map.of("target", step.target(), "why", step.why()))
                        .toList());
        tree.put("notes", write.notes());
        int code = Output.tree(session, tree);
        return code == ExitCode.DONE && (!write.edits().isEmpty() || !steps.isEmpty()) ? ExitCode.ERROR : code;
    }
}
