// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.story.Requester.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Cluster-wide policies on a real control plane (issue 6): every way to edit, every outcome, and what is never
/// refused.
@ReleaseStory
class PolicyIT {
    private static final Map<String, String> QUICK = Map.of("canary.io/scale-down-delay", "1s");
    private static final Workload V1 = Workload.of("order", "v1", 10);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("10");
    private static final String DENIED = "admission webhook \"mutate.canary.io\" denied the request: ";

    private static void begin(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());
        story.awaitShares("order", Map.of("v1", 90, "v2", 10));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    @Test
    void everyWayToEditIsJudgedAlike(Story story) {
        begin(story);
        try (PolicyStory policies = new PolicyStory(story)) {
            String name = policies.apply("limits", "maxWeight: 50\nmaxStep: 25");
            String namespace = story.cluster().namespace();
            String expected = "CanaryPolicy \"" + name + "\" maxWeight: weight 60 > 50; CanaryPolicy \"" + name
                    + "\" maxStep: step 50 > 25 (from 10 to 60); allowed now 10..35. See: kubectl canary policy explain"
                    + " order -n " + namespace;
            story.kubectl("create", "serviceaccount", "gitops");
            story.kubectl(
                    "create",
                    "rolebinding",
                    "gitops",
                    "--clusterrole=canary-user",
                    "--serviceaccount=" + namespace + ":gitops");
            String raised = V2.weight("60").yaml();
            String gitops = "system:serviceaccount:" + namespace + ":gitops";

            Map<String, String> said = new LinkedHashMap<>();
            said.put("apply", story.refused(story.tryApply(raised)));
            said.put(
                    "annotate",
                    story.refused(story.cluster()
                            .kubectl("annotate", "--overwrite", "deployment/order-v2", "canary.io/weight=60")));
            said.put(
                    "patch",
                    story.refused(
                            story.cluster()
                                    .kubectl(
                                            "patch",
                                            "deployment/order-v2",
                                            "--type=json",
                                            "--patch=[{\"op\":\"replace\",\"path\":\"/metadata/annotations/canary.io~1weight\",\"value\":\"60\"}]")));
            said.put(
                    "server-side apply",
                    story.refused(story.cluster()
                            .controlPlane()
                            .kubectl(
                                    raised,
                                    List.of(
                                            "-n",
                                            namespace,
                                            "apply",
                                            "--server-side",
                                            "--force-conflicts",
                                            "-f",
                                            "-"))));
            said.put("plugin", story.refused(story.canary("set", "weight", "order", "60")));
            said.put(
                    "a GitOps tool's account",
                    story.refused(story.cluster()
                            .controlPlane()
                            .kubectl(
                                    raised,
                                    List.of(
                                            "-n",
                                            namespace,
                                            "--as=" + gitops,
                                            "apply",
                                            "--server-side",
                                            "--force-conflicts",
                                            "-f",
                                            "-"))));
            said.forEach((how, text) -> assertThat(text).as(how).contains(DENIED + expected));

            for (String passing : List.of("35", "50")) {
                story.annotate("deployment/order-v2", "canary.io/weight=" + passing);
            }
            story.awaitShares("order", Map.of("v1", 50, "v2", 50));
            Release release = story.awaitRelease(
                    "order",
                    "who let it pass",
                    r -> !r.history().isEmpty()
                            && r.history().getLast().policy().equals("allowed by " + name));
            assertThat(release.version("v2").orElseThrow().standing().limit())
                    .isEqualTo(new Release.Limit(5_000, name, null));
        }
    }

