// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.ControlPlane;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.WebhookClientConfig;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The product's certificates as they are stored: in its Secrets, and in what API servers are told to trust.
final class StoredCertificates {
    static final String SERVING = "canary-webhook-tls";
    static final String AUTHORITIES = "canary-webhook-ca";

    private static final String CONFIGURATION = "canary";

    private StoredCertificates() {}

    /// The files of a Secret of the product, as text; none where there is no such Secret.
    static Map<String, String> secret(ControlPlane cluster, String name) {
        Map<String, String> files = new TreeMap<>();
        var secret = cluster.client()
                .secrets()
                .inNamespace(InstalledProduct.NAMESPACE)
                .withName(name)
                .get();
        if (secret != null) {
            secret.getData().forEach((file, text) -> files.put(file, decode(text)));
        }
        return files;
    }

    /// `caBundle` of each webhook of the validating configuration, in PEM; none where there is no configuration.
    static List<String> validatingBundles(ControlPlane cluster) {
        var configuration = cluster.client()
                .admissionRegistration()
                .v1()
                .validatingWebhookConfigurations()
                .withName(CONFIGURATION)
                .get();
        return configuration == null
                ? List.of()
                : bundles(configuration.getWebhooks().stream().map(ValidatingWebhook::getClientConfig));
    }

    /// The same of the mutating configuration.
    static List<String> mutatingBundles(ControlPlane cluster) {
        var configuration = cluster.client()
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName(CONFIGURATION)
                .get();
        return configuration == null
                ? List.of()
                : bundles(configuration.getWebhooks().stream().map(MutatingWebhook::getClientConfig));
    }

    /// The certificates in a PEM text, one by one.
    static Stream<String> blocks(String pem) {
        return Arrays.stream(pem.split("(?<=-----END CERTIFICATE-----\n)")).filter(block -> !block.isBlank());
    }

    private static List<String> bundles(Stream<WebhookClientConfig> clients) {
        return clients.map(client -> decode(Objects.toString(client.getCaBundle(), "")))
                .toList();
    }

    private static String decode(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.US_ASCII);
    }
}
