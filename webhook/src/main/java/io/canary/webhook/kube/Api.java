// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.json.FieldWrite;
import io.canary.domain.json.JsonObject;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Sends single requests to the API server: one call each, no read before a write, no retry; blocks the (virtual)
/// thread. The client's own operations read first or retry by themselves, which hides conflicts.
public final class Api {
    private static final String APPLY = "application/apply-patch+yaml"; // JSON is YAML
    private static final String MERGE = "application/merge-patch+json";
    private static final String JSON = "application/json";
    private static final String FIELD_MANAGER = "fieldManager=" + FieldWrite.MANAGER;

    private final HttpClient http;
    private final KubernetesSerialization serialization;
    private final String root;
    private final Duration timeout;

    public Api(KubernetesClient client, Duration timeout) {
        RequestConfig once = new RequestConfigBuilder()
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(Math.toIntExact(timeout.toMillis()))
                .build();
        this.http = client.newClient(once).getHttpClient();
        this.serialization = client.getKubernetesSerialization();
        String master = client.getMasterUrl().toString();
        this.root = master.endsWith("/") ? master.substring(0, master.length() - 1) : master;
        this.timeout = timeout;
    }

    /// How long an answer may take.
    Duration timeout() {
        return timeout;
    }

    /// Server-side apply by field manager `canary`, taking over fields of others.
    public <T> T apply(String path, Map<String, Object> object, Class<T> as) {
        return read(send("PATCH", path + "?force=true&" + FIELD_MANAGER, APPLY, serialization.asJson(object)), as);
    }

    /// A merge patch; `metadata.uid` and `metadata.resourceVersion` in it are preconditions.
    public <T> T merge(String path, Map<String, Object> patch, Class<T> as) {
        return read(send("PATCH", path + "?" + FIELD_MANAGER, MERGE, serialization.asJson(patch)), as);
    }

    public <T> T create(String path, Map<String, Object> object, Class<T> as) {
        return read(send("POST", path + "?" + FIELD_MANAGER, JSON, serialization.asJson(object)), as);
    }

    /// A create that is judged and not stored.
    public void dryRun(String path, Map<String, Object> object) {
        send("POST", path + "?dryRun=All&" + FIELD_MANAGER, JSON, serialization.asJson(object));
    }

    public <T> T replace(String path, Map<String, Object> object, Class<T> as) {
        return read(send("PUT", path + "?" + FIELD_MANAGER, JSON, serialization.asJson(object)), as);
    }

    public <T> T get(String path, Class<T> as) {
        return read(send("GET", path, JSON, null), as);
    }

    /// Deletes this very object, and only if nobody wrote it since.
    public JsonObject delete(String path, String uid, long version) {
        Map<String, Object> options = Map.of(
                "apiVersion",
                "v1",
                "kind",
                "DeleteOptions",
                "preconditions",
                Map.of("uid", uid, "resourceVersion", Long.toString(version)));
        return JsonObject.of(read(send("DELETE", path, JSON, serialization.asJson(options)), Map.class));
    }

    private <T> T read(String body, Class<T> as) {
        return serialization.unmarshal(body, as);
    }

    private String send(String method, String path, String type, @Nullable String body) {
        HttpRequest.Builder request = http.newHttpRequestBuilder()
                .uri(root + path)
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .setHeader("Accept", JSON);
        if (body != null) {
            request.method(method, type, body);
        }
        HttpResponse<byte[]> response = await(request.build(), method + " " + path);
        String text = response.body() == null ? "" : new String(response.body(), StandardCharsets.UTF_8);
        if (response.code() < 200 || response.code() > 299) {
            throw refused(response, text);
        }
        return text;
    }

    private HttpResponse<byte[]> await(HttpRequest request, String what) {
        try {
            return http.sendAsync(request, byte[].class).get(timeout.toMillis() + 1_000, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException(what + ": interrupted", e);
        } catch (ExecutionException e) {
            throw new ApiException(what + ": " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new ApiException(what + ": no answer", e);
        }
    }

    private ApiException refused(HttpResponse<byte[]> response, String text) {
        JsonObject status = JsonObject.EMPTY;
        try {
            status = JsonObject.of(serialization.unmarshal(text, Map.class));
        } catch (RuntimeException e) {
            // Not every refusal is a Status object: a proxy's is text.
            status = JsonObject.of(Map.of("message", text));
        }
        String cause = status.object("details").objects("causes").stream()
                .map(json -> json.text("reason"))
                .findFirst()
                .orElse("");
        return new ApiException(
                response.code(), status.text("reason"), cause, status.text("message"), retryAfter(response));
    }

    private static @Nullable Duration retryAfter(HttpResponse<byte[]> response) {
        String header = response.header("Retry-After");
        return header != null && header.matches("[0-9]{1,4}") ? Duration.ofSeconds(Long.parseLong(header)) : null;
    }
}
