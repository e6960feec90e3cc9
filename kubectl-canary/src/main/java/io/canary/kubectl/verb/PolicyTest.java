// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.json.JsonObject;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cli.Arguments;
import io.canary.kubectl.cli.Words;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.policy.PolicySchema;
import io.canary.kubectl.policy.Question;
import io.canary.kubectl.policy.TestCase;
import io.canary.kubectl.policy.TestRun;
import io.canary.kubectl.view.JUnitXml;
import io.canary.kubectl.view.PolicyTestView;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `policy test`: judges files by CanaryPolicies in files, by the code of the webhook. Calls nobody.
final class PolicyTest {
    private static final String HELP = "kubectl canary policy test --help";

    private PolicyTest() {}

    static int run(Session session) {
        Arguments given = session.arguments();
        List<String> wrong = new ArrayList<>();
        Question question = question(session, wrong);
        if (given.values("filename").isEmpty()) {
            wrong.add("policy test needs --filename: policies, and what to judge by them");
        }
        if (!wrong.isEmpty()) {
            wrong.forEach(session.terminal()::error);
            session.terminal().hint(HELP);
            return ExitCode.USAGE;
        }
        String namespace = given.value("namespace");
        TestRun run = TestRun.of(
                new TestRun.Given(
                        given.values("filename"),
                        given.values("old"),
                        namespace.isEmpty() ? "default" : namespace,
                        question,
                        session.terminal()::input),
                PolicySchema.of(Manifests.policies()));
        return switch (run) {
            case TestRun.BadInput(List<String> problems) -> {
                problems.forEach(session.terminal()::error);
                yield ExitCode.BAD_INPUT;
            }
            case TestRun.Judged judged -> print(session, judged);
        };
    }

    private static int print(Session session, TestRun.Judged run) {
        switch (session.arguments().value("output")) {
            case "json" -> session.terminal().pass(Json.pretty(PolicyTestView.data(run)) + "\n");
            case "junit" -> session.terminal().pass(JUnitXml.of(run));
            default -> session.terminal().print(PolicyTestView.lines(run));
        }
        run.ignored().forEach(title -> session.terminal().note("ignored " + title));
        session.terminal().note(PolicyTestView.summary(run));
        return run.passes() ? ExitCode.DONE : ExitCode.ERROR;
    }

    private static Question question(Session session, List<String> wrong) {
        Arguments given = session.arguments();
        Instant at = session.terminal().now().truncatedTo(ChronoUnit.SECONDS);
        if (given.given("at")) {
            Instant read = JsonObject.instantOf(given.value("at"));
            if (read == null) {
                wrong.add("--at: " + Words.quoted(given.value("at"))
                        + " is no time with an offset, as 2026-12-24T10:00:00Z or 2026-12-24T10:00+01:00");
            } else {
                at = read;
            }
        }
        return new Question(
                given.value("as"),
                words(given.value("groups")),
                TestCase.verbs(words(given.value("allow")), text -> wrong.add("--allow: " + text)),
                at,
                labels(given.value("namespace-labels"), wrong));
    }

    private static Map<String, String> labels(String text, List<String> wrong) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String word : words(text)) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                wrong.add("--namespace-labels: " + Words.quoted(word) + " is not KEY=VALUE");
            } else {
                labels.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return labels;
    }

    private static List<String> words(String list) {
        return Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
