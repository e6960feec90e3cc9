// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.App;
import io.canary.domain.app.Names;
import io.canary.domain.app.Release;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Policies;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.Verb;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Kubectl;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.cluster.Snapshot;
import io.canary.kubectl.policy.Explanation;
import io.canary.kubectl.policy.Scope;
import io.canary.kubectl.view.ExplainView;
import io.canary.kubectl.view.StatusView;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// `policy explain`: what all policies about an app come to, for whoever asks.
final class PolicyExplain {

    private PolicyExplain() {}

    static int run(Session session) {
        String typed = session.arguments().plain().getFirst();
        Apps.Look look = Apps.look(session, typed, Apps.KINDS + "," + Apps.ROUTES);
        if (look instanceof Apps.Look.Not(Reading.Denied _)) {
            look = Apps.look(session, typed, Apps.KINDS); // without the right to read routes
        }
        return switch (Apps.ended(session, look)) {
            case Apps.Found.Ended(int code) -> code;
            case Apps.Found.App(Snapshot snapshot, String app) ->
                explain(session, snapshot.view().app(app));
        };
    }

    private static int explain(Session session, App app) {
        return switch (ClusterPolicies.read(session)) {
            case ClusterPolicies.Found.Not(var why) -> withoutPolicies(session, app, why);
            case ClusterPolicies.Found.All all -> {
                Scope scope = Scope.of(app.namespace(), ClusterPolicies.labels(session, app.namespace()), all.rules());
                yield explain(session, app, scope);
            }
        };
    }

    private static int explain(Session session, App app, Scope scope) {
        Policies policies = scope.policies();
        Explanation explained = Explanation.of(
                app,
                policies,
                name(session, policies),
                answers(session, app, policies),
                session.terminal().now());
        List<String> unknown = new ArrayList<>();
        if (!scope.assumed().isEmpty()) {
            unknown.add("namespace " + app.namespace() + " cannot be read, so these are taken to be about it: "
                    + String.join(", ", scope.assumed()));
        }
        if (session.arguments().given("output")) {
            Output.tree(session, ExplainView.data(explained, unknown));
        } else {
            session.terminal().print(ExplainView.lines(session.terminal().screen(), explained));
        }
        unknown.forEach(text -> session.terminal().note("warning: " + text));
        return unknown.isEmpty() ? ExitCode.DONE : ExitCode.DENIED;
    }

    /// Who asks: only where it counts, since it costs a call.
    private static String name(Session session, Policies policies) {
        if (policies.policies().stream().allMatch(policy -> policy.separateAbove() == null)) {
            return "you";
        }
        Kubectl.Answer answer = session.kubectl().quietly("auth", "whoami", "--output=json");
        return answer.succeeded()
                ? JsonObject.of(Json.read(answer.stdout()))
                        .object("status")
                        .object("userInfo")
                        .text("username")
                : "";
    }

    /// What the API server says of the verbs that some policy asks for: a call each.
    private static Map<Verb, Boolean> answers(Session session, App app, Policies policies) {
        Map<Verb, Boolean> answers = new EnumMap<>(Verb.class);
        for (Verb verb : Verb.values()) {
            boolean asked = policies.policies().stream()
                    .anyMatch(verb == Verb.OVERRIDE ? Policy::breakGlass : Policy::enforced);
            if (asked) {
                String said = session.kubectl()
                        .quietly("auth", "can-i", verb.text(), Apps.RELEASES + "/" + app.name())
                        .stdout()
                        .strip();
                if (said.startsWith("yes") || said.startsWith("no")) {
                    answers.put(verb, said.startsWith("yes"));
                }
            }
        }
        return answers;
    }

    /// What the Release tells of policies that cannot be read.
    private static int withoutPolicies(Session session, App app, Reading why) {
        Release release = app.release();
        if (!(why instanceof Reading.Denied) || release == null) {
            return Apps.told(session, why);
        }
        List<String> lines = new ArrayList<>();
        for (Release.VersionStatus v : release.versions()) {
            Release.Standing standing = v.standing();
            Release.Begun begun = standing.begun();
            if (begun != null) {
                lines.add("%s  began %s ago%s"
                        .formatted(
                                v.name(),
                                session.terminal().screen().age(begun.at()),
                                begun.by().isEmpty() ? "" : " by " + begun.by()));
            }
            Release.Limit limit = standing.limit();
            if (limit != null) {
                lines.add(v.name() + "  " + StatusView.text(limit));
            }
            v.override()
                    .ifPresent(waiver ->
                            lines.add("%s  override by %s: %s".formatted(v.name(), waiver.by(), waiver.reason())));
            if (!v.waitsFor().isEmpty()) {
                lines.add("%s  waits: %s".formatted(v.name(), v.waitsFor()));
            }
        }
        session.terminal().print(lines.stream().map(Names::printable).toList());
        session.terminal().note("warning: you may not read CanaryPolicies; this is what the Release tells of them");
        return Apps.told(session, why);
    }
}
