// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.canary.domain.app.Release;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.story.Requester.Answer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The table of bad inputs (issue 3, 5.11; admission.md section 6), as far as it is about several objects or about what
/// may be meant: allowed, with a warning.
@ReleaseStory
class DoubtfulInputIT {
    private static final String ONE_BUILD = "sha256:" + "1".repeat(64);
    private static final String OTHER_BUILD = "sha256:" + "2".repeat(64);
    private static final String FIXTURES = """
            apiVersion: v1
            kind: Service
            metadata: {name: outside}
            spec: {type: ExternalName, externalName: example.com}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: headless}
            spec: {clusterIP: None, selector: {app: headless}, ports: [{port: 80}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: sticky}
            spec: {sessionAffinity: ClientIP, selector: {app: sticky}, ports: [{name: http, port: 80}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: dns}
            spec: {selector: {app: dns}, ports: [{port: 53, protocol: UDP}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: all-v9}
            spec: {selector: {app: all, version: v9}, ports: [{port: 8080}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: twin-a}
            spec: {selector: {x: twin}, ports: [{port: 80}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: twin-b}
            spec: {selector: {x: twin}, ports: [{port: 80}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: taken-v2}
            spec: {selector: {app: other}, ports: [{port: 8080}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: mine}
            spec:
              parentRefs: [{group: "", kind: Service, name: routed, port: 8080}]
              rules: [{backendRefs: [{name: routed, port: 8080}]}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: stranger, labels: {app: mixed}}
            spec: {containers: [{name: x, image: x}]}
            ---
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: scaler}
            spec:
              scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: scaled-v2}
              minReplicas: 1
              maxReplicas: 9
              metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
            """;

