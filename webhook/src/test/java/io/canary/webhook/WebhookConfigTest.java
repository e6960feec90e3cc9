// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Settings from the environment.
class WebhookConfigTest {
    @Test
    void nothingHasToBeSet() {
        WebhookConfig config = WebhookConfig.from(Map.of());

        assertThat(config.username()).isEqualTo("system:serviceaccount:canary-system:canary");
        assertThat(config.address()).isEqualTo("0.0.0.0");
        assertThat(config.httpsPort()).isEqualTo(8443);
        assertThat(config.drain()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void theNamespaceOfThePodIsOursUnlessAnotherIsSet() {
        assertThat(WebhookConfig.from(Map.of("POD_NAMESPACE", "a")).namespace()).isEqualTo("a");
        assertThat(WebhookConfig.from(Map.of("POD_NAMESPACE", "a", "CANARY_NAMESPACE", "b"))
                        .namespace())
                .isEqualTo("b");
    }

    @Test
    void theTableOfSettingsGivesEachDefault() throws IOException {
        Map<String, String> table = Files.readAllLines(Path.of("../docs/settings.md")).stream()
                .map(Pattern.compile("\\| `([A-Z_]+)` \\| `(.+?)` \\|.*")::matcher)
                .filter(Matcher::matches)
                .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2)));

        assertThat(table.keySet()).isEqualTo(variablesInTheCode());
        table.forEach((variable, value) -> assertThat(WebhookConfig.from(Map.of(variable, value)))
                .as(variable)
                .isEqualTo(WebhookConfig.from(Map.of())));
        assertThat(table.keySet())
                .allSatisfy(variable -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> WebhookConfig.from(Map.of(variable, "\n")))
                        .withMessageStartingWith(variable));
    }

    private static Set<String> variablesInTheCode() throws IOException {
        return Pattern.compile("\"((?:CANARY|POD)_[A-Z_]+)\"")
                .matcher(Files.readString(Path.of("src/main/java/io/canary/webhook/WebhookConfig.java")))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    @Test
    void clientsNeedCertificatesOnlyWhereAnAuthorityIsSet() {
        assertThat(WebhookConfig.from(Map.of()).clientCertificates()).isNull();
        assertThat(WebhookConfig.from(Map.of(
                                "CANARY_CLIENT_CA", "/etc/clients/ca.crt",
                                "CANARY_CLIENT_NAMES", "kube-apiserver, system:api server"))
                        .clientCertificates())
                .isEqualTo(new WebhookConfig.ClientCertificates(
                        Path.of("/etc/clients/ca.crt"), Set.of("kube-apiserver", "system:api server")));
    }

    @Test
    void anEmptyVariableCountsAsNotSet() {
        assertThat(WebhookConfig.from(Map.of("CANARY_DRAIN", "")).drain()).isEqualTo(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CANARY_NAMESPACE      | Canary   | CANARY_NAMESPACE: "Canary" is not a name of a Kubernetes object: lower-case letters, digits, "-" and "."
            POD_IP                | all      | POD_IP: "all" is not an IP address
            CANARY_HTTPS_PORT     | 70000    | CANARY_HTTPS_PORT: "70000" is not a whole number from 0 to 65535
            CANARY_HTTPS_PORT     | ８４４３  | CANARY_HTTPS_PORT: "８４４３" is not a whole number from 0 to 65535
            CANARY_PROBE_PORT     | http     | CANARY_PROBE_PORT: "http" is not a whole number from 0 to 65535
            CANARY_WORKERS        | 0        | CANARY_WORKERS: "0" is not a whole number from 1 to 256
            CANARY_DRAIN          | 10       | CANARY_DRAIN: "10" is not a whole number with ms, s, m, h or d, as in "10s"
            CANARY_LOG_LEVEL      | INFO     | CANARY_LOG_LEVEL: "INFO" is not one of error, warn, info, debug, trace
            CANARY_CLIENT_CA      | ca.crt   | CANARY_CLIENT_CA: "ca.crt" is not the absolute path of a file, or "none"
            CANARY_CLIENT_NAMES   | a,,b     | CANARY_CLIENT_NAMES: "a,,b" is not a list of common names separated by commas, or "*" for any
            CANARY_CLIENT_NAMES   | a        | CANARY_CLIENT_NAMES: clients are asked for a certificate only where CANARY_CLIENT_CA is set, and it is not
            CANARY_LEASE_RENEW    | 15s      | CANARY_LEASE_RETRY, CANARY_LEASE_RENEW, CANARY_LEASE_DURATION: PT2S, PT15S, PT15S must rise in this order, from above 0
            CANARY_LEASE_RETRY    | 0s       | CANARY_LEASE_RETRY, CANARY_LEASE_RENEW, CANARY_LEASE_DURATION: PT0S, PT10S, PT15S must rise in this order, from above 0
            """)
    void aWrongSettingIsNamedWithItsValueAndWhatIsAllowed(String variable, String value, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WebhookConfig.from(Map.of(variable, value)))
                .withMessage(message);
    }
}
