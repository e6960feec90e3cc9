// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// No label takes a namespace or an object out of our hooks and of the admission policies that are shipped (T16).
class ExemptionsTest {
    private static final Path BASE = Path.of("..", "manifests", "base");

    /// By the name alone, which the API server keeps as a label, and of these namespaces only.
    private static final Map<String, Object> BY_NAME = Map.of(
            "matchExpressions",
            List.of(Map.of(
                    "key",
                    "kubernetes.io/metadata.name",
                    "operator",
                    "NotIn",
                    "values",
                    List.of("kube-system", "kube-node-lease"))));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "60-MutatingWebhookConfiguration.yaml",
                "70-ValidatingWebhookConfiguration.yaml",
                "80-ValidatingAdmissionPolicy-core.yaml",
                "81-ValidatingAdmissionPolicy-policy.yaml",
            })
    void onlyTheSystemsOwnNamespacesAreLeftOut(String file) throws IOException {
        List<Object> selectors = new ArrayList<>();
        for (String document : Files.readString(BASE.resolve(file)).split("(?m)^---$", -1)) {
            collect(Serialization.unmarshal(document, Map.class), selectors);
        }

        assertThat(selectors).isNotEmpty().allMatch(BY_NAME::equals);
    }

    private static void collect(Object node, List<Object> selectors) {
        if (node instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                if (key.equals("namespaceSelector") || key.equals("objectSelector")) {
                    selectors.add(value);
                } else {
                    collect(value, selectors);
                }
            });
        } else if (node instanceof List<?> list) {
            list.forEach(each -> collect(each, selectors));
        }
    }
}
