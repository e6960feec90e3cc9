// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Kubectl;
import io.canary.kubectl.cluster.Reading;
import java.util.ArrayList;
import java.util.List;

/// `uninstall`: webhook configurations first, so that nothing is refused by what is gone; CRDs last.
final class Uninstall {
    private Uninstall() {}

    static int run(Session session) {
        String dryRun = session.arguments().value("dry-run");
        if (dryRun.equals("none") && !session.arguments().on("yes")) {
            if (!session.terminal().interactive("02")) {
                session.failed(
                        "uninstall removes Canary and nobody is here to be asked", "kubectl canary uninstall --yes");
                return ExitCode.USAGE;
            }
            if (!session.terminal()
                    .confirmed(
                            "Remove Canary and all CanaryPolicies from this cluster? Apps keep the split that is in force.")) {
                return session.failed("nothing was removed", "");
            }
        }
        // Bindings of policies name what is removed next; without it each of their requests would be an error.
        List<String> bindings = new ArrayList<>(List.of(
                "delete",
                "validatingadmissionpolicybindings",
                "--selector=canary.io/policy",
                "--ignore-not-found",
                "--wait=false"));
        if (!dryRun.equals("none")) {
            bindings.add("--dry-run=" + dryRun);
        }
        if (Reading.of(session.kubectl().quietly(bindings.toArray(String[]::new)))
                        instanceof Reading.Got(String removed)
                && !removed.startsWith("No resources found")) {
            session.terminal().pass(removed);
        }
        for (String manifest : Manifests.lastFirst()) {
            List<String> call =
                    new ArrayList<>(List.of("delete", "--ignore-not-found", "--wait=false", Install.SYSTEM, "-f", "-"));
            if (!dryRun.equals("none")) {
                call.add("--dry-run=" + dryRun);
            }
            Kubectl.Answer answer = session.kubectl().send(manifest, call.toArray(String[]::new));
            switch (Reading.of(answer)) {
                case Reading.Got(String stdout) -> session.terminal().pass(stdout);
                case Reading other -> {
                    return Apps.told(session, other);
                }
            }
        }
        session.terminal().note("Routes and Services that Canary made stay: apps keep the split that was in force.");
        return ExitCode.DONE;
    }
}