    @Test
    void whatLowersGetsThroughWhileFrozen(Story story) {
        begin(story);
        try (PolicyStory policies = new PolicyStory(story)) {
            String name = policies.apply("freeze", """
                    maxWeight: 0
                    authorization: Enforced
                    windows: [{name: ever, kind: Deny, from: "2020-01-01T00:00:00Z", to: "2120-01-01T00:00:00Z"}]
                    """);
            assertThat(Objects.requireNonNull(policies.get(name)).<Object>get("status", "freeze"))
                    .isEqualTo(Map.of("active", true, "window", "ever", "until", "2120-01-01T00:00:00Z"));
            Requester alice = Requester.in(story).as("alice");
            assertThat(alice.annotate("deployment/order-v2", "canary.io/weight=11")
                            .message())
                    .contains("windows: frozen by window ever until 2120-01-01T00:00Z", "maxWeight: weight 11 > 0");
            assertThat(alice.annotate("service/order", "canary.io/stable=v2").message())
                    .contains("windows: frozen by window ever");
            assertThat(alice.create(Workload.of("order", "v3", 1).weight("1").yaml())
                            .message())
                    .contains("windows: frozen");

            allowed(alice.annotate("deployment/order-v2", "canary.io/weight=5"));
            story.awaitShares("order", Map.of("v1", 95, "v2", 5));
            allowed(alice.annotate("service/order", "canary.io/paused=lunch"));
            assertThat(alice.annotate("service/order", "canary.io/paused-").message())
                    .contains("windows: frozen by window ever");
            allowed(alice.annotate("service/order", "canary.io/abort=errors"));
            story.awaitShares("order", Map.of("v1", 100));
            allowed(alice.annotate("deployment/order-v2", "canary.io/weight-"));
            allowed(alice.annotate("deployment/order-v1", "team=blue"));
            story.kubectl("set", "image", "deployment/order-v1", "order=order:fixed");
            story.kubectl("label", "deployment/order-v2", "team=blue");
            story.await(
                    "it can be deleted",
                    () -> story.cluster()
                            .kubectl("delete", "deployment/order-v2")
                            .succeeded());
            policies.delete("freeze");
            allowed(alice.annotate("service/order", "canary.io/paused-", "canary.io/abort-"));
        }
    }

    private static void allowed(Answer answer) {
        assertThat(answer.message()).isEmpty();
        assertThat(answer.code()).isEqualTo(200);
    }

    @Test
    void aFreezeHoldsWhatWasAskedBefore(Story story) {
        begin(story);
        try (PolicyStory policies = new PolicyStory(story)) {
            story.annotate("service/order", "canary.io/paused=wait");
            story.awaitPhase("order", Release.Phase.PAUSED);
            story.annotate("deployment/order-v2", "canary.io/weight=40");
            Instant end = Instant.now().plusSeconds(20).truncatedTo(ChronoUnit.SECONDS);
            String name = policies.apply(
                    "freeze",
                    "windows: [{name: deploy, kind: Deny, from: \"2020-01-01T00:00:00Z\", to: \"" + end + "\"}]");
            // The freeze refuses to resume; who may do everything to a namespace does not stand above policies.
            assertThat(Requester.in(story)
                            .as("alice")
                            .annotate("service/order", "canary.io/paused-")
                            .allowed())
                    .isFalse();
            policies.apply("freeze", """
                    actionOverrides: {windows: [Deny]}
                    exemptions: [{name: resume, namespaces: [%s], rules: [windows], reason: to resume, until: "2120-01-01T00:00:00Z"}]
                    windows: [{name: deploy, kind: Deny, from: "2020-01-01T00:00:00Z", to: "%s"}]
                    """.formatted(story.cluster().namespace(), end));
            story.annotate("service/order", "canary.io/paused-");
            story.awaitShares("order", Map.of("v1", 60, "v2", 40));
            assertThat(name).isNotEmpty();
        }
    }

    @Test
    void theReconcilerGoesNoFurtherThanPolicyLets(Story story) {
        begin(story);
        try (PolicyStory policies = new PolicyStory(story)) {
            story.annotate("service/order", "canary.io/paused=wait");
            story.awaitPhase("order", Release.Phase.PAUSED);
            story.annotate("deployment/order-v2", "canary.io/weight=60");
            String name = policies.apply("late", "maxWeight: 50");

            story.annotate("service/order", "canary.io/paused-");
            Release held = story.awaitRelease(
                    "order",
                    "policy holds v2",
                    r -> r.message().equals("v2: CanaryPolicy \"" + name + "\" maxWeight: weight 60 > 50"));
            assertThat(held.phase()).isEqualTo(Release.Phase.PROGRESSING);
            var _ = story.awaitQuiet(Duration.ofSeconds(4));
            assertThat(story.shares("order")).isEqualTo(Map.of("v1", 90.0, "v2", 10.0));
            assertThat(story.replicas("order-v2")).as("no pods for it either").isEqualTo(1);
            story.await(
                    "the policy says who breaks it",
                    () -> violations(policies, name)
                            .equals(List.of(
                                    "maxWeight: " + story.cluster().namespace() + "/order v2: weight 60 > 50")));

            policies.delete("late");
            story.awaitShares("order", Map.of("v1", 40, "v2", 60));
        }
    }

