// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.certs.ServiceIdentity;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Hooks that stand, beside those that are shipped.
class ShippedHooksTest {
    private static final String FAIL = "    failurePolicy: Fail\n";
    private static final ShippedHooks SHIPPED = new ShippedHooks(
            new ServiceIdentity("canary-webhook", "canary-system"), "system:serviceaccount:canary-system:canary");

    private static List<String> differences(String... texts) {
        return SHIPPED.differences(List.of(texts).stream()
                .map(text -> Serialization.unmarshal(text, GenericKubernetesResource.class))
                .toList());
    }

    private static String file(String name) throws IOException {
        return Files.readString(Path.of("..", "manifests", "base", name));
    }

    private static String validating() throws IOException {
        return file("70-ValidatingWebhookConfiguration.yaml");
    }

    @Test
    void theManifestsAreAsShippedAlsoWithWhatAnApiServerAdds() throws IOException {
        String stored = validating()
                .replace(FAIL, FAIL + "    objectSelector: {}\n")
                .replace("    clientConfig:\n", "    clientConfig:\n      caBundle: bm9uZQ==\n")
                .replace("      matchExpressions:\n", """
                      matchExpressions:
                        - key: control-plane
                          operator: DoesNotExist
                """);
        assertThat(differences(stored, file("60-MutatingWebhookConfiguration.yaml")))
                .isEmpty();
    }

    @Test
    void anotherNamespaceServiceAndAccountAreNoDifference() throws IOException {
        String elsewhere = validating()
                .replace("canary-system:canary'", "canary-system:release-bot'")
                .replace("canary-system", "my-canary-system")
                .replace("name: canary-webhook\n", "name: hooks\n");
        ShippedHooks shipped = new ShippedHooks(
                new ServiceIdentity("hooks", "my-canary-system"), "system:serviceaccount:my-canary-system:release-bot");
        assertThat(shipped.differences(List.of(Serialization.unmarshal(elsewhere, GenericKubernetesResource.class))))
                .isEmpty();
    }

    @Test
    void aConfigurationThatIsGoneIsNotToldHere() {
        assertThat(differences()).isEmpty();
    }

    @Test
    void whatWasChangedIsTold() throws IOException {
        String changed = validating()
                .replaceFirst(FAIL, "    failurePolicy: Ignore\n")
                .replaceFirst("operations: \\[CREATE, UPDATE]", "operations: [CREATE]")
                .replaceFirst("timeoutSeconds: 3", "timeoutSeconds: 30")
                .replaceFirst("path: /validate", "path: /mutate")
                .replace("name: version-carries-traffic.canary.io", "name: version-does.canary.io");
        assertThat(differences(changed))
                .containsExactly(
                        "hook canary-must-be-running.canary.io: failurePolicy is Ignore, not Fail",
                        "hook canary-must-be-running.canary.io: timeoutSeconds is 30, not 3",
                        "hook canary-must-be-running.canary.io: clientConfig changed",
                        "hook canary-must-be-running.canary.io: rules changed",
                        "hook version-carries-traffic.canary.io is missing",
                        "hook version-does.canary.io is not shipped");
    }
}