    @TestFactory
    Stream<DynamicTest> whatIsDoubtfulIsAllowedWithAWarning(Story story) {
        story.apply(
                FIXTURES,
                root("all"),
                root("sum"),
                Workload.rootService("kept", Map.of("canary.io/stable", "v1")),
                root("order"),
                root("taken"),
                root("routed"),
                root("mixed"),
                root("scaled"),
                root("pinned"));
        story.apply(
                stopped("all", "v1").yaml(),
                stopped("all", "v2").yaml(),
                stopped("sum", "v1").yaml(),
                stopped("sum", "v2").weight("60").yaml(),
                stopped("kept", "v1").yaml(),
                stopped("kept", "v2").yaml(),
                stopped("order", "v1").yaml(),
                stopped("order", "v2").yaml(),
                stopped("pinned", "v1").image("1@" + ONE_BUILD).yaml(),
                stopped("pinned", "v2").image("2@" + ONE_BUILD).weight("0").yaml());
        Requester user = Requester.in(story).as("alice").tryingOut();
        return Stream.of(
                told(
                        "weight 100",
                        () -> user.annotate("deployment/all-v2", "canary.io/weight=100"),
                        "all traffic would go to v2; use promote: canary.io/stable=v2 on Service all"),
                told(
                        "a weight on the pod template",
                        () -> user.create(stopped("all", "v3")
                                .weight("10")
                                .yaml()
                                .replace("      annotations: {", "      annotations: {canary.io/weight: '10', ")),
                        "canary.io/weight on the pod template does nothing: put it on the Deployment"),
                told(
                        "a Deployment that another object controls",
                        () -> user.create(
                                stopped("all", "v3").weight("10").yaml().replace("spec:\n  replicas", """
                                  ownerReferences:
                                  - {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: all, uid: x, controller: true}
                                spec:
                                  replicas""")),
                        "all-v3 is not managed: it belongs to Rollout/all"),
                told(
                        "hostNetwork",
                        () -> user.create(stopped("all", "v3")
                                .weight("10")
                                .yaml()
                                .replace("      containers:", "      hostNetwork: true\n      containers:")),
                        "pods use ports of their node: two versions may not fit on one"),
                told(
                        "hostPort",
                        () -> user.create(stopped("all", "v3")
                                .weight("10")
                                .yaml()
                                .replace("containerPort: 8080", "containerPort: 8080, hostPort: 8080")),
                        "pods use ports of their node: two versions may not fit on one"),
                told(
                        "spec.paused",
                        () -> user.create(stopped("all", "v3")
                                .weight("10")
                                .yaml()
                                .replace("spec:\n  replicas", "spec:\n  paused: true\n  replicas")),
                        "spec.paused: the weight waits until the Deployment is resumed"),
                told(
                        "sessionAffinity, a weight",
                        () -> user.create(stopped("sticky", "v2").weight("10").yaml()),
                        "sessionAffinity ClientIP: sticky clients blur the percentages"),
                told(
                        "a Service made for one version",
                        () -> user.create(stopped("all", "v3")
                                .with("canary.io/service", "all-v9")
                                .yaml()),
                        "Service all-v9 is not a root Service: it is made for one version: name the Service that"
                                + " selects all versions"),
                told(
                        "a Service of ours",
                        () -> user.create(stopped("sum", "v3")
                                .with("canary.io/service", "sum-v2")
                                .yaml()),
                        "Service sum-v2 is not a root Service: it is made for one version: name the Service that"
                                + " selects all versions"),
                told(
                        "a root Service that is missing",
                        () -> user.create(stopped("pay", "v2")
                                .with("canary.io/service", "pay")
                                .yaml()),
                        "waiting for Service pay: create it, or name another"),
                told(
                        "no root Service to be found",
                        () -> user.create(stopped("x", "v2").weight("10").yaml().replace("app: x", "x: lonely")),
                        "no Service selects these pods: set canary.io/service to the root Service"),
                told(
                        "several root Services",
                        () -> user.create(stopped("x", "v2").weight("10").yaml().replace("app: x", "x: twin")),
                        "several Services select these pods, set canary.io/service to one of: twin-a, twin-b"),
                told(
                        "an ExternalName root",
                        () -> user.create(stopped("outside", "v2")
                                .with("canary.io/service", "outside")
                                .yaml()),
                        "Service outside is ExternalName: Canary cannot split it"),
                told(
                        "a headless root",
                        () -> user.create(stopped("headless", "v2").weight("10").yaml()),
                        "Service headless is headless: Canary cannot split it and holds"),
                told(
                        "a root that selects pods of no version",
                        () -> user.create(stopped("mixed", "v2").weight("10").yaml()),
                        "Service mixed has 1 ready pods of no version: Canary holds"),
                told(
                        "a UDP port",
                        () -> user.create(stopped("dns", "v2").weight("10").yaml()),
                        "replica mode, traffic follows pods: Service dns has no HTTP or gRPC port"),
                told(
                        "a route of the user's on the same Service",
                        () -> user.create(stopped("routed", "v2").weight("10").yaml()),
                        "replica mode, traffic follows pods: HTTPRoute mine routes Service routed already"),
                told(
                        "a Service of the user's with the version's name",
                        () -> user.create(stopped("taken", "v2").weight("10").yaml()),
                        "Service taken-v2 is not ours and does not select version v2: nothing moves"),
                told(
                        "a sum of 120",
                        () -> user.create(stopped("sum", "v3").weight("60").yaml()),
                        "sum would be 120: sum-v2 holds 60, 40 is left"),
                told(
                        "a stable that gets nothing",
                        () -> user.create(stopped("sum", "v3").weight("40").yaml()),
                        "stable v1 gets 0: the others ask for 100"),
                told(
                        "a weight on the stable",
                        () -> user.annotate("deployment/kept-v1", "canary.io/weight=70"),
                        "weight 70 is ignored: v1 is stable and takes what the others leave"),
                told(
                        "no stable can be told",
                        () -> user.create(stopped("order", "v3")
                                .with("canary.io/version", "v3")
                                .yaml()),
                        "cannot tell which version of order is stable: v1, v2 and v3",
                        "kubectl annotate --overwrite service order canary.io/stable=v1"),
                told(
                        "a stable that does not exist",
                        () -> user.annotate("service/all", "canary.io/stable=v9"),
                        "\"v9\" is no version of all, which has v1 and v2: kubectl annotate --overwrite service all"
                                + " canary.io/stable=v1"),
                told(
                        "a total below the number of versions",
                        () -> user.annotate("service/sum", "canary.io/replicas=1"),
                        "canary.io/replicas 1 is raised to 2: one pod for each version with a share"),
                told(
                        "an autoscaler",
                        () -> user.create(stopped("scaled", "v2").weight("10").yaml()),
                        "replicas of scaled-v2 are its autoscaler's (scaler)"),
                told(
                        "an image without a tag",
                        () -> user.create(stopped("all", "v3")
                                .weight("10")
                                .yaml()
                                .replace("\"all:v3\"", "\"localhost:5000/all\"")),
                        "image of container all has no tag: pin it, e.g."
                                + " localhost:5000/all:2.4.0-9f3c2ab1@sha256:..."),
                told(
                        "the tag latest, at an update of the image alone",
                        () -> user.patch("deployment/pinned-v2", image("pinned", "pinned:latest")),
                        "image of container pinned has the tag latest, which moves: pin it, e.g."
                                + " pinned:2.4.0-9f3c2ab1@sha256:..."),
                told(
                        "a tag that another version has with another digest",
                        () -> user.create(stopped("pinned", "v3")
                                .weight("10")
                                .image("1@" + OTHER_BUILD)
                                .yaml()),
                        "tag 1 of container pinned has another digest in pinned-v1: never move a tag, push pinned"
                                + " under a new one"),
                told(
                        "a tag that had another digest before",
                        () -> user.patch("deployment/pinned-v2", image("pinned", "pinned:2@" + OTHER_BUILD)),
                        "tag 2 of container pinned had another digest before: never move a tag, push pinned under a"
                                + " new one"),
                told(
                        "a count in a file, with an image",
                        () -> user.patch(
                                "deployment/sum-v2",
                                Map.of(
                                        "spec",
                                        Map.of(
                                                "replicas",
                                                9,
                                                "template",
                                                Map.of("spec", Map.of("terminationGracePeriodSeconds", 9))))),
                        "replicas stay 0: set the total as canary.io/replicas on Service sum"));
    }

