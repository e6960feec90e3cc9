// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import java.util.List;

/// Flags that several verbs have.
final class Flags {
    static final Flag WATCH = Flag.toggle("watch", "w", "follow it until it is done or needs somebody");
    static final Flag OUTPUT = Flag.choice(
            "output",
            "o",
            List.of("wide", "json", "yaml", "name", "jsonpath=", "custom-columns="),
            "",
            "format; the default is for people");
    static final Flag SELECTOR = Flag.value("selector", "l", "LABELS", "", "only releases with these labels");
    static final Flag DATA =
            Flag.choice("output", "o", List.of("json", "yaml"), "", "format; the default is for people");
    static final Flag CHOOSING =
            Flag.value("selector", "l", "LABELS", "", "instead of APP: all whose releases have these labels");
    static final Flag DRY_RUN = Flag.choice(
            "dry-run",
            "",
            List.of("none", "client", "server"),
            "none",
            "client: print what would be sent; server: ask the API server, write nothing");
    static final Flag FORCE = Flag.toggle("force", "", "write what contradicts another object all the same");
    static final Flag WAIT = Flag.toggle("wait", "", "wait until it is in force");
    static final Flag TIMEOUT =
            Flag.value("timeout", "", "DURATION", "5m", "how long to wait, as 90s or 1h30m; 0 is for ever");

    static final Flag OVERRIDE = Flag.value(
            "override",
            "",
            "REASON",
            "",
            "pass policies with breakGlass: Allowed, by the verb override; at least 10 characters");

    private Flags() {}
}
