// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.canary.e2e.story.Requester.Answer;
import io.canary.e2e.testbed.CommandResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Keys that only Canary writes: from anybody else dropped at CREATE, restored where missing, refused where changed
/// (issue 3, 5.7; design section 2).
@ReleaseStory
class ProtectedKeysIT {
    private static final Map<String, String> QUICK =
            Map.of("canary.io/scale-down-delay", "1s", "canary.io/replicas", "2");
    private static final Workload V1 = Workload.of("order", "v1", 2);
    private static final Workload V2 =
            Workload.of("order", "v2", 10).unlabelled().weight("50");
    private static final String OURS = "is written by Canary only (leave it as it is, or out)";
    private static final String MUTATE = "admission webhook \"mutate.canary.io\" denied the request: ";
    private static final String VALIDATE =
            "admission webhook \"canary-must-be-running.canary.io\" denied the request: ";

    @Test
    void theyAreDroppedAtCreate(Story story) {
        Requester alice = Requester.in(story).as("alice");
        Workload copied = Workload.of("order", "v1", 1)
                .with("canary.io/app", "order")
                .with("canary.io/total", "3")
                .with("canary.io/spent", "10")
                .with("canary.io/by", "eve");

        Answer plain = alice.create(
                copied.yaml().replaceFirst("  annotations:", "  labels: {canary.io/app: order}\n  annotations:"));
        assertThat(plain.message()).isEmpty();
        assertThat(plain.keys()).isEmpty();
        assertThat(plain.labels()).isEmpty();
        assertThat(plain.warnings())
                .containsExactlyInAnyOrder(
                        "canary.io/app is written by Canary only: dropped",
                        "canary.io/total is written by Canary only: dropped",
                        "canary.io/spent is written by Canary only: dropped",
                        "label canary.io/app is written by Canary only: dropped");

        Answer annotated = alice.create(copied.weight("0").yaml().replace("name: order-v1", "name: order-v2"));
        assertThat(annotated.keys()).containsExactlyInAnyOrderEntriesOf(Map.of("weight", "0", "by", "alice"));

        Answer service = alice.create("""
                apiVersion: v1
                kind: Service
                metadata: {name: order-v2, labels: {canary.io/app: order}}
                spec: {selector: {app: order, version: v2}, ports: [{port: 8080}]}
                """);
        assertThat(service.labels()).isEmpty();

        Answer route = alice.create("""
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: shop, annotations: {canary.io/original: "[]"}}
                spec: {rules: [{backendRefs: [{name: order, port: 8080}]}]}
                """);
        assertThat(route.keys()).isEmpty();
        assertThat(route.warnings()).contains("canary.io/original is written by Canary only: dropped");
        assertThat(alice.annotate("httproute/shop", "canary.io/original=[]").message())
                .isEqualTo(MUTATE + "metadata.annotations[canary.io/original]: " + OURS);
    }

    @Test
    void theyAreRestoredWhereMissing(Story story) {
        Requester alice = inRelease(story).as("alice");
        Map<String, String> before = alice.get("deployment/order-v2").keys();

        Answer emptied = alice.annotate("deployment/order-v2", "canary.io/app-", "canary.io/total-", "canary.io/by-");
        assertThat(emptied.message()).isEmpty();
        assertThat(emptied.keys()).isEqualTo(before);

        Answer service = alice.label("service/order-v2", "canary.io/app-");
        assertThat(service.labels()).containsEntry("canary.io/app", "order");
        assertThat(service.warnings()).isEmpty();

        story.kubectl("annotate", "deployment/order-v2", "canary.io/total-");
        assertThat(story.annotation("order-v2", "canary.io/total")).isEqualTo("2");
        story.awaitQuiet(Duration.ofSeconds(1));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50");
    }

