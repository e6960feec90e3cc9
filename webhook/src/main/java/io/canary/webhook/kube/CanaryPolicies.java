// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Action;
import io.canary.domain.policy.Binding;
import io.canary.domain.policy.Freeze;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.PolicyReader;
import io.canary.domain.policy.PolicyStatus;
import io.canary.domain.policy.Selector;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads `canarypolicies.canary.io`, and writes their status and the bindings by which the API server enforces them.
public final class CanaryPolicies {
    public static final String GROUP = "canary.io";
    public static final String PLURAL = "canarypolicies";

    /// The ValidatingAdmissionPolicy that bindings name.
    public static final String ENFORCING = "canary-policy";

    private static final String PREFIX = "canary-policy.";

    private CanaryPolicies() {}

    /// A policy with what we last told of it.
    public record Stored(PolicyReader.Read read, long generation, JsonObject status) {}

    public static Stored facts(GenericKubernetesResource resource) {
        JsonObject spec = JsonObject.of(resource.getAdditionalProperties().get("spec"));
        Map<String, Object> whole = Map.of(
                "metadata", Map.of("name", Metas.name(resource), "uid", Metas.uid(resource)), "spec", spec.fields());
        return new Stored(
                PolicyReader.read(new JsonObject(whole)),
                Metas.generation(resource),
                JsonObject.of(resource.getAdditionalProperties().get("status")));
    }

    /// The status as JSON, with times of conditions from `before` where they did not change.
    public static Map<String, Object> json(PolicyStatus status, JsonObject before, Instant now) {
        Map<String, Object> json = new LinkedHashMap<>();
        Freeze freeze = status.freeze();
        Map<String, Object> frozen = new LinkedHashMap<>();
        frozen.put("active", freeze.active());
        putIfPresent(frozen, "window", freeze.window().isEmpty() ? null : freeze.window());
        putIfPresent(frozen, "until", freeze.until());
        putIfPresent(frozen, "next", freeze.next());
        json.put("freeze", frozen);
        List<Object> exemptions = new ArrayList<>();
        for (Policy.Exemption exemption : status.exemptions()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", exemption.name());
            one.put("namespaces", exemption.namespaces());
            one.put(
                    "rules",
                    exemption.rules().stream()
                            .sorted()
                            .map(rule -> (Object) rule.text())
                            .toList());
            one.put("until", exemption.until().toString());
            exemptions.add(one);
        }
        json.put("activeExemptions", exemptions);
        json.put("expiredExemptions", status.expired());
        json.put("matched", status.matched());
        json.put("violations", status.violations());
        json.put("totalViolations", status.totalViolations());
        json.put("observedGeneration", status.generation());
        boolean accepted = status.problems().isEmpty();
        json.put(
                "conditions",
                List.of(
                        condition(
                                "Accepted",
                                accepted,
                                accepted ? "Valid" : "Invalid",
                                accepted ? "" : status.problems().getFirst().message(),
                                before,
                                now),
                        condition(
                                "Enforced",
                                status.binding() == Binding.STANDS,
                                switch (status.binding()) {
                                    case STANDS -> "Bound";
                                    case PENDING -> "NoBinding";
                                    case LEFT_OUT -> "TooMany";
                                },
                                switch (status.binding()) {
                                    case STANDS -> "";
                                    case PENDING ->
                                        "the API server has no binding for it yet: Canary alone judges by it";
                                    case LEFT_OUT ->
                                        ("the API server judges by %d policies about one of its namespaces already:"
                                                        + " Canary alone judges by it")
                                                .formatted(Binding.MOST);
                                },
                                before,
                                now)));
        return json;
    }

    private static Map<String, Object> condition(
            String type, boolean holds, String reason, String message, JsonObject before, Instant now) {
        String value = holds ? "True" : "False";
        String since = before.objects("conditions").stream()
                .filter(old ->
                        old.text("type").equals(type) && old.text("status").equals(value))
                .map(old -> old.text("lastTransitionTime"))
                .findFirst()
                .orElse(now.truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", type);
        json.put("status", value);
        json.put("reason", reason);
        json.put("message", message);
        json.put("lastTransitionTime", since);
        return json;
    }

    /// The name of the binding of `policy`.
    public static String binding(String policy) {
        return PREFIX + policy;
    }

    /// The binding by which the API server enforces what it can of `policy`; null where it refuses nothing. It is owned
    /// by the policy, and one that is deleted allows: a policy that is gone refuses nothing.
    public static @Nullable Map<String, Object> binding(Policy policy) {
        if (!policy.denies()) {
            return null;
        }
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", binding(policy.name()));
        metadata.put("labels", LABELS);
        metadata.put(
                "ownerReferences",
                List.of(Map.of(
                        "apiVersion",
                        Releases.API_VERSION,
                        "kind",
                        "CanaryPolicy",
                        "name",
                        policy.name(),
                        "uid",
                        policy.uid())));
        Map<String, Object> resources = new LinkedHashMap<>();
        resources.put("namespaceSelector", json(policy.match().namespaces()));
        resources.put("objectSelector", json(policy.match().selector()));
        resources.put("matchPolicy", "Equivalent");
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("policyName", ENFORCING);
        spec.put("paramRef", Map.of("name", policy.name(), "parameterNotFoundAction", "Allow"));
        spec.put("matchResources", resources);
        spec.put("validationActions", List.of(Action.DENY.text()));
        Map<String, Object> binding = new LinkedHashMap<>();
        binding.put("apiVersion", "admissionregistration.k8s.io/v1");
        binding.put("kind", "ValidatingAdmissionPolicyBinding");
        binding.put("metadata", metadata);
        binding.put("spec", spec);
        return binding;
    }

    /// What our bindings carry.
    public static final Map<String, String> LABELS = Map.of("canary.io/policy", "true");

    private static Map<String, Object> json(Selector selector) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (!selector.labels().isEmpty()) {
            json.put("matchLabels", selector.labels());
        }
        List<Object> expressions = new ArrayList<>();
        for (Selector.Requirement requirement : selector.requirements()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("key", requirement.key());
            one.put("operator", requirement.operator().text());
            if (!requirement.values().isEmpty()) {
                one.put("values", requirement.values());
            }
            expressions.add(one);
        }
        if (!expressions.isEmpty()) {
            json.put("matchExpressions", expressions);
        }
        return json;
    }

    private static void putIfPresent(Map<String, Object> json, String field, @Nullable Object value) {
        if (value != null) {
            json.put(field, value.toString());
        }
    }
}
