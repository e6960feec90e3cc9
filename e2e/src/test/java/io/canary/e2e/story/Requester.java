// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Somebody who asks the API server without kubectl, and sees the code and the warnings of each answer.
///
/// @param user who asks, with all rights
/// @param dryRun whether all that is asked is a dry run
record Requester(KubernetesClient client, String namespace, String user, boolean dryRun) {
    private static final Map<String, String> COLLECTIONS = Map.of(
            "deployment", "/apis/apps/v1/namespaces/%s/deployments",
            "statefulset", "/apis/apps/v1/namespaces/%s/statefulsets",
            "service", "/api/v1/namespaces/%s/services",
            "httproute", "/apis/gateway.networking.k8s.io/v1/namespaces/%s/httproutes");
    private static final Pattern WARNING = Pattern.compile("299 \\S+ \"(.*)\"");
    private static final long LIMIT_SECONDS = 30;

    /// What the API server said.
    ///
    /// @param message why it refused, empty where it did not
    /// @param object what would be or is stored, or the Status of a refusal
    record Answer(int code, String message, List<String> warnings, Map<?, ?> object) {
        boolean allowed() {
            return code < 300;
        }

        /// Why it refused, without which of our webhooks did.
        String said() {
            return message.replaceFirst("^admission webhook \"[^\"]*\" denied the request: ", "");
        }

        /// The object's annotations that start with `canary.io/`, without the prefix.
        Map<String, String> keys() {
            Map<String, String> keys = new LinkedHashMap<>();
            metadata("annotations").forEach((key, value) -> {
                if (key.startsWith("canary.io/")) {
                    keys.put(key.substring("canary.io/".length()), value);
                }
            });
            return keys;
        }

        Map<String, String> labels() {
            return metadata("labels");
        }

        private Map<String, String> metadata(String field) {
            Map<String, String> texts = new LinkedHashMap<>();
            if (object.get("metadata") instanceof Map<?, ?> meta && meta.get(field) instanceof Map<?, ?> all) {
                all.forEach((key, value) -> texts.put(key.toString(), value.toString()));
            }
            return texts;
        }
    }

    static Requester in(Story story) {
        // The client would send a call that was answered 500 ten times more, within 20 s, and hide the first answer.
        RequestConfig once =
                new RequestConfigBuilder().withRequestRetryBackoffLimit(0).build();
        KubernetesClient client = story.cluster().client().newClient(once).adapt(KubernetesClient.class);
        return new Requester(client, story.cluster().namespace(), "", false);
    }

    Requester as(String name) {
        return new Requester(client, namespace, name, dryRun);
    }

    Requester tryingOut() {
        return new Requester(client, namespace, user, true);
    }

    /// Creates the one object of this YAML.
    Answer create(String yaml) {
        GenericKubernetesResource object = Serialization.unmarshal(yaml, GenericKubernetesResource.class);
        return ask("POST", collection(object.getKind().toLowerCase(java.util.Locale.ROOT)), "application/yaml", yaml);
    }

    /// Replaces the whole object of this YAML, as `kubectl replace` does.
    Answer replace(String yaml) {
        GenericKubernetesResource object = Serialization.unmarshal(yaml, GenericKubernetesResource.class);
        String path = collection(object.getKind().toLowerCase(java.util.Locale.ROOT));
        return ask("PUT", path + "/" + object.getMetadata().getName(), "application/yaml", yaml);
    }

    /// `canary.io/key=value` sets, `canary.io/key-` removes.
    ///
    /// @param object as `deployment/order-v2`
    Answer annotate(String object, String... edits) {
        return patch(object, "", metadata("annotations", edits));
    }

    Answer label(String object, String... edits) {
        return patch(object, "", metadata("labels", edits));
    }

    /// As `annotate`, by `/status`.
    Answer annotateStatus(String object, String... edits) {
        return patch(object, "/status", metadata("annotations", edits));
    }

    Answer labelStatus(String object, String... edits) {
        return patch(object, "/status", metadata("labels", edits));
    }

    /// A JSON merge patch.
    Answer patch(String object, Map<String, ?> change) {
        return patch(object, "", change);
    }

    Answer delete(String object) {
        return ask("DELETE", path(object), "application/json", "{}");
    }

    Answer get(String object) {
        return ask("GET", path(object), "application/json", null);
    }

    private Answer patch(String object, String subresource, Map<String, ?> change) {
        return ask("PATCH", path(object) + subresource, "application/merge-patch+json", Serialization.asJson(change));
    }

    private static Map<String, ?> metadata(String field, String... edits) {
        Map<String, @Nullable String> values = new LinkedHashMap<>();
        for (String edit : edits) {
            int equals = edit.indexOf('=');
            if (equals >= 0) {
                values.put(edit.substring(0, equals), edit.substring(equals + 1));
            } else {
                values.put(edit.substring(0, edit.length() - 1), null);
            }
        }
        return Map.of("metadata", Map.of(field, values));
    }

    private String path(String object) {
        int slash = object.indexOf('/');
        return collection(object.substring(0, slash)) + object.substring(slash);
    }

    private String collection(String kind) {
        return Objects.requireNonNull(COLLECTIONS.get(kind), kind).formatted(namespace);
    }

    private Answer ask(String method, String path, String type, @Nullable String body) {
        HttpRequest.Builder request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(client.getMasterUrl().toString().replaceAll("/$", "") + path + (dryRun ? "?dryRun=All" : ""))
                .method(method, type, body);
        if (!user.isEmpty()) {
            request.header("Impersonate-User", user).header("Impersonate-Group", "system:masters");
        }
        try {
            HttpResponse<String> response = client.getHttpClient()
                    .sendAsync(request.build(), String.class)
                    .get(LIMIT_SECONDS, TimeUnit.SECONDS);
            return answer(response);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(method + " " + path, e);
        }
    }

    private static Answer answer(HttpResponse<String> response) {
        Map<?, ?> object = Serialization.unmarshal(response.body(), Map.class);
        List<String> warnings =
                response.headers("Warning").stream().map(Requester::unquoted).toList();
        boolean refused = response.code() >= 300;
        return new Answer(response.code(), refused ? String.valueOf(object.get("message")) : "", warnings, object);
    }

    /// The client reads headers as Latin-1, and these are UTF-8.
    private static String unquoted(String header) {
        var text = WARNING.matcher(new String(header.getBytes(ISO_8859_1), UTF_8));
        return text.matches() ? text.group(1).replaceAll("\\\\(.)", "$1") : header;
    }
}