    @Test
    void anOriginalFileCanBeReplacedAndAppliedAgain(Story story) {
        Requester admin = inRelease(story);
        Map<String, String> before = admin.get("deployment/order-v2").keys();

        for (String verb : List.of("replace", "apply")) {
            CommandResult result = story.cluster()
                    .controlPlane()
                    .kubectl(V2.yaml(), List.of("-n", story.cluster().namespace(), verb, "-f", "-"))
                    .orThrow();
            assertThat(result.stderr())
                    .contains("Warning: replicas stay 1: set the total as canary.io/replicas on Service order");
            var stored = story.deployment("order-v2");
            assertThat(admin.get("deployment/order-v2").keys()).as(verb).isEqualTo(before);
            assertThat(stored.getSpec().getReplicas()).isEqualTo(1);
            assertThat(stored.getMetadata().getLabels()).containsEntry("version", "v2");
            assertThat(stored.getSpec().getSelector().getMatchLabels()).containsEntry("version", "v2");
            assertThat(stored.getSpec().getTemplate().getMetadata().getLabels()).containsEntry("version", "v2");
        }
        story.awaitQuiet(Duration.ofSeconds(1));
        assertThat(story.shareHistory("order")).containsExactly("v1 100", "v1 50 v2 50");
    }

    @Test
    void theyAreRefusedWhereChanged(Story story) {
        Requester alice = inRelease(story).as("alice");
        for (String edit : List.of("app=other", "total=99", "spent=50", "original=x", "by=eve", "by=alice")) {
            Answer answer = alice.annotate("deployment/order-v2", "canary.io/" + edit);
            assertThat(answer.code()).as(edit).isEqualTo(403);
            assertThat(answer.message())
                    .isEqualTo(
                            MUTATE + "metadata.annotations[canary.io/" + edit.replaceFirst("=.*", "") + "]: " + OURS);
        }
        for (String object : List.of("deployment/order-v2", "service/order-v2", "service/order", "httproute/order")) {
            Answer answer = alice.label(object, "canary.io/app=mine");
            assertThat(answer.code()).as(object).isEqualTo(403);
            assertThat(answer.message()).isEqualTo(MUTATE + "metadata.labels[canary.io/app]: " + OURS);
        }
        assertThat(story.refused(story.cluster()
                        .kubectl("annotate", "--overwrite", "deployment/order-v2", "canary.io/total=99")))
                .contains("metadata.annotations[canary.io/total]: " + OURS);
        assertThat(story.annotation("order-v2", "canary.io/total")).isEqualTo("2");
    }

    @Test
    void theyAreRefusedThroughStatusToo(Story story) {
        Requester alice = inRelease(story).as("alice");
        for (String edit : List.of("app=other", "total=99", "spent=50", "by=eve", "app-", "total-", "by-")) {
            Answer answer = alice.annotateStatus("deployment/order-v2", "canary.io/" + edit);
            assertThat(answer.code()).as(edit).isEqualTo(403);
            // No mutating hook is asked there, so the API server's own policy is the first to refuse a forged mark.
            assertThat(answer.message())
                    .isEqualTo(
                            edit.startsWith("app")
                                    ? "deployments.apps \"order-v2\" is forbidden: ValidatingAdmissionPolicy 'canary-core'"
                                            + " with binding 'canary-core' denied request: canary.io/app: " + OURS
                                    : VALIDATE + "metadata.annotations[canary.io/" + edit.replaceFirst("[=-].*", "")
                                            + "]: " + OURS);
        }
        assertThat(alice.labelStatus("service/order-v2", "canary.io/app=mine").message())
                .isEqualTo(VALIDATE + "metadata.labels[canary.io/app]: " + OURS);
        assertThat(alice.labelStatus("service/order-v2", "canary.io/app-").code())
                .isEqualTo(403);
        assertThat(story.refused(story.cluster()
                        .kubectl(
                                "patch",
                                "deployment/order-v2",
                                "--subresource=status",
                                "--type=merge",
                                "-p={\"metadata\":{\"annotations\":{\"canary.io/total\":null}}}")))
                .contains("metadata.annotations[canary.io/total]: " + OURS);
        assertThat(alice.labelStatus("deployment/order-v2", "canary.io/app=mine")
                        .labels())
                .as("the API server takes no label there")
                .doesNotContainKey("canary.io/app");

        // Users' keys are judged there as on the object, and their author cannot be forged.
        Answer bad = alice.annotateStatus("deployment/order-v2", "canary.io/weight=ten");
        assertThat(bad.code()).isEqualTo(422);
        assertThat(bad.message()).contains("\"ten\" is not a percentage 0–100 with at most two decimals");
        for (List<String> edit : List.of(List.of("weight=20"), List.of("weight=20", "by=eve"))) {
            Answer forged = alice.annotateStatus(
                    "deployment/order-v2",
                    edit.stream().map("canary.io/"::concat).toArray(String[]::new));
            assertThat(forged.code()).as("%s", edit).isEqualTo(403);
            assertThat(forged.message()).contains("would not name who edits");
        }
        assertThat(alice.annotateStatus("deployment/order-v2", "team=blue").allowed())
                .isTrue();
        assertThat(story.annotation("order-v2", "canary.io/weight")).isEqualTo("50");
    }

