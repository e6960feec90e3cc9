// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import io.canary.e2e.load.ApiCalls;
import io.canary.e2e.load.OpenLoop;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.Await;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/// Many policies over many Deployments: what a large cluster with a careful owner has.
final class ManyPolicies {
    private static final int POLICIES = 200;
    private static final int EACH_NAMESPACE = 2;
    private static final Duration QUIET = Duration.ofSeconds(10);
    private static final int EVERYWHERE = 10;
    private static final int NAMESPACES = 100;
    private static final int EACH = 50;
    private static final String PATH = "/apis/canary.io/v1/canarypolicies";
    private static final String NAMESPACE = "bench-policies-";

    private final Lab lab;
    private final String measured;

    /// @param measured the namespace in which admission is measured
    ManyPolicies(Lab lab, String measured) {
        this.lab = lab;
        this.measured = measured;
    }

    /// Apps of two versions without pods, spread over namespaces.
    void createDeployments() {
        for (int n = 0; n < NAMESPACES; n++) {
            lab.namespace(NAMESPACE + n);
        }
        OpenLoop.atOnce(NAMESPACES, this::createNamespace)
                .forEach(call -> call.answer().required());
    }

    /// Waits for what the product makes of them, so that what is measured next has the machine for itself.
    void awaitReleases() {
        Await.until(
                "all apps have a Release",
                Lab.LIMIT.multipliedBy(10),
                () -> Objects.requireNonNullElse(
                                lab.cluster()
                                        .client()
                                        .genericKubernetesResources("canary.io/v1", "Release")
                                        .inAnyNamespace()
                                        .list(new ListOptionsBuilder()
                                                .withLimit(1L)
                                                .build())
                                        .getMetadata()
                                        .getRemainingItemCount(),
                                0L)
                        >= NAMESPACES * EACH / 2 - 1L);
    }

    /// Waits until the product writes nothing more of an app or a policy: leases are renewed for ever.
    void awaitQuiet() {
        lab.audit()
                .awaitQuiet(
                        lab.audit().mark(),
                        call -> call.isWrite()
                                && call.user().equals(InstalledProduct.USER)
                                && !call.resource().equals("leases"),
                        QUIET,
                        Lab.LIMIT.multipliedBy(5));
    }

    /// Tells how the last call went.
    private ApiCalls.Answer createNamespace(int n) {
        ApiCalls.Answer last = null;
        for (int i = 0; i < EACH / 2; i++) {
            ShopApp app = new ShopApp(NAMESPACE + n, "app" + i);
            lab.api().create(app.services(), app.rootService(Map.of())).required();
            lab.api()
                    .create(app.deployments(), app.deployment("v1", 0, Map.of()))
                    .required();
            last = lab.api()
                    .create(app.deployments(), app.deployment("v2", 0, Map.of("canary.io/weight", "5")))
                    .required();
        }
        return Objects.requireNonNull(last);
    }

    /// Policies that refuse nothing of what is measured, but must be asked: of every rule that objects show. Two
    /// are about each namespace, the measured one among them.
    void createPolicies() {
        for (int i = 0; i < POLICIES; i++) {
            lab.api()
                    .create(PATH, """
                    {"apiVersion": "canary.io/v1", "kind": "CanaryPolicy", "metadata": {"name": "bench-%d"},
                     "spec": {"match": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "%s"}}},
                              "maxWeight": 90, "maxStep": 90, "minReplicas": 1, "requiredLabels": ["app"],
                              "images": {"forbidLatest": true},
                              "windows": [{"name": "never", "kind": "Deny", "schedule": "0 3 29 2 *",
                                           "duration": "1m", "timeZone": "UTC"}]}}
                    """.formatted(i, i < EACH_NAMESPACE ? measured : NAMESPACE + i / EACH_NAMESPACE))
                    .required();
        }
        awaitEnforced();
    }

    /// Ten of them are about every namespace from now on.
    void widen() {
        for (int i = 0; i < EVERYWHERE; i++) {
            lab.api()
                    .merge(PATH + "/bench-" + i, "{\"spec\": {\"match\": null}}")
                    .required();
        }
        awaitEnforced();
    }

    /// Those beyond what is bound about a namespace are enforced by the product alone.
    private void awaitEnforced() {
        Await.until(
                "all policies are enforced",
                Lab.LIMIT.multipliedBy(3),
                () -> lab.cluster()
                                .kubectl(
                                        "get",
                                        "canarypolicies",
                                        "--output=jsonpath={range .items[*]}{.status.conditions[?(@.type==\"Enforced\")].reason}{\"\\n\"}{end}")
                                .stdout()
                                .lines()
                                .filter(reason -> reason.equals("Bound") || reason.equals("TooMany"))
                                .count()
                        == POLICIES);
    }

    /// Takes all of it away, so that the next measurements are of what they say.
    void clear() {
        lab.cluster().kubectl("delete", "canarypolicies", "--all");
        for (int n = 0; n < NAMESPACES; n++) {
            lab.cluster().kubectl("delete", "namespace", NAMESPACE + n, "--wait=false");
        }
        Await.until(
                "the namespaces are gone",
                Lab.LIMIT.multipliedBy(10),
                () -> !lab.cluster()
                        .kubectl("get", "namespaces", "-o", "name")
                        .stdout()
                        .contains(NAMESPACE));
    }
}
