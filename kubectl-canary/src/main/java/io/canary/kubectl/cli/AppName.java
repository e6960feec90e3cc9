// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// An app as it is typed: `order`, `service/order`, `deploy/order-v2` (cli.md section 2).
///
/// @param name of the root Service, or of a Deployment
public record AppName(Kind kind, String name) {
    private static final Set<String> DEPLOYMENT = Set.of("deploy", "deployment", "deployments", "deployment.apps");
    private static final Set<String> SERVICE = Set.of("svc", "service", "services");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

    /// What the name is of.
    public enum Kind {
        ANY,
        DEPLOYMENT,
        SERVICE
    }

    /// What is wrong with `typed`, or empty: another kind, or no name of an object.
    public static Optional<CommandLine.Wrong> wrong(String typed) {
        int slash = typed.indexOf('/');
        String kind = slash < 0 ? "" : typed.substring(0, slash);
        String name = typed.substring(slash + 1);
        if (!NAME.matcher(name).matches()) {
            return Optional.of(new CommandLine.Wrong(
                    Words.quoted(typed) + " names no app: lower-case letters, digits and - are allowed",
                    "kubectl canary list"));
        }
        return slash < 0 || DEPLOYMENT.contains(kind) || SERVICE.contains(kind)
                ? Optional.empty()
                : Optional.of(new CommandLine.Wrong(
                        Words.quoted(typed) + ": " + Words.quoted(kind) + " is neither deployment nor service",
                        "a namespace goes by flag: " + name + " --namespace=" + kind));
    }

    /// Reads what [#wrong] has nothing against.
    public static AppName of(String typed) {
        int slash = typed.indexOf('/');
        String kind = slash < 0 ? "" : typed.substring(0, slash);
        return new AppName(
                slash < 0 ? Kind.ANY : DEPLOYMENT.contains(kind) ? Kind.DEPLOYMENT : Kind.SERVICE,
                typed.substring(slash + 1));
    }
}
