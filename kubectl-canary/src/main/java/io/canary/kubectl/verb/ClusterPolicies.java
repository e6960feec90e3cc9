// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.PolicyReader;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.KubeJson;
import io.canary.kubectl.cluster.Reading;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// CanaryPolicies and the labels of namespaces, read from the cluster.
final class ClusterPolicies {
    static final String RESOURCE = "canarypolicies.canary.io";

    private ClusterPolicies() {}

    /// What came of reading.
    sealed interface Found {
        record All(List<Stored> policies) implements Found {
            List<Policy> rules() {
                return policies.stream().map(each -> each.read().policy()).toList();
            }
        }

        record Not(Reading why) implements Found {}
    }

    /// A policy, and the whole object.
    record Stored(PolicyReader.Read read, JsonObject object) {}

    static Found read(Session session) {
        return switch (Reading.of(session.kubectl().quietly("get", RESOURCE, "--output=json"))) {
            case Reading.Got(String json) ->
                new Found.All(JsonObject.of(Json.read(json)).objects("items").stream()
                        .map(object -> new Stored(PolicyReader.read(object), object))
                        .toList());
            case Reading other -> new Found.Not(other);
        };
    }

    /// The labels of one namespace, or null where they cannot be read.
    static @Nullable Map<String, String> labels(Session session, String namespace) {
        return Reading.of(session.kubectl().quietly("get", "namespace", namespace, "--output=json"))
                        instanceof Reading.Got(String json)
                ? KubeJson.labels(JsonObject.of(Json.read(json)))
                : null;
    }

    /// The labels of all namespaces by name, or null where they cannot be read.
    static @Nullable Map<String, Map<String, String>> labels(Session session) {
        if (!(Reading.of(session.kubectl().quietly("get", "namespaces", "--output=json"))
                instanceof Reading.Got(String json))) {
            return null;
        }
        Map<String, Map<String, String>> labels = new TreeMap<>();
        JsonObject.of(Json.read(json))
                .objects("items")
                .forEach(object -> labels.put(object.object("metadata").text("name"), KubeJson.labels(object)));
        return labels;
    }
}
