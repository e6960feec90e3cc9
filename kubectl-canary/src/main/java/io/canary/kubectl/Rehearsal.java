// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Runs the verbs that people wait for against a stand-in for kubectl: the JVM notes what they load, and makes its AOT
/// cache of it. Run where the plugin is packaged and there is no cluster:
///
/// `java -XX:AOTCacheOutput=canary.aot -cp … io.canary.kubectl.Rehearsal FOLDER`
public final class Rehearsal {
    private static final List<String> LINES = List.of(
            "--help",
            "version --client",
            "status order",
            "status order --watch",
            "list",
            "history order",
            "plan order 20",
            "set weight order 20",
            "promote order",
            "abort order",
            "start order --image=order:v3 --weight=5 --dry-run=client -o yaml",
            "nonsense");

    private Rehearsal() {}

    /// Exits with 0 if the verbs did.
    ///
    /// @param arguments the folder of the stand-in
    public static void main(String[] arguments) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("KUBECTL", arguments[0] + "/kubectl");
        environment.put("LC_ALL", "C.UTF-8");
        int failed = 0;
        for (String line : LINES) {
            int code = KubectlCanary.run(
                    List.of(line.split(" ", -1)),
                    environment,
                    InputStream.nullInputStream(),
                    OutputStream.nullOutputStream(),
                    System.err,
                    InstantSource.system());
            if (code != ExitCode.DONE && code != ExitCode.ERROR && code != ExitCode.USAGE) {
                failed++;
            }
        }
        System.exit(failed);
    }
}
