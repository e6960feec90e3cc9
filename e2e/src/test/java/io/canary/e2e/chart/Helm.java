// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.chart;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.Command;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.ControlPlane;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Helm, as `make test-chart` builds it, typed by the cluster's administrator.
record Helm(ControlPlane cluster) {
    static Path chart() {
        return InstalledProduct.root().resolve("charts/canary");
    }

    CommandResult run(String... words) {
        String folder = System.getenv("CANARY_TESTBED_HELM");
        if (folder == null) {
            throw new IllegalStateException("Helm was not built: make test-chart");
        }
        List<String> line = new ArrayList<>(List.of(folder + "/bin/helm"));
        line.addAll(Arrays.asList(words));
        Map<String, String> variables = new HashMap<>(cluster.kubectlEnvironment());
        Path own = cluster.folder().resolve("helm");
        for (String name : List.of("CACHE", "CONFIG", "DATA")) {
            variables.put("HELM_" + name + "_HOME", own.resolve(name).toString());
        }
        return new Command(line, variables, "").run();
    }

    /// What the chart makes, in the namespace of `manifests/` if no other is named.
    String template(String... options) {
        return template(chart(), options);
    }

    String template(Path chart, String... options) {
        List<String> line =
                new ArrayList<>(List.of("template", "canary", chart.toString(), "--namespace=canary-system"));
        line.addAll(Arrays.asList(options));
        return run(line.toArray(String[]::new)).orThrow().stdout();
    }
}
