// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.ControlPlane;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What `kubectl apply -k` would make of each folder is accepted by a real API server. Kinds of the Prometheus
/// operator,
/// which is not there, are left out.
@ReleaseStory
class ManifestsIT {
    private static final String OPERATOR = "apiVersion: monitoring.coreos.com/";

    @ParameterizedTest
    @CsvSource({
        "manifests, replicas: 3, 0",
        "manifests/overlays/dev, replicas: 1, 0",
        "manifests/overlays/ha, priorityClassName: canary-webhook, 2",
    })
    void eachFolderIsAccepted(String folder, String has, int ofTheOperator, ControlPlane cluster) {
        String made = cluster.kubectl(
                        "kustomize", InstalledProduct.root().resolve(folder).toString())
                .orThrow()
                .stdout();
        List<String> documents = Arrays.asList(made.split("(?m)^---$"));

        assertThat(made).contains(has);
        assertThat(documents.stream().filter(text -> text.contains(OPERATOR))).hasSize(ofTheOperator);
        cluster.kubectl(
                        documents.stream()
                                .filter(text -> !text.contains(OPERATOR))
                                .collect(Collectors.joining("\n---\n")),
                        List.of("apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"))
                .orThrow();
    }
}
