// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// AdmissionReviews for tests, as an API server sends them.
final class Reviews {
    static final JsonMapper JSON = JsonMapper.shared();
    static final String UID = "705ab4f5-6393-11e8-b7cc-42010a800002";

    private Reviews() {}

    /// A Deployment of 6 KB that takes part, as stored.
    static ObjectNode deployment() {
        try (InputStream in = Reviews.class.getResourceAsStream("/admission/order-v2.json")) {
            return (ObjectNode) JSON.readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ObjectNode deployment(Consumer<ObjectNode> change) {
        ObjectNode deployment = deployment();
        change.accept(deployment);
        return deployment;
    }

    /// As a person's file has it: without what admission and the API server add.
    static ObjectNode file() {
        return deployment(d -> {
            ObjectNode meta = at(d, "metadata");
            meta.remove("uid");
            meta.remove("creationTimestamp");
            meta.remove("managedFields");
            d.remove("status");
            at(d, "metadata", "labels").remove("version");
            at(d, "metadata", "annotations").remove("canary.io/by");
            at(d, "metadata", "annotations").remove("canary.io/app");
            at(d, "spec", "selector", "matchLabels").remove("version");
            at(d, "spec", "template", "metadata", "labels").remove("version");
            at(d, "spec").put("replicas", 10);
        });
    }

    static ObjectNode review(String operation, @Nullable JsonNode object, @Nullable JsonNode old) {
        ObjectNode review = JSON.createObjectNode();
        review.put("apiVersion", "admission.k8s.io/v1").put("kind", "AdmissionReview");
        ObjectNode request = review.putObject("request").put("uid", UID);
        request.putObject("kind").put("group", "apps").put("version", "v1").put("kind", "Deployment");
        request.putObject("resource").put("group", "apps").put("version", "v1").put("resource", "deployments");
        request.put("name", "order-v2").put("namespace", "shop").put("operation", operation);
        request.putObject("userInfo")
                .put("username", "alice")
                .putArray("groups")
                .add("devs");
        request.set("object", object == null ? JSON.nullNode() : object);
        request.set("oldObject", old == null ? JSON.nullNode() : old);
        request.put("dryRun", false);
        request.putObject("options").put("kind", operation + "Options").put("apiVersion", "meta.k8s.io/v1");
        return review;
    }

    static byte[] bytes(JsonNode node) {
        return JSON.writeValueAsBytes(node);
    }

    static ObjectNode at(JsonNode node, String... path) {
        JsonNode found = node;
        for (String name : path) {
            found = found.path(name);
        }
        return (ObjectNode) found;
    }
}