    private static List<String> violations(PolicyStory policies, String name) {
        List<String> violations = Objects.requireNonNull(policies.get(name)).get("status", "violations");
        return violations == null ? List.of() : violations;
    }

    @Test
    void aStricterPolicyBlocksNothingThatStands(Story story) {
        begin(story);
        story.annotate("deployment/order-v2", "canary.io/weight=60");
        story.awaitShares("order", Map.of("v1", 40, "v2", 60));
        try (PolicyStory policies = new PolicyStory(story)) {
            String name = policies.apply("strict", "maxWeight: 50\nrequiredLabels: [team]");

            story.apply(V2.weight("60").yaml());
            story.kubectl("label", "deployment/order-v2", "colour=blue");
            story.annotate("service/order", "canary.io/scale-down-delay=2s");
            story.kubectl("scale", "deployment/order-v2", "--replicas=3");
            story.awaitReplicas(Map.of("order-v2", 6)); // repaired, as ever
            var _ = story.awaitQuiet(Duration.ofSeconds(2));
            assertThat(story.shares("order")).isEqualTo(Map.of("v1", 40.0, "v2", 60.0));
            story.await("it is reported", () -> violations(policies, name).size() == 2);
            assertThat(Requester.in(story)
                            .as("alice")
                            .annotate("deployment/order-v2", "canary.io/weight=61")
                            .message())
                    .contains("no raise is allowed now");
        }
    }

    @Test
    void warnedAuditedExemptedAndOverridden(Story story) {
        begin(story);
        String namespace = story.cluster().namespace();
        try (PolicyStory policies = new PolicyStory(story)) {
            Requester alice = Requester.in(story).as("alice");
            String warned = policies.apply("warned", "validationActions: [Warn]\nmaxWeight: 5");
            assertThat(policies.bound(warned)).as("it refuses nothing").isFalse();
            assertThat(alice.annotate("deployment/order-v2", "canary.io/weight=11")
                            .warnings())
                    .contains("CanaryPolicy \"" + warned + "\" maxWeight: weight 11 > 5. kubectl canary policy explain"
                            + " order");

            String exempted = policies.apply("exempted", """
                    maxWeight: 5
                    exemptions: [{name: m, namespaces: [%s], rules: [maxWeight], reason: CHG-1, until: "2120-01-01T00:00:00Z"}]
                    """.formatted(namespace));
            allowed(alice.annotate("deployment/order-v2", "canary.io/weight=12"));
            policies.apply("exempted", """
                    maxWeight: 5
                    exemptions: [{name: m, namespaces: [%s], rules: [maxWeight], reason: CHG-1, until: "2020-01-01T00:00:00Z"}]
                    """.formatted(namespace));
            assertThat(alice.annotate("deployment/order-v2", "canary.io/weight=13")
                            .message())
                    .contains("CanaryPolicy \"" + exempted + "\" maxWeight: weight 13 > 5");
            assertThat(Objects.requireNonNull(policies.get(exempted)).<Object>get("status", "expiredExemptions"))
                    .isEqualTo(List.of("m"));
            policies.delete("exempted");

            String broken = policies.apply("broken", "maxWeight: 20\nbreakGlass: Allowed");
            assertThat(alice.annotate("deployment/order-v2", "canary.io/weight=30", "canary.io/override=short")
                            .message())
                    .contains("is not a reason of at least 10 characters");
            Answer over = alice.annotate(
                    "deployment/order-v2", "canary.io/weight=30", "canary.io/override=CHG-7: checkout is down");
            assertThat(over.message()).isEmpty();
            assertThat(over.warnings())
                    .contains("CanaryPolicy \"" + broken + "\" maxWeight: weight 30 > 20 (overridden). kubectl canary"
                            + " policy explain order");
            story.awaitShares("order", Map.of("v1", 70, "v2", 30));
            assertThat(alice.annotate("deployment/order-v2", "canary.io/weight=31")
                            .message())
                    .as("one-shot")
                    .contains("maxWeight: weight 31 > 20");
            story.awaitEvent("PolicyOverridden", "v2, by alice: CHG-7: checkout is down");
            for (String audited : List.of(
                    "canary-must-be-running.canary.io/override-reason\":\"CHG-7: checkout is down",
                    "canary-must-be-running.canary.io/policy-overridden\":\"" + broken + "/maxWeight",
                    "canary-must-be-running.canary.io/policy-warned\":\"" + warned + "/maxWeight",
                    "mutate.canary.io/policy-denied\":\"" + broken + "/maxWeight")) {
                story.await("the audit log has " + audited, () -> audited(story, audited));
            }
            Release release = story.awaitRelease(
                    "order",
                    "the move",
                    r -> r.history().stream().anyMatch(move -> move.to().equals("v1 70, v2 30")));
            assertThat(release.history())
                    .filteredOn(move -> move.to().equals("v1 70, v2 30"))
                    .singleElement()
                    .satisfies(move -> assertThat(move.policy())
                            .isEqualTo("overridden by alice: CHG-7: checkout is down (" + broken + "/maxWeight)"));
        }
    }

