// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.demo;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.product.Plugin;
import io.canary.e2e.testbed.Binaries;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.Settings;
import io.canary.e2e.watch.MeshStandIn;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// `make demo`: the seed's story on a real control plane of its own, or with `--kubeconfig` on a cluster of the
/// user's. Ends with 0 only if every step did.
public final class Demo {
    private Demo() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> environment = System.getenv();
        int code = 1;
        try {
            code = arguments.length == 0
                    ? onItsOwn(environment, System.out)
                    : YourCluster.run(YourCluster.Options.parse(List.of(arguments)), environment, System.out);
        } catch (AssertionError | IllegalStateException e) {
            System.out.println("\nFAILED: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            System.out.println("error: " + e.getMessage());
            code = YourCluster.USAGE;
        }
        System.exit(code);
    }

    private static int onItsOwn(Map<String, String> environment, PrintStream out) throws Exception {
        Path work = Path.of(environment.getOrDefault("CANARY_TESTBED_WORK", "target/demo"));
        try (ControlPlane cluster = new ControlPlane(Binaries.require(environment), work, Settings.DEFAULT)) {
            DemoStory story = new DemoStory(own(cluster), out);
            story.step("Starting etcd, kube-apiserver, controller manager, scheduler and KWOK");
            cluster.start();
            story.step("Installing Canary from manifests/");
            new InstalledProduct().start(cluster);
            story.bookinfo("istio");
            try (MeshStandIn _ = MeshStandIn.start(cluster.client())) {
                story.tellOrHandOver(environment);
            }
            return 0;
        }
    }

    private static DemoCluster own(ControlPlane cluster) {
        Map<String, String> variables = new HashMap<>(cluster.kubectlEnvironment());
        variables.putAll(DemoCluster.TERMINAL);
        variables.put("PATH", Plugin.of(cluster).path());
        return new DemoCluster(
                cluster.binaries().program("kubectl").toString(), variables, cluster::client, "default", "");
    }
}
