// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.demo;

import io.canary.domain.app.Release;
import io.canary.domain.progress.ProgressView;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.testbed.Await;
import io.canary.e2e.testbed.CommandResult;
import io.canary.webhook.kube.Releases;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The seed's story, told while it happens; any step that does not happen ends it by an exception.
final class DemoStory {
    private static final String APP = "reviews";
    private static final Duration STEP_LIMIT = Duration.ofMinutes(5);

    private final DemoCluster cluster;
    private final PrintStream out;
    private final long began = System.nanoTime();
    private String shown = "";

    DemoStory(DemoCluster cluster, PrintStream out) {
        this.cluster = cluster;
        this.out = out;
    }

    /// @param registry where bookinfo's images are, as `istio` of `istio/examples-bookinfo-reviews-v1:1.18.0`
    void bookinfo(String registry) {
        step("Applying bookinfo: details, ratings, reviews v1 v2 v3, productpage");
        String text = read(InstalledProduct.root().resolve("manifests/samples/bookinfo/bookinfo.yaml"));
        cluster.kubectl(text.replace("image: istio/", "image: " + registry + "/"), List.of("apply", "-f", "-"))
                .orThrow();
        kubectl("wait", "--for=condition=Available", "deployment", "--all", "--timeout=300s");
        out.println(kubectl("get", "deployments").stdout().indent(4));
    }

    /// The whole story, or a shell where `INTERACTIVE` is set.
    void tellOrHandOver(Map<String, String> environment) throws IOException, InterruptedException {
        if (environment.getOrDefault("INTERACTIVE", "").isEmpty()) {
            tell();
        } else {
            shell(environment.getOrDefault("SHELL", "/bin/bash"));
        }
    }

    private void tell() {
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
        type("label", "namespace", cluster.namespace(), "env=prod");
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
        String name = cluster.policy(policy);
        if (name.equals(policy)) {
            type("apply", "-f", "manifests/policies/" + file.getFileName());
        } else {
            out.println("  $ kubectl apply -f -   # " + file.getFileName() + ", about this namespace alone");
            out.print(cluster.kubectl(cluster.limited(read(file)), List.of("apply", "-f", "-"))
                    .orThrow()
                    .stdout()
                    .indent(4));
        }
        Await.until(
                name + " is enforced",
                STEP_LIMIT,
                () -> cluster.kubectl(
                                "get",
                                "canarypolicy",
                                name,
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

    private void shell(String shell) throws IOException, InterruptedException {
        out.println("""

                A shell with the cluster: KUBECONFIG is set, kubectl and its plugin are on PATH. Try
                  kubectl canary promote reviews --version=v1
                  kubectl canary set weight reviews v3=50
                  kubectl canary status reviews -w
                With the shell the demo ends, and what it made.
                """);
        ProcessBuilder builder = new ProcessBuilder(shell).inheritIO();
        builder.environment().putAll(cluster.environment());
        builder.start().waitFor();
    }

    /// Waits until the route carries these weights and the Deployments have these replicas, showing what happens.
    /// Where no controller accepts the route, traffic follows the pods, and it is they that are waited for.
    private void reach(Map<String, Integer> weights, Map<String, Integer> replicas) {
        Await.until(
                "route " + weights + ", replicas " + replicas,
                STEP_LIMIT,
                () -> {
                    show();
                    return (weights().equals(weights) || byPods())
                            && replicas.entrySet().stream()
                                    .allMatch(e -> e.getValue().equals(ready(e.getKey())))
                            && told(replicas);
                },
                () -> weights() + " " + shown);
        type("canary", "status", APP);
        out.println(
                byPods()
                        ? "    no route is accepted: traffic follows the pods"
                        : "    route " + APP + ": " + weights());
    }

    private boolean byPods() {
        Release release = release();
        return release != null && release.mode() == Release.Mode.REPLICA;
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
                .inNamespace(cluster.namespace())
                .withName(APP)
                .get();
        return found == null ? null : Releases.facts(found).release();
    }

    private Map<String, Integer> weights() {
        GenericKubernetesResource route = cluster.client()
                .genericKubernetesResources("gateway.networking.k8s.io/v1", "HTTPRoute")
                .inNamespace(cluster.namespace())
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
                .inNamespace(cluster.namespace())
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
        CommandResult result = kubectl(arguments);
        out.print(result.stdout().indent(4));
        out.print(result.stderr().indent(4));
    }

    private CommandResult kubectl(String... arguments) {
        CommandResult result = cluster.kubectl(arguments);
        if (!result.succeeded()) {
            throw new IllegalStateException("kubectl " + String.join(" ", arguments) + ": " + result.stderr());
        }
        return result;
    }

    void step(String what) {
        out.println("\n" + seconds() + "  " + what);
        out.flush();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String seconds() {
        return "%5.1f s".formatted((System.nanoTime() - began) / 1e9);
    }
}
