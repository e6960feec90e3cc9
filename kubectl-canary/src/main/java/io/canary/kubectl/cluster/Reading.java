// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cluster;

import java.util.Set;
import java.util.stream.Collectors;

/// What became of a call of kubectl, told apart by what it said: kubectl itself answers 1 for everything.
public sealed interface Reading {
    /// It worked.
    record Got(String stdout) implements Reading {}

    /// The API server knows no Releases, or no CanaryPolicies: Canary is not installed, or older than this plugin.
    record NotInstalled() implements Reading {}

    /// There is no such object.
    record NotFound() implements Reading {}

    /// Somebody wrote the object meanwhile.
    record Conflicting() implements Reading {}

    /// The webhook, a policy or the API server's authorization said no.
    ///
    /// @param text as kubectl printed it
    record Denied(String text) implements Reading {}

    /// Anything else, in kubectl's words.
    record Failed(String text) implements Reading {}

    static Reading of(Kubectl.Answer answer) {
        if (answer.succeeded()) {
            return new Got(answer.stdout());
        }
        String said = answer.stderr();
        // Before all else: the words after it are ours, and may hold anything.
        if (said.contains("admission webhook \"")
                || (said.contains("ValidatingAdmissionPolicy '") && said.contains(" denied request"))) {
            return new Denied(plain(said));
        }
        if (said.contains("the server doesn't have a resource type \"releases\"")
                || said.contains("the server doesn't have a resource type \"canarypolicies\"")
                || said.contains("could not find the requested resource")) {
            return new NotInstalled();
        }
        if (said.contains("(NotFound)")) {
            return new NotFound();
        }
        if (said.contains("(Conflict)")) {
            return new Conflicting();
        }
        if (said.contains("(Forbidden)") || said.contains(" is forbidden: ")) {
            return new Denied(plain(said));
        }
        return new Failed(plain(said));
    }

    /// kubectl's words without its log lines (`E1124 10:00:00.000000 …`), without warnings, and without what others
    /// said through it, which was shown already.
    static String plain(String said) {
        String shown = new OwnWords().others(said);
        Set<String> others = Set.copyOf(shown.lines().toList());
        String text = said.lines()
                .filter(line ->
                        !line.matches("[EIWF][0-9]{4} .*") && !line.startsWith("Warning:") && !others.contains(line))
                .collect(Collectors.joining("\n"))
                .strip();
        return text.isEmpty() && shown.isBlank() ? "kubectl failed and did not say why" : text;
    }

    /// The warnings among kubectl's words.
    static java.util.List<String> warnings(String said) {
        return said.lines().filter(line -> line.startsWith("Warning:")).toList();
    }
}
