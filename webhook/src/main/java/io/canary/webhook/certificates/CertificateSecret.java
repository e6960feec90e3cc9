// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import io.canary.certs.SecretFiles;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One Secret of our own namespace.
final class CertificateSecret implements SecretFiles {
    /// Of the pair that is served, and of what clients must trust for it; cert-manager may keep it in our
    /// place.
    static final String SERVING = "canary-webhook-tls";
    /// Of the keys that sign.
    static final String AUTHORITIES = "canary-webhook-ca";

    private static final String CERT_MANAGER = "cert-manager.io/certificate-name";

    private final KubernetesClient client;
    private final String namespace;
    private final String name;
    private final String type;

    private CertificateSecret(KubernetesClient client, String namespace, String name, String type) {
        this.client = client;
        this.namespace = namespace;
        this.name = name;
        this.type = type;
    }

    static CertificateSecret serving(KubernetesClient client, String namespace) {
        return new CertificateSecret(client, namespace, SERVING, "kubernetes.io/tls");
    }

    static CertificateSecret authorities(KubernetesClient client, String namespace) {
        return new CertificateSecret(client, namespace, AUTHORITIES, "Opaque");
    }

    @Override
    public Optional<Content> load() {
        return read().map(CertificateSecret::content);
    }

    @Override
    public void store(@Nullable Content previous, Map<String, byte[]> files) {
        try {
            if (previous == null) {
                client.resource(fresh(files)).create();
                return;
            }
            Secret current = read().orElse(null);
            if (current != null
                    && base64(previous.files()).equals(base64(content(current).files()))) {
                client.resource(current.edit().withData(base64(files)).build()).update();
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    private Optional<Secret> read() {
        return Optional.ofNullable(
                client.secrets().inNamespace(namespace).withName(name).get());
    }

    private Secret fresh(Map<String, byte[]> files) {
        return new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .addToLabels("app.kubernetes.io/part-of", "canary")
                .endMetadata()
                .withType(type)
                .withData(base64(files))
                .build();
    }

    private static Content content(Secret secret) {
        Map<String, byte[]> files = new HashMap<>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((file, text) -> files.put(file, Base64.getDecoder().decode(text)));
        }
        Map<String, String> annotations = secret.getMetadata().getAnnotations();
        return new Content(files, annotations != null && annotations.containsKey(CERT_MANAGER));
    }

    private static Map<String, String> base64(Map<String, byte[]> files) {
        Map<String, String> text = new HashMap<>();
        files.forEach((file, bytes) -> text.put(file, Base64.getEncoder().encodeToString(bytes)));
        return text;
    }
}
