// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import io.canary.certs.CertificateStore;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Credentials in a Secret of our own namespace; trust in the `caBundle` of our two webhook configurations.
public final class KubernetesCertificateStore implements CertificateStore {
    /// The name of the Secret.
    public static final String SECRET = "canary-webhook-tls";
    /// The name of both webhook configurations.
    public static final String CONFIGURATION = "canary";

    /// Who owns `caBundle`, and nothing else, in the webhook configurations.
    private static final String FIELD_MANAGER = "canary-certs";

    private static final List<String> KINDS = List.of("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration");

    private final KubernetesClient client;
    private final String namespace;

    public KubernetesCertificateStore(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    @Override
    public Optional<Map<String, byte[]>> load() {
        return read().map(KubernetesCertificateStore::data);
    }

    @Override
    public Map<String, byte[]> create(Map<String, byte[]> fresh) {
        Secret secret = new SecretBuilder()
                .withNewMetadata()
                .withName(SECRET)
                .withNamespace(namespace)
                .addToLabels("app.kubernetes.io/part-of", "canary")
                .endMetadata()
                .withType("kubernetes.io/tls")
                .withData(base64(fresh))
                .build();
        try {
            return data(client.resource(secret).create());
        } catch (KubernetesClientException e) {
            return winnersData(e);
        }
    }

    @Override
    public Map<String, byte[]> replace(Map<String, byte[]> previous, Map<String, byte[]> next) {
        Secret current = read().orElse(null);
        if (current == null) {
            return create(next);
        }
        if (!base64(previous).equals(current.getData())) {
            return data(current);
        }
        Secret changed = current.edit().withData(base64(next)).build();
        try {
            return data(client.resource(changed).update());
        } catch (KubernetesClientException e) {
            return winnersData(e);
        }
    }

    /// A configuration that is not there is left alone: an administrator may have taken it away on purpose.
    @Override
    public boolean publish(byte[] bundle) {
        String encoded = Base64.getEncoder().encodeToString(bundle);
        boolean complete = true;
        for (String kind : KINDS) {
            complete &= publish(kind, encoded);
        }
        return complete;
    }

    private boolean publish(String kind, String bundle) {
        var configurations = client.genericKubernetesResources(context(kind));
        GenericKubernetesResource found = configurations.withName(CONFIGURATION).get();
        if (found == null) {
            return false;
        }
        Optional<GenericKubernetesResource> change = CaBundle.missing(found, bundle);
        change.ifPresent(wanted -> configurations
                .resource(wanted)
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager(FIELD_MANAGER)
                                .withForce(true)
                                .build(),
                        wanted));
        return true;
    }

    private Optional<Secret> read() {
        return Optional.ofNullable(
                client.secrets().inNamespace(namespace).withName(SECRET).get());
    }

    /// Another process was faster: what it stored counts.
    private Map<String, byte[]> winnersData(KubernetesClientException failure) {
        if (failure.getCode() != HttpURLConnection.HTTP_CONFLICT) {
            throw failure;
        }
        return data(read().orElseThrow(() -> failure));
    }

    private static ResourceDefinitionContext context(String kind) {
        return new ResourceDefinitionContext.Builder()
                .withGroup("admissionregistration.k8s.io")
                .withVersion("v1")
                .withKind(kind)
                .withPlural(kind.toLowerCase(java.util.Locale.ROOT) + "s")
                .withNamespaced(false)
                .build();
    }

    private static Map<String, byte[]> data(Secret secret) {
        Map<String, byte[]> data = new HashMap<>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((file, text) -> data.put(file, Base64.getDecoder().decode(text)));
        }
        return data;
    }

    private static Map<String, String> base64(Map<String, byte[]> data) {
        Map<String, String> text = new HashMap<>();
        data.forEach((file, bytes) -> text.put(file, Base64.getEncoder().encodeToString(bytes)));
        return text;
    }
}
