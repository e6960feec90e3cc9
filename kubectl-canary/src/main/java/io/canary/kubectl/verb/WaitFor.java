// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.Release;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cli.Words;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// `wait --for=phase=…`.
final class WaitFor {
    private WaitFor() {}

    static int run(Session session) {
        String wanted = session.arguments().value("for");
        List<String> names = wanted.startsWith("phase=")
                ? List.of(wanted.substring("phase=".length()).split(",", -1))
                : List.of();
        List<String> known =
                Arrays.stream(Release.Phase.values()).map(Release.Phase::text).toList();
        for (String name : names) {
            if (known.stream().noneMatch(phase -> phase.equalsIgnoreCase(name))) {
                String nearest = Words.nearest(name, known);
                session.failed(
                        "--for: " + Words.quoted(name) + " is no phase; they are " + String.join(", ", known),
                        nearest.isEmpty() ? "" : "did you mean --for=phase=" + nearest + "?");
                return ExitCode.USAGE;
            }
        }
        if (names.isEmpty()) {
            session.failed(
                    wanted.isEmpty()
                            ? "wait needs --for"
                            : "--for: " + Words.quoted(wanted) + " is not phase=PHASE[,PHASE]",
                    "kubectl canary wait APP --for=phase=Canary,Stable");
            return ExitCode.USAGE;
        }
        Set<Release.Phase> phases = Arrays.stream(Release.Phase.values())
                .filter(phase -> names.stream().anyMatch(phase.text()::equalsIgnoreCase))
                .collect(Collectors.toSet());
        Apps.Chosen chosen = Apps.chosen(session);
        int code = chosen.code();
        for (String app : chosen.apps()) {
            int ended = Waiting.until(session, app, Goal.phase(phases));
            code = code == ExitCode.DONE ? ended : code;
        }
        return code;
    }
}