    @Test
    void whoEditsAKeyIsStampedAndNamedInTheHistory(Story story) {
        Requester anybody = inRelease(story);

        assertThat(anybody.as("alice")
                        .annotate("deployment/order-v2", "canary.io/weight=20")
                        .keys())
                .containsEntry("by", "alice");
        story.awaitShares("order", Map.of("v1", 80, "v2", 20));
        assertThat(anybody.as("bob")
                        .annotate("deployment/order-v2", "team=blue")
                        .keys())
                .as("who edits no key is not stamped")
                .containsEntry("by", "alice");
        assertThat(anybody.as("bob")
                        .annotate("deployment/order-v2", "canary.io/weight=30", "canary.io/by=eve")
                        .keys())
                .as("a forged author beside an edit")
                .containsEntry("by", "bob");
        story.awaitShares("order", Map.of("v1", 70, "v2", 30));
        assertThat(anybody.as("carol")
                        .annotate("service/order", "canary.io/abort=errors")
                        .keys())
                .containsEntry("by", "carol");
        story.awaitShares("order", Map.of("v1", 100));

        Release release = story.awaitRelease(
                "order", "an abort", r -> r.history().getLast().reason().startsWith("aborted"));
        assertThat(release.history())
                .extracting(move -> move.by() + ": " + move.to())
                .contains("alice: v1 80, v2 20", "bob: v1 70, v2 30", "carol: v1 100");
    }

    /// As `kubectl get -o yaml` and `kubectl create` do, with all that we and the API server had written in it.
    @Test
    void aBackupBringsTheReleaseBack(Story story) {
        inRelease(story);
        String backup = Stream.of(
                        backup(story.cluster()
                                .client()
                                .services()
                                .inNamespace(story.cluster().namespace())
                                .withName("order")
                                .require()),
                        backup(story.deployment("order-v1")),
                        backup(story.deployment("order-v2")))
                .map(Serialization::asYaml)
                .reduce("", (all, next) -> all + "\n---\n" + next);

        story.kubectl("delete", "service/order");
        for (String version : List.of("deployment/order-v1", "deployment/order-v2")) {
            story.await(
                    version + " may be deleted",
                    () -> story.cluster()
                            .kubectl("delete", "--ignore-not-found", version)
                            .succeeded());
        }
        story.await(
                "nothing of ours is left",
                () -> story.cluster()
                        .kubectl("get", "services,httproutes,releases", "-o", "name")
                        .stdout()
                        .isEmpty());

        CommandResult restored = story.cluster()
                .controlPlane()
                .kubectl(backup, List.of("-n", story.cluster().namespace(), "create", "-f", "-"))
                .orThrow();

        assertThat(restored.stderr())
                .contains("Warning: canary.io/app is written by Canary only: dropped")
                .contains("Warning: canary.io/total is written by Canary only: dropped");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 1));
        story.awaitPhase("order", Release.Phase.CANARY);
    }

    /// `order` with v1 and v2 at 50 % and one pod each, at rest.
    private static Requester inRelease(Story story) {
        story.serve(QUICK, V1);
        story.apply(V2.yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        story.awaitReplicas(Map.of("order-v1", 1, "order-v2", 1));
        story.awaitPhase("order", Release.Phase.CANARY);
        Requester admin = Requester.in(story);
        assertThat(admin.get("deployment/order-v2").keys())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("app", "order", "total", "2", "by", "admin", "weight", "50"));
        return admin;
    }

    private static <T extends HasMetadata> T backup(T object) {
        object.getMetadata().setResourceVersion(null); // the API server takes none at CREATE
        return object;
    }
}
