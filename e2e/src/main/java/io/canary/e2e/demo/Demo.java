// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.demo;

import io.canary.domain.app.Release;
import io.canary.domain.progress.ProgressView;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.product.Plugin;
import io.canary.e2e.testbed.Await;
import io.canary.e2e.testbed.Binaries;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.Settings;
import io.canary.e2e.watch.MeshStandIn;
import io.canary.webhook.kube.Releases;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `make demo`: the seed's story on a real control plane, told while it happens. Ends with 0 only if every step did.
public final class Demo {
    private static final String APP = "reviews";
    private static final Duration STEP_LIMIT = Duration.ofMinutes(2);

    private final ControlPlane cluster;
    private final Plugin plugin;
    private final PrintStream out;
    private final long began = System.nanoTime();
    private String shown = "";

    private Demo(ControlPlane cluster, PrintStream out) {
        this.cluster = cluster;
        this.plugin = Plugin.of(cluster);
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> environment = System.getenv();
        Path work = Path.of(environment.getOrDefault("CANARY_TESTBED_WORK", "target/demo"));
        int code = 1;
        try (ControlPlane cluster = new ControlPlane(Binaries.require(environment), work, Settings.DEFAULT)) {
            Demo demo = new Demo(cluster, System.out);
            demo.setUp();
            try (MeshStandIn _ = MeshStandIn.start(cluster.client())) {
                if (environment.getOrDefault("INTERACTIVE", "").isEmpty()) {
                    demo.story();
                } else {
                    demo.shell(environment);
                }
            }
            code = 0;
        } catch (AssertionError | IllegalStateException e) {
            System.out.println("\nFAILED: " + e.getMessage());
        }
        System.exit(code);
    }

    private void setUp() {
        step("Starting etcd, kube-apiserver, controller manager, scheduler and KWOK");
        cluster.start();
        step("Installing Canary from manifests/");
        InstalledProduct product = new InstalledProduct();
        product.start(cluster);
        step("Applying bookinfo: details, ratings, reviews v1 v2 v3, productpage");
        Path samples = InstalledProduct.root().resolve("manifests/samples/bookinfo");
        kubectl("apply", "-f", samples.resolve("bookinfo.yaml").toString());
        kubectl("wait", "--for=condition=Available", "deployment", "--all", "--timeout=60s");
        out.println(cluster.kubectl("get", "deployments").stdout().indent(4));
    }

    private void story() {
        step("reviews-v1 is stable, and ten pods are to be shared. The first route carries what traffic did before");
        type("canary", "promote", APP, "--version=v1");
        type("canary", "scale", APP, "10");
        type("annotate", "service", APP, "canary.io/scale-down-delay=5s");
        reach(Map.of("reviews-v1", 100), Map.of("reviews-v1", 10));

        step("10 % to reviews-v3");
        type("canary", "set", "weight", APP, "v3=10");
        reach(Map.of("reviews-v1", 90, "reviews-v3", 10), Map.of("reviews-v1", 9, "reviews-v3", 1));

        step("50 %");
        type("canary", "set", "weight", APP, "v3=50");
        reach(Map.of("reviews-v1", 50, "reviews-v3", 50), Map.of("reviews-v1", 5, "reviews-v3", 5));

        step("100 %");
        type("canary", "set", "weight", APP, "v3=100");
        reach(Map.of("reviews-v3", 100), Map.of("reviews-v1", 0, "reviews-v3", 10));

        step("Something is wrong with it: abort. Traffic returns as fast as v1's pods do, and stays there");
        type("canary", "abort", APP, "--reason=5xx on /reviews");
        reach(Map.of("reviews-v1", 100), Map.of("reviews-v1", 10, "reviews-v3", 0));

        limits();

        step("What is left to read, for people and for plain kubectl");
        type("canary", "history", APP);
        type("get", "releases");
        type(
                "get",
                "events",
                "--field-selector=involvedObject.name=" + APP,
                "-o",
                "custom-columns=WHY:.reason,WHAT:.message");
        step("Done: every step happened");
    }

    /// The three policies that a platform team would start from (docs/policy.md).
    private void limits() {
        Path policies = InstalledProduct.root().resolve("manifests/policies");
        String[] raise = {
            "annotate", "--overwrite", "deployment", "reviews-v3", "canary.io/weight=60", "--dry-run=server"
        };
        step("Limits for everybody. To begin with one that only tells: what would 60 % at once be?");
        type("canary", "set", "weight", APP, "v3=0");
        type("canary", "retry", APP);
        apply(policies.resolve("10-observe.yaml"), "observe");
        type(raise);

        step("Sensible defaults: now it is refused, with what would pass");
        apply(policies.resolve("20-defaults.yaml"), "defaults");
        refused(raise);
        type("canary", "set", "weight", APP, "v3=10");
        reach(Map.of("reviews-v1", 90, "reviews-v3", 10), Map.of("reviews-v1", 9, "reviews-v3", 1));

        step("Strict production, for namespaces with the label env=prod. Going back needs nobody's leave");
        apply(policies.resolve("30-production.yaml"), "production");
        type("label", "namespace", "default", "env=prod");
        Await.until(
                "production is about this namespace",
                STEP_LIMIT,
                () -> cluster.kubectl(raise).stderr().contains("production"),
                () -> cluster.kubectl(raise).stderr());
        refused(raise);
        type("get", "canarypolicies");
        type("canary", "set", "weight", APP, "v3=5");
        reach(Map.of("reviews-v1", 95, "reviews-v3", 5), Map.of("reviews-v1", 9, "reviews-v3", 1));
    }

