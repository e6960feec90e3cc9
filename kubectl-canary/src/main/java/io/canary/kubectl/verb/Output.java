// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.cluster.Yaml;
import java.util.ArrayList;
import java.util.List;

/// `-o` of verbs that print.
final class Output {
    private Output() {}

    /// Whether kubectl itself shall print the Release: `-o json`, `yaml`, `name`, `jsonpath=…`, `custom-columns=…`.
    static boolean byKubectl(Session session) {
        String format = session.arguments().value("output");
        return !format.isEmpty() && !format.equals("wide");
    }

    /// Prints what kubectl prints of Releases.
    static int kubectl(Session session, List<String> call) {
        List<String> line = new ArrayList<>(call);
        line.add("--output=" + session.arguments().value("output"));
        return switch (Reading.of(session.kubectl().quietly(line.toArray(String[]::new)))) {
            case Reading.Got(String stdout) -> passed(session, stdout);
            case Reading other -> Apps.told(session, other);
        };
    }

    static int passed(Session session, String text) {
        session.terminal().pass(text);
        return ExitCode.DONE;
    }

    /// Prints a tree of ours as JSON or YAML.
    static int tree(Session session, Object tree) {
        session.terminal()
                .pass(session.arguments().value("output").equals("yaml") ? Yaml.write(tree) : Json.pretty(tree) + "\n");
        return ExitCode.DONE;
    }
}
