// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import java.util.List;
import java.util.Optional;

/// kubectl's global flags: accepted anywhere after `canary` and handed to every kubectl that we start, unchanged
/// (cli.md section 1). Before `canary` kubectl itself refuses them.
public final class KubectlFlags {
    private static final List<Flag> ALL = List.of(
            Flag.value("namespace", "n", "NAME", "", "the namespace; default: the context's"),
            Flag.value("context", "", "NAME", "", "the kubeconfig context"),
            Flag.value("kubeconfig", "", "FILE", "", "the kubeconfig file"),
            Flag.value("cluster", "", "NAME", "", "the kubeconfig cluster"),
            Flag.value("user", "", "NAME", "", "the kubeconfig user"),
            Flag.value("server", "s", "URL", "", "the API server's address"),
            Flag.value("as", "", "USER", "", "the user to impersonate"),
            new Flag("as-group", "", Flag.Kind.MANY, "GROUP", List.of(), "", "a group to impersonate"),
            Flag.value("as-uid", "", "UID", "", "the UID to impersonate"),
            new Flag("as-user-extra", "", Flag.Kind.MANY, "KEY=VALUE", List.of(), "", "extra to impersonate"),
            Flag.value("token", "", "TOKEN", "", "a bearer token"),
            Flag.value("username", "", "NAME", "", "for basic authentication"),
            Flag.value("password", "", "TEXT", "", "for basic authentication"),
            Flag.value("certificate-authority", "", "FILE", "", "the CA of the API server"),
            Flag.value("client-certificate", "", "FILE", "", "a client certificate"),
            Flag.value("client-key", "", "FILE", "", "a client key"),
            Flag.value("tls-server-name", "", "NAME", "", "the name in the server's certificate"),
            Flag.toggle("insecure-skip-tls-verify", "", "do not check the server's certificate"),
            Flag.value("request-timeout", "", "DURATION", "", "how long one request may take"),
            Flag.value("cache-dir", "", "DIR", "", "kubectl's cache"),
            Flag.value("kuberc", "", "FILE", "", "the kuberc file"),
            Flag.toggle("disable-compression", "", "no compression of answers"),
            Flag.toggle("match-server-version", "", "require the server's version to match"),
            Flag.toggle("warnings-as-errors", "", "treat warnings of the server as errors"),
            Flag.value("v", "v", "LEVEL", "", "how much kubectl logs"),
            Flag.value("vmodule", "", "PATTERN", "", "how much parts of kubectl log"),
            Flag.value("log-flush-frequency", "", "DURATION", "", "how often kubectl flushes logs"),
            Flag.value("profile", "", "NAME", "", "kubectl's profile"),
            Flag.value("profile-output", "", "FILE", "", "where kubectl writes its profile"));

    private KubectlFlags() {}

    static List<Flag> all() {
        return ALL;
    }

    /// The flag of this long name.
    static Optional<Flag> named(String name) {
        return ALL.stream().filter(flag -> flag.name().equals(name)).findFirst();
    }

    static Optional<Flag> shorthand(String letter) {
        return ALL.stream().filter(flag -> flag.shorthand().equals(letter)).findFirst();
    }
}