    private static boolean audited(Story story, String text) {
        try (Stream<String> lines = Files.lines(story.cluster().controlPlane().auditLog())) {
            return lines.anyMatch(line -> line.contains(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void policiesThatCannotBeMeantAreRefused(Story story) {
        PolicyStory policies = new PolicyStory(story);
        Map<String, String> refused = Map.of(
                "validationActions: [Deny, Warn]", "Deny and Warn exclude each other",
                "windows: [{name: w, kind: Deny, schedule: \"0 17 * * 5\", duration: 63h, timeZone: Mars/Olympus}]",
                        "spec.windows[0].timeZone: \"Mars/Olympus\" is no time zone (write e.g. Europe/Amsterdam or UTC)",
                "windows: [{name: w, kind: Deny, schedule: \"0 17 31 2 *\", duration: 63h, timeZone: UTC}]",
                        "such a day never comes",
                "windows: [{name: w, kind: Deny, schedule: \"0 17 * * 5\"}]",
                        "write schedule, duration and timeZone, or from and to",
                "actionOverrides: {maxWeigth: [Warn]}", "\"maxWeigth\" is no rule",
                "maxWeight: 101", "should be less than or equal to 100",
                "maxWeight: 10.555", "is not a percentage 0–100 with at most two decimals",
                "exemptions: [{name: x, namespaces: [a], rules: [maxStep], reason: y}]", "until: Required value",
                "maxweight: 10", "unknown field \"spec.maxweight\"");
        refused.forEach((spec, why) -> assertThat(story.refused(story.cluster()
                        .controlPlane()
                        .kubectl(policies.yaml(policies.named("wrong"), spec), List.of("create", "-f", "-"))))
                .as(spec)
                .contains(why));
    }

    /// Design section 6: who may edit Deployments alone starts nothing, is told what is missing, and may always stop.
    @Test
    void whoMayNotDoItThemselvesGetsNothingDone(Story story) {
        begin(story);
        String namespace = story.cluster().namespace();
        story.kubectl(
                "create", "role", "editor", "--verb=get,patch,update,create", "--resource=deployments.apps,services");
        story.kubectl("create", "rolebinding", "editor", "--role=editor", "--user=dora");
        String refused = story.refused(story.cluster()
                .controlPlane()
                .kubectl(
                        "",
                        List.of(
                                "-n",
                                namespace,
                                "--as=dora",
                                "annotate",
                                "--overwrite",
                                "deployment/order-v2",
                                "canary.io/weight=20")));
        assertThat(refused)
                .contains(DENIED + "user \"dora\": may not do what Canary would do for this change in namespace "
                        + namespace + ": ")
                .contains(
                        "delete services",
                        "create httproutes.gateway.networking.k8s.io",
                        "patch deployments.apps/scale \"order-v1\"",
                        "patch deployments.apps/scale \"order-v2\"")
                .doesNotContain("create services");
        for (List<String> edit : List.of(
                List.of("deployment/order-v2", "canary.io/weight=5"),
                List.of("service/order", "canary.io/paused=wait"),
                List.of("service/order", "canary.io/abort=errors"))) {
            story.cluster()
                    .controlPlane()
                    .kubectl(
                            "",
                            List.of("-n", namespace, "--as=dora", "annotate", "--overwrite", edit.get(0), edit.get(1)))
                    .orThrow();
        }
        story.awaitShares("order", Map.of("v1", 100));
    }

    @Test
    void verbsOnReleasesAreGrantedByRbac(Story story) {
        begin(story);
        String namespace = story.cluster().namespace();
        try (PolicyStory policies = new PolicyStory(story)) {
            policies.apply("who", "authorization: Enforced");
            story.kubectl("create", "rolebinding", "dora", "--clusterrole=admin", "--user=dora");
            story.kubectl("create", "role", "routes", "--verb=*", "--resource=httproutes.gateway.networking.k8s.io");
            story.kubectl("create", "rolebinding", "routes", "--role=routes", "--user=dora");
            List<String> raise = List.of(
                    "-n",
                    namespace,
                    "--as=dora",
                    "annotate",
                    "--overwrite",
                    "deployment/order-v2",
                    "canary.io/weight=20");
            List<String> promote = List.of(
                    "-n", namespace, "--as=dora", "annotate", "--overwrite", "service/order", "canary.io/stable=v2");
            assertThat(story.refused(story.cluster().controlPlane().kubectl("", raise)))
                    .contains(
                            "authorization: user \"dora\" may not advance order (verb advance on releases.canary.io)");

            story.kubectl(
                    "create",
                    "role",
                    "advancer",
                    "--verb=advance",
                    "--resource=releases.canary.io",
                    "--resource-name=order");
            story.kubectl("create", "rolebinding", "advancer", "--role=advancer", "--user=dora");
            story.await(
                    "dora may advance",
                    () -> story.cluster().controlPlane().kubectl("", raise).succeeded());
            story.awaitShares("order", Map.of("v1", 80, "v2", 20));
            assertThat(story.refused(story.cluster().controlPlane().kubectl("", promote)))
                    .contains("may not promote order (verb promote on releases.canary.io)");
        }
    }

    @Test
    void weightGrowsWithAge(Story story) {
        begin(story);
        try (PolicyStory policies = new PolicyStory(story)) {
            String name = policies.apply("age", "weightByAge: [{after: 0s, max: 10}, {after: 1000h, max: 100}]");
            Requester alice = Requester.in(story).as("alice");
            assertThat(alice.annotate("deployment/order-v2", "canary.io/weight=20")
                            .message())
                    .contains("weightByAge: weight 20 > 10 at age ", "no raise is allowed now");
            Release release = story.awaitRelease(
                    "order",
                    "its limit",
                    r -> r.version("v2").orElseThrow().standing().limit() != null);
            Release.Standing standing = release.version("v2").orElseThrow().standing();
            assertThat(Objects.requireNonNull(standing.limit()).max()).isEqualTo(1_000);
            assertThat(standing.limit().until())
                    .isEqualTo(Objects.requireNonNull(standing.begun()).at().plus(Duration.ofHours(1000)));

            Instant begun = standing.begun().at();
            long age = Duration.between(begun, Instant.now()).toSeconds() + 8;
            policies.apply("age", "weightByAge: [{after: 0s, max: 10}, {after: " + age + "s, max: 100}]");
            story.await(
                    "it is old enough",
                    () -> alice.annotate("deployment/order-v2", "canary.io/weight=20")
                            .allowed());
            assertThat(Instant.now()).isAfterOrEqualTo(begun.plusSeconds(age));
            assertThat(name).isNotEmpty();
        }
    }
}