    private void apply(Path file, String policy) {
        type("apply", "-f", "manifests/policies/" + file.getFileName());
        Await.until(
                policy + " is enforced",
                STEP_LIMIT,
                () -> cluster.kubectl(
                                "get",
                                "canarypolicy",
                                policy,
                                "--output=jsonpath={.status.conditions[?(@.type==\"Enforced\")].status}")
                        .stdout()
                        .equals("True"),
                () -> cluster.kubectl("get", "canarypolicies").stdout());
    }

    /// Types what must be refused.
    private void refused(String... arguments) {
        out.println("  $ kubectl " + String.join(" ", arguments));
        CommandResult result = cluster.kubectl(arguments);
        if (result.succeeded()) {
            throw new IllegalStateException("was not refused: kubectl " + String.join(" ", arguments));
        }
        out.print(result.stderr().indent(4));
    }

    private void shell(Map<String, String> environment) throws Exception {
        out.println("""

                A shell inside the cluster: KUBECONFIG is set, kubectl and its plugin are on PATH. Try
                  kubectl canary promote reviews --version=v1
                  kubectl canary set weight reviews v3=50
                  kubectl canary status reviews -w
                The end of the shell ends the cluster.
                """);
        ProcessBuilder shell = new ProcessBuilder(environment.getOrDefault("SHELL", "/bin/bash")).inheritIO();
        shell.environment().put("KUBECONFIG", cluster.adminKubeconfig().toString());
        shell.environment().put("PATH", plugin.path());
        shell.start().waitFor();
    }

    /// Waits until the route carries these weights and the Deployments have these replicas, showing what happens.
    private void reach(Map<String, Integer> weights, Map<String, Integer> replicas) {
        Await.until(
                "route " + weights + ", replicas " + replicas,
                STEP_LIMIT,
                () -> {
                    show();
                    return weights().equals(weights)
                            && replicas.entrySet().stream()
                                    .allMatch(e -> e.getValue().equals(ready(e.getKey())))
                            && told(replicas);
                },
                () -> weights() + " " + shown);
        type("canary", "status", APP);
        out.println("    route " + APP + ": " + new TreeMap<>(weights()));
    }

    /// Whether the Release, which is written at most once a second, says so too.
    private boolean told(Map<String, Integer> replicas) {
        Release release = release();
        return release != null
                && release.inForceIsAsked()
                && release.versions().stream()
                        .filter(v -> replicas.containsKey(v.deployment()))
                        .allMatch(v ->
                                v.ready() == v.replicas() && replicas.getOrDefault(v.deployment(), -1) == v.replicas());
    }

    private void show() {
        Release release = release();
        String line = release == null ? "" : ProgressView.line(APP, release);
        if (!line.isEmpty() && !line.equals(shown)) {
            shown = line;
            out.println("  " + seconds() + "  " + line);
        }
    }

    private @Nullable Release release() {
        GenericKubernetesResource found = cluster.client()
                .genericKubernetesResources("canary.io/v1", "Release")
                .inNamespace("default")
                .withName(APP)
                .get();
        return found == null ? null : Releases.facts(found).release();
    }

    private Map<String, Integer> weights() {
        GenericKubernetesResource route = cluster.client()
                .genericKubernetesResources("gateway.networking.k8s.io/v1", "HTTPRoute")
                .inNamespace("default")
                .withName(APP)
                .get();
        Map<String, Integer> weights = new TreeMap<>();
        if (route != null && route.get("spec", "rules", 0, "backendRefs") instanceof List<?> refs) {
            for (Object ref : refs) {
                if (ref instanceof Map<?, ?> map
                        && map.get("weight") instanceof Number weight
                        && weight.intValue() > 0) {
                    weights.put(String.valueOf(map.get("name")), weight.intValue());
                }
            }
        }
        return weights;
    }

    /// Ready pods of a Deployment that has as many as it wants; -1 while it does not.
    private int ready(String deployment) {
        var found = cluster.client()
                .apps()
                .deployments()
                .inNamespace("default")
                .withName(deployment)
                .get();
        int wanted = found.getSpec().getReplicas();
        Integer ready = found.getStatus().getReadyReplicas();
        return wanted == (ready == null ? 0 : ready) ? wanted : -1;
    }

    private void type(String... arguments) {
        List<String> line = new ArrayList<>(List.of("kubectl"));
        for (String argument : arguments) {
            line.add(argument.contains(" ") ? "'" + argument + "'" : argument);
        }
        out.println("  $ " + String.join(" ", line));
        CommandResult result = arguments[0].equals("canary")
                ? plugin.run("", List.of(arguments).subList(1, arguments.length))
                : kubectl(arguments);
        if (!result.succeeded()) {
            throw new IllegalStateException("kubectl " + String.join(" ", arguments) + ": " + result.stderr());
        }
        out.print(result.stdout().indent(4));
        out.print(result.stderr().indent(4));
    }

    private CommandResult kubectl(String... arguments) {
        CommandResult result = cluster.kubectl(arguments);
        if (result.exitCode() != 0) {
            throw new IllegalStateException("kubectl " + String.join(" ", arguments) + ": " + result.stderr());
        }
        return result;
    }

    private void step(String what) {
        out.println("\n" + seconds() + "  " + what);
        out.flush();
    }

    private String seconds() {
        return "%5.1f s".formatted((System.nanoTime() - began) / 1e9);
    }
}
