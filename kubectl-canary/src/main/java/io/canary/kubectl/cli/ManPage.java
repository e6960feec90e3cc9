// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import java.util.ArrayList;
import java.util.List;

/// The manual page kubectl-canary(1), in roff, made from the table of verbs.
public final class ManPage {
    private ManPage() {}

    public static List<String> lines() {
        List<String> lines = new ArrayList<>(List.of(
                ".TH KUBECTL-CANARY 1",
                ".SH NAME",
                "kubectl-canary \\- canary releases on plain Deployments, by annotation",
                ".SH SYNOPSIS",
                ".B kubectl canary",
                ".I VERB",
                "[",
                ".I APP",
                "] [flags]",
                ".SH VERBS"));
        for (Verb verb : Verb.values()) {
            Usage usage = verb.usage();
            lines.add(".SS " + safe(verb.words() + " " + usage.arguments()).strip());
            lines.add(safe(usage.summary() + "."));
            if (!usage.text().isEmpty()) {
                lines.add(".PP");
                lines.add(safe(usage.text()));
            }
            usage.flags().forEach(flag -> lines.addAll(row(flag)));
            lines.addAll(List.of(".PP", ".nf"));
            usage.examples().forEach(example -> lines.add(safe(example)));
            lines.add(".fi");
        }
        lines.add(".SH FLAGS OF EVERY VERB");
        lines.addAll(row(Usage.COLOR));
        lines.addAll(row(Usage.HELP));
        lines.add(".SH FLAGS OF KUBECTL");
        KubectlFlags.all().forEach(flag -> lines.addAll(row(flag)));
        lines.addAll(List.of(
                ".SH EXIT STATUS",
                "0 done, or nothing to do; 1 an error, plan found a difference, or policy test a denial; 2 plan could not",
                "be made, or policy test could not read its files; 3 it ended Degraded or in conflict, or was aborted or",
                "changed while we waited; 4 denied; 5 check or policy report found failures, or verify another split than the one in",
                "force; 64 usage; 124 timed out; 130 interrupted.",
                ".SH ENVIRONMENT",
                "KUBECTL_PATH and KUBECTL name the kubectl to use; NO_COLOR turns colours off; CI=true says that nobody",
                "can be asked; CANARY_DEBUG shows the stack trace of a bug."));
        return lines;
    }

    private static List<String> row(Flag flag) {
        String choices = flag.choices().isEmpty() ? "" : " (" + String.join(", ", flag.choices()) + ")";
        return List.of(".TP", ".B " + safe(flag.shown().strip()), safe(flag.help() + choices));
    }

    /// A text in which roff sees no command of its own.
    private static String safe(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}
