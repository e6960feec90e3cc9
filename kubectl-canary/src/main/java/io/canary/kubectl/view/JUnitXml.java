// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.view;

import io.canary.domain.app.Names;
import io.canary.kubectl.policy.Judgement;
import io.canary.kubectl.policy.TestCase;
import io.canary.kubectl.policy.TestRun;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What came of `policy test`, as CI systems read test results: a test for each object, and for each case.
public final class JUnitXml {
    private JUnitXml() {}

    /// @param told what fails a test, empty where it passes
    /// @param also what it says besides
    private record Test(String suite, String name, List<String> told, List<String> also) {
        static Test of(Judgement judgement) {
            List<String> denied = new ArrayList<>(
                    lines(judgement.rows().stream().filter(row -> row.result() == Judgement.Result.DENY)));
            if (!denied.isEmpty() && !judgement.ruling().passes().isEmpty()) {
                denied.add(judgement.ruling().passes());
            }
            return new Test(
                    "objects",
                    judgement.object().text(),
                    denied,
                    lines(judgement.rows().stream().filter(row -> row.result() != Judgement.Result.DENY)));
        }

        static Test of(TestCase.Outcome outcome) {
            return new Test(
                    "cases",
                    outcome.name(),
                    outcome.differences(),
                    lines(outcome.judgements().stream().flatMap(each -> each.rows().stream())));
        }

        private static List<String> lines(Stream<Judgement.Row> rows) {
            return rows.map(row -> row.text() + ": " + row.value()).toList();
        }
    }

    public static String of(TestRun.Judged run) {
        List<Test> tests = Stream.concat(
                        run.objects().stream().map(Test::of),
                        run.cases().stream().map(Test::of))
                .toList();
        long failed = tests.stream().filter(test -> !test.told().isEmpty()).count();
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        xml.append(
                "<testsuite name=\"kubectl canary policy test\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"0\" timestamp=\"%s\">\n"
                        .formatted(
                                tests.size(),
                                failed,
                                escaped(run.question().at().toString())));
        tests.forEach(test -> xml.append(text(test)));
        return xml.append("</testsuite>\n").toString();
    }

    private static String text(Test test) {
        String head =
                "  <testcase classname=\"canary.policy.%s\" name=\"%s\"".formatted(test.suite(), escaped(test.name()));
        if (test.told().isEmpty() && test.also().isEmpty()) {
            return head + "/>\n";
        }
        String failure = test.told().isEmpty()
                ? ""
                : "    <failure message=\"%s\">%s</failure>\n"
                        .formatted(escaped(test.told().getFirst()), escapedLines(test.told()));
        String also =
                test.also().isEmpty() ? "" : "    <system-out>%s</system-out>\n".formatted(escapedLines(test.also()));
        return head + ">\n" + failure + also + "  </testcase>\n";
    }

    private static String escapedLines(List<String> lines) {
        return lines.stream().map(JUnitXml::escaped).collect(Collectors.joining("\n"));
    }

    /// XML has no form at all for most control characters: they stand as in a terminal.
    private static String escaped(String text) {
        return Names.printable(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