    @Test
    void imagesOfPlainDeploymentsAndUnchangedOnesAreNotToldOf(Story story) {
        String untagged = stopped("order", "v1").yaml().replace("\"order:v1\"", "\"order\"");
        assertThat(story.apply(untagged).stderr()).isEmpty();
        assertThat(story.apply(untagged.replace("\"order\"", "\"order:latest\""))
                        .stderr())
                .isEmpty();
        Workload v2 = stopped("order", "v2").weight("0");
        String doubtful = v2.yaml().replace("\"order:v2\"", "\"order\"");
        assertThat(story.apply(root("order"), doubtful).stderr()).contains("Warning: image of container order has no");

        Answer other = Requester.in(story)
                .as("alice")
                .patch(
                        "deployment/order-v2",
                        Map.of("spec", Map.of("template", Map.of("spec", Map.of("terminationGracePeriodSeconds", 9)))));

        assertThat(other.message()).isEmpty();
        assertThat(other.warnings()).noneMatch(w -> w.contains("image of container"));
    }

    @Test
    void aStickyServiceIsToldToWhomeverSetsAKeyOnIt(Story story) {
        story.apply(stopped("order", "v1").yaml());
        Requester user = Requester.in(story).tryingOut();
        String sticky = Workload.rootService("order", Map.of("canary.io/stable", "v1"))
                .replace("spec:", "spec:\n  sessionAffinity: ClientIP");
        expect(() -> user.create(sticky), "sessionAffinity ClientIP: sticky clients blur the percentages");
    }

    @Test
    void aNewVersionBesideAServingOneIsHeldWhateverItsFileSays(Story story) {
        String held = "Warning: order-v2 starts with 0 replicas: Canary starts its pods when their turn comes\n";
        String v2 = Workload.of("order", "v2", 10).weight("0").yaml();
        story.serve(Map.of(), Workload.of("order", "v1", 1));
        story.await(
                "the webhook knows whose the ready pod is",
                () -> !story.kubectlWith(v2, "apply", "--dry-run=server", "--filename=-")
                        .stderr()
                        .contains("of no version"));

        var applied = story.apply(v2);

        assertThat(applied.stderr()).isEqualTo(held);
        assertThat(story.deployment("order-v2").getSpec().getReplicas()).isZero();
    }

    /// A bad value can only stand where admission was not asked; it must not freeze the object.
    @Test
    void aBadValueThatStandsIsToldAndFreezesNothing(Story story) {
        story.apply(
                root("order"),
                stopped("order", "v1").yaml(),
                stopped("order", "v2").yaml());
        Answer seeded = Requester.in(story)
                .as(InstalledProduct.USER)
                .annotate("deployment/order-v2", "canary.io/weight=ten", "canary.io/wieght=1");
        assertThat(seeded.allowed()).isTrue();
        Requester alice = Requester.in(story).as("alice");

        Answer image = alice.patch(
                "deployment/order-v2",
                Map.of("spec", Map.of("template", Map.of("spec", Map.of("terminationGracePeriodSeconds", 9)))));
        assertThat(image.message()).isEmpty();
        assertThat(image.warnings())
                .contains(
                        "\"ten\" is not a percentage 0–100 with at most two decimals: write e.g. \"10\"",
                        "unknown key, did you mean canary.io/weight?: remove or correct it");
        assertThat(alice.annotate("deployment/order-v2", "canary.io/version=v2").message())
                .isEmpty();
        assertThat(alice.annotate("deployment/order-v2", "canary.io/weight-", "canary.io/wieght-")
                        .message())
                .isEmpty();
    }

