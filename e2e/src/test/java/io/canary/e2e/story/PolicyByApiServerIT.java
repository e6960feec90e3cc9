// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.admission.Change;
import io.canary.domain.admission.Governed;
import io.canary.domain.admission.Subject;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Finding;
import io.canary.domain.policy.Policies;
import io.canary.domain.policy.PolicyReader;
import io.canary.domain.policy.PolicyRule;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.story.Requester.Answer;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.webhook.kube.Deployments;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the API server enforces of policies by itself: our webhooks are taken out, so that it alone answers (issue 6;
/// policy.md section 3, layers 2 and 3).
@ReleaseStory
@Tag("alone")
class PolicyByApiServerIT {
    private static final InstalledProduct PRODUCT = new InstalledProduct();
    private static final int ROUNDS = 45;
    private static final int EDITS = 12;
    private static final String BY_POLICY = "denied request: CanaryPolicy \"";

    @AfterEach
    void bringItBack(ControlPlane cluster) {
        PRODUCT.install(cluster);
        PRODUCT.scale(cluster, 1);
        PRODUCT.awaitReady(cluster);
    }

    private static void withoutWebhooks(Story story) {
        story.kubectl("delete", "mutatingwebhookconfiguration,validatingwebhookconfiguration", "canary");
    }

    @Test
    void theApiServerAloneHoldsTheEssentials(Story story, ControlPlane cluster) {
        story.serve(Map.of(), Workload.of("order", "v1", 2));
        story.apply(Workload.of("order", "v2", 1).weight("10").yaml());
        story.await("v2 takes part", () -> "order".equals(story.annotation("order-v2", "canary.io/app")));
        try (PolicyStory policies = new PolicyStory(story)) {
            String name = policies.apply(
                    "limits", "maxWeight: 50\nminReplicas: 2\nhosts: {allow: [\"*.canary.example.com\"]}");
            story.annotate("service/order", "canary.io/replicas=4");
            PRODUCT.scale(cluster, 0);
            withoutWebhooks(story);
            Requester alice = Requester.in(story).as("alice");
            String by = "ValidatingAdmissionPolicy 'canary-policy' with binding 'canary-policy." + name
                    + "' denied request: CanaryPolicy \"" + name + "\" ";
            story.await(
                    "the webhooks are out",
                    () -> alice.tryingOut()
                            .annotate("deployment/order-v2", "canary.io/weight=60")
                            .message()
                            .contains(by));

            assertThat(alice.annotate("deployment/order-v2", "canary.io/weight=60")
                            .message())
                    .isEqualTo("deployments.apps \"order-v2\" is forbidden: " + by + "maxWeight: weight 60 > 50");
            assertThat(alice.annotateStatus("deployment/order-v2", "canary.io/weight=60")
                            .message())
                    .contains(by + "maxWeight: weight 60 > 50");
            assertThat(alice.annotate("deployment/order-v2", "canary.io/hosts=evil.example.com")
                            .message())
                    .contains(by + "hosts: ");
            assertThat(alice.annotate("service/order", "canary.io/replicas=1").message())
                    .contains(by + "minReplicas: total of 1 replicas < 2");
            Map<String, Answer> core = new LinkedHashMap<>();
            core.put("unknown key", alice.annotate("deployment/order-v2", "canary.io/wieght=60"));
            core.put("is not a percentage", alice.annotate("deployment/order-v2", "canary.io/weight=ten"));
            core.put("is written by Canary only", alice.annotate("deployment/order-v2", "canary.io/app=other"));
            core.put(
                    "the mutation was skipped",
                    alice.create(Workload.of("order", "v3", 1)
                            .unlabelled()
                            .weight("1")
                            .yaml()));
            core.forEach((why, answer) ->
                    assertThat(answer.message()).contains("ValidatingAdmissionPolicy 'canary-core'", why));

            for (String edit : List.of("weight=40", "weight=5", "weight=0", "weight-", "hosts=a.canary.example.com")) {
                assertThat(alice.annotate("deployment/order-v2", "canary.io/" + edit)
                                .message())
                        .as(edit)
                        .isEmpty();
            }
            assertThat(alice.annotate("service/order", "canary.io/abort=errors").message())
                    .isEmpty();
            assertThat(alice.annotate("service/order", "canary.io/replicas=3").message())
                    .isEmpty();
            plainPasses(story);

            story.kubectl("delete", "canarypolicy", name);
            assertThat(alice.annotate("deployment/order-v2", "canary.io/weight=60")
                            .message())
                    .as("a policy that is gone refuses nothing, though nobody has taken its binding away")
                    .isEmpty();
            plainPasses(story);
            story.await("its binding goes with it, without us", () -> !policies.bound(name));
        }
    }

    /// The worst that a missing definition could do: bindings stand, and nobody is there to take them away.
    @Test
    void aMissingDefinitionBlocksNothing(Story story, ControlPlane cluster) {
        try (PolicyStory policies = new PolicyStory(story)) {
            String name = policies.apply("limits", "maxWeight: 0");
            PRODUCT.scale(cluster, 0);
            withoutWebhooks(story);
            // So that the garbage collector does not take it with its owner.
            story.kubectl(
                    "patch",
                    "validatingadmissionpolicybinding",
                    "canary-policy." + name,
                    "--type=merge",
                    "--patch={\"metadata\":{\"ownerReferences\":null}}");
            story.kubectl("delete", "customresourcedefinition", "canarypolicies.canary.io");
            assertThat(policies.bound(name)).isTrue();

            plainPasses(story);
            story.apply(Workload.of("order", "v1", 1).weight("50").yaml());
            story.kubectl("delete", "validatingadmissionpolicybinding", "canary-policy." + name);
        }
    }

    private static void plainPasses(Story story) {
        String plain = Workload.of("plain", "v1", 1).yaml();
        story.apply(plain, Workload.rootService("plain", Map.of()));
        story.apply(Workload.of("plain", "v1", 2).image("other").yaml());
        story.awaitReplicas(Map.of("plain-v1", 2));
        story.kubectl("delete", "deployment/plain-v1", "service/plain");
    }

    /// Random policies and edits: the real API server against our engine, on what both can see (policy.md section 7).
    @Test
    void itJudgesAsOurEngineDoes(Story story) {
        story.apply(
                Workload.rootService("order", Map.of()),
                Workload.of("order", "v2", 0).weight("0").yaml());
        story.await("v2 takes part", () -> "order".equals(story.annotation("order-v2", "canary.io/app")));
        Requester alice = Requester.in(story).as("alice");
        Random random = new Random(20261129);
        int refused = 0;
        try (PolicyStory policies = new PolicyStory(story)) {
            String name = policies.apply("random", "maxWeight: 100\nrequiredLabels: [app]");
            withoutWebhooks(story);
            for (int round = 0; round < ROUNDS; round++) {
                refused += round(story, policies, name, alice, random, round);
            }
        }
        assertThat(refused).isBetween(ROUNDS * EDITS / 10, ROUNDS * EDITS * 9 / 10);
    }

    private static int round(
            Story story, PolicyStory policies, String name, Requester alice, Random random, int round) {
        story.kubectlWith(
                policies.yaml(name, "maxWeight: 100"), "apply", "--server-side", "--force-conflicts", "-f", "-");
        List<String> old = new ArrayList<>(List.of("canary.io/override-"));
        keys(random).forEach((key, value) -> old.add("canary.io/" + key + (value.isEmpty() ? "-" : "=" + value)));
        story.await(
                "the old state stands",
                () -> alice.annotate("deployment/order-v2", old.toArray(String[]::new))
                        .allowed());
        String marker = "r" + round;
        Map<String, Object> spec = spec(random, story.cluster().namespace(), marker);
        GenericKubernetesResource policy =
                Serialization.unmarshal(policies.yaml(name, "maxWeight: 100"), GenericKubernetesResource.class);
        Map<String, Object> merged = new HashMap<>(policy.<Map<String, Object>>get("spec"));
        merged.remove("maxWeight");
        merged.putAll(spec);
        policy.getAdditionalProperties().put("spec", merged);
        story.kubectlWith(Serialization.asYaml(policy), "apply", "--server-side", "--force-conflicts", "-f", "-");
        Deployment stored = story.deployment("order-v2");
        Requester tries = alice.tryingOut();
        story.await(
                "the API server knows the policy of this round",
                () -> tries.annotate(
                                "deployment/order-v2",
                                "canary.io/lane=probe" + round,
                                "canary.io/weight=0",
                                "canary.io/hosts-")
                        .message()
                        .matches("(?s).*(requiredLabels: " + marker + " .*|window " + marker + "( .*)?)"));
        story.await(
                "its exemptions and windows are told",
                () -> Objects.equals(
                        Objects.requireNonNull(policies.get(name)).<Object>get("status", "observedGeneration"),
                        Math.toIntExact(Objects.requireNonNull(policies.get(name))
                                .getMetadata()
                                .getGeneration())));
        int refused = 0;
        for (int i = 0; i < EDITS; i++) {
            Map<String, String> edit = keys(random);
            edit.put("override", random.nextInt(4) == 0 ? "CHG-" + i + ": a long reason" : "");
            boolean labelled = random.nextInt(5) > 0;
            refused += compare(story, name, merged, stored, tries, edit, marker, labelled) ? 1 : 0;
        }
        return refused;
    }

    /// Whether both refuse.
    private static boolean compare(
            Story story,
            String name,
            Map<String, Object> spec,
            Deployment stored,
            Requester tries,
            Map<String, String> edit,
            String marker,
            boolean labelled) {
        Map<String, Object> annotations = new HashMap<>();
        Map<String, String> now = new HashMap<>(stored.getMetadata().getAnnotations());
        edit.forEach((key, value) -> {
            annotations.put("canary.io/" + key, value.isEmpty() ? null : value);
            if (value.isEmpty()) {
                now.remove("canary.io/" + key);
            } else {
                now.put("canary.io/" + key, value);
            }
        });
        Map<String, Object> metadata = new HashMap<>(Map.of("annotations", annotations));
        DeploymentBuilder after = new DeploymentBuilder(stored)
                .editMetadata()
                .withAnnotations(now)
                .endMetadata();
        if (labelled) {
            metadata.put("labels", Map.of(marker, "x"));
            after = after.editMetadata().addToLabels(marker, "x").endMetadata();
        }
        Answer answer = tries.patch("deployment/order-v2", Map.of("metadata", metadata));
        Set<PolicyRule> ours = ours(story, name, spec, stored, after.build());
        String seen = spec + "\nwas " + stored.getMetadata().getAnnotations() + "\nedit " + edit + " " + labelled;
        if (answer.allowed()) {
            assertThat(ours).as(seen).isEmpty();
            return false;
        }
        assertThat(answer.message()).as(seen).contains(BY_POLICY);
        String text = answer.message().substring(answer.message().indexOf(BY_POLICY) + BY_POLICY.length());
        String rule = text.substring(text.indexOf("\" ") + 2, text.indexOf(':'));
        assertThat(ours)
                .as(answer.message() + "\n" + seen)
                .contains(PolicyRule.of(rule).orElseThrow());
        return true;
    }

    private static Set<PolicyRule> ours(
            Story story, String name, Map<String, Object> spec, Deployment before, Deployment after) {
        String namespace = story.cluster().namespace();
        var policy = PolicyReader.read(new JsonObject(Map.of("metadata", Map.of("name", name), "spec", spec)))
                .policy();
        Change change = new Change(
                Change.Operation.UPDATE,
                true,
                "",
                new Change.Requester("alice", "", List.of("system:masters"), false),
                namespace,
                subject(before),
                subject(after));
        NamespaceView view = new NamespaceView(
                namespace,
                List.of(Deployments.facts(before)),
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                List.of(),
                Map.of());
        Governed governed = Governed.of(change, view, new Policies(namespace, List.of(policy)), Instant.now());
        return governed.answered(governed.questions().stream().collect(Collectors.toMap(right -> right, _ -> true)))
                .ruling()
                .of(Finding.Outcome.DENIED)
                .map(Finding::rule)
                .collect(Collectors.toSet());
    }

    private static Subject subject(Deployment deployment) {
        return new Subject.Workload(Deployments.facts(deployment), Set.of(), false, List.of());
    }

    private static <T> T pick(Random random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static Map<String, String> keys(Random random) {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("weight", pick(random, List.of("", "0", "5", "10.0", "12.25", "25", "49.99", "50", "50.01", "100")));
        keys.put(
                "hosts",
                random.nextInt(3) > 0
                        ? ""
                        : pick(
                                random,
                                List.of(
                                        "a.canary.example.com",
                                        "evil.example.com",
                                        "a.canary.example.com,evil.example.com")));
        keys.put("users", random.nextInt(3) > 0 ? "" : pick(random, List.of("header:a=b", "header:a=b, cookie:c=d")));
        keys.put("lane", random.nextInt(6) > 0 ? "" : "blue");
        return keys;
    }

    private static Map<String, Object> spec(Random random, String namespace, String marker) {
        Map<String, Object> spec = new HashMap<>();
        spec.put("requiredLabels", List.of(marker));
        if (random.nextBoolean()) {
            spec.put("maxWeight", pick(random, List.of(0, 12.25, 25, 50)));
        }
        if (random.nextBoolean()) {
            spec.put("maxStep", pick(random, List.of(5, 12.25, 25)));
        }
        if (random.nextBoolean()) {
            spec.put("hosts", Map.of("allow", List.of("*.canary.example.com")));
        }
        if (random.nextInt(3) == 0) {
            spec.put("images", Map.of("requireDigest", random.nextBoolean(), "registries", List.of("ghcr.io/acme")));
        }
        if (random.nextInt(4) == 0) {
            spec.put(
                    "windows",
                    List.of(Map.of(
                            "name",
                            marker,
                            "kind",
                            pick(random, List.of("Deny", "Allow")),
                            "from",
                            "2020-01-01T00:00:00Z",
                            "to",
                            pick(random, List.of("2021-01-01T00:00:00Z", "2120-01-01T00:00:00Z")))));
        }
        if (random.nextBoolean()) {
            spec.put(
                    "actionOverrides",
                    Map.of(pick(random, List.of("maxWeight", "maxStep", "windows")), List.of("Audit")));
        }
        if (random.nextBoolean()) {
            spec.put("breakGlass", "Allowed");
        }
        if (random.nextInt(3) == 0) {
            spec.put(
                    "exemptions",
                    List.of(Map.of(
                            "name",
                            "e",
                            "namespaces",
                            List.of(pick(random, List.of(namespace, "other"))),
                            "rules",
                            List.of(pick(random, List.of("maxStep", "maxWeight"))),
                            "until",
                            pick(random, List.of("2020-01-01T00:00:00Z", "2120-01-01T00:00:00Z")),
                            "reason",
                            "x")));
        }
        return spec;
    }
}