    @Test
    void aForeignServiceOfTheVersionsNameIsAConflictAndNeverWritten(Story story) {
        story.apply("""
                apiVersion: v1
                kind: Service
                metadata: {name: order-v2}
                spec: {selector: {app: other}, ports: [{port: 1}]}
                """);
        story.serve(Map.of(), Workload.of("order", "v1", 2));
        String before = service(story, "order-v2");

        var applied = story.apply(Workload.of("order", "v2", 2).weight("50").yaml());

        assertThat(applied.stderr())
                .contains("Warning: Service order-v2 is not ours and does not select version v2: nothing moves\n");
        Release release = story.awaitPhase("order", Release.Phase.CONFLICT);
        assertThat(release.message())
                .isEqualTo(
                        "Service order-v2: is not ours and does not select just the pods of version v2 on the ports of"
                                + " Service order (rename or delete it)");
        assertThat(service(story, "order-v2")).isEqualTo(before);
        assertThat(story.shares("order")).doesNotContainKey("v2");

        story.kubectl("delete", "service/order-v2");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
    }

    @Test
    void anAppThatAnotherToolRunsIsAConflictThatNamesIt(Story story) {
        story.serve(Map.of(), Workload.of("order", "v1", 2));
        story.annotate("service/order", "argo-rollouts.argoproj.io/managed-by-rollouts=order");

        var applied = story.apply(Workload.of("order", "v2", 2).weight("50").yaml());

        assertThat(applied.stderr())
                .contains("Warning: Service order is run by Argo Rollouts, which writes replicas and routes too\n");
        Release release = story.awaitPhase("order", Release.Phase.CONFLICT);
        assertThat(release.message())
                .isEqualTo("metadata: Service order is run by Argo Rollouts, which writes replicas and routes too (take"
                        + " it out of Argo Rollouts, or remove the keys of Canary)");
        assertThat(story.shares("order")).doesNotContainKey("v2");

        story.annotate("service/order", "argo-rollouts.argoproj.io/managed-by-rollouts-");
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
    }

    @Test
    void reasonsMayHoldAnythingAndAreShownEscapedAndCut(Story story) {
        story.serve(
                Map.of("canary.io/stable", "v1", "canary.io/scale-down-delay", "1s"),
                Workload.of("order", "v1", 2).weight("30"));
        story.apply(Workload.of("order", "v2", 2).weight("50").yaml());
        story.awaitShares("order", Map.of("v1", 50, "v2", 50));
        Requester alice = Requester.in(story).as("alice");

        assertThat(alice.annotate("service/order", "canary.io/paused=" + "x".repeat(10 * 1024))
                        .message())
                .isEmpty();
        story.awaitPhase("order", Release.Phase.PAUSED);
        assertThat(alice.annotate("service/order", "canary.io/abort=\u001b[31m" + "x".repeat(10 * 1024) + "\r\n")
                        .message())
                .isEmpty();
        story.awaitShares("order", Map.of("v1", 100));
        story.awaitRelease(
                "order",
                "the reason, escaped and cut",
                r -> r.history().getLast().reason().equals("aborted: ^[[31m" + "x".repeat(59) + "..."));

        // The stable's own weight would come to nothing if another were promoted.
        expect(
                () -> alice.tryingOut().annotate("service/order", "canary.io/stable=v2"),
                "weight 30 of order-v1 is spent: it asks 0 from now on");
    }

    // ----

    private static DynamicTest told(String name, Supplier<Answer> attempt, String... warnings) {
        return dynamicTest(name, () -> expect(attempt, warnings));
    }

    /// A dry run changes nothing, so it is repeated until the product has seen what the request is about.
    private static void expect(Supplier<Answer> dryRun, String... warnings) {
        AtomicReference<Answer> last = new AtomicReference<>();
        io.canary.e2e.testbed.Await.until(
                "the warnings " + List.of(warnings),
                Story.SOON,
                () -> {
                    last.set(dryRun.get());
                    return last.get().allowed() && last.get().warnings().containsAll(List.of(warnings));
                },
                () -> last.get().code() + " " + last.get().message()
                        + last.get().warnings());
    }

    private static Map<String, ?> image(String container, String image) {
        var containers = List.of(Map.of("name", container, "image", image));
        return Map.of("spec", Map.of("template", Map.of("spec", Map.of("containers", containers))));
    }

    private static Workload stopped(String app, String version) {
        return Workload.of(app, version, 0);
    }

    private static String root(String app) {
        return Workload.rootService(app, Map.of());
    }

    private static String service(Story story, String name) {
        return story.kubectl("get", "service/" + name, "-o", "yaml").stdout();
    }
}
