// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.product;

import io.canary.e2e.junit.Product;
import io.canary.e2e.testbed.Await;
import io.canary.e2e.testbed.ControlPlane;
import io.canary.e2e.testbed.Nodes;
import io.canary.e2e.testbed.Signal;
import io.canary.e2e.watch.AuditLog;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Canary, installed from `manifests/` as anybody would: its ServiceAccount, its rights, its Service, its webhook
/// configurations. Its pods are JVMs on pod addresses; one replica, as the machine is small.
public final class InstalledProduct implements Product {
    public static final String NAMESPACE = "canary-system";
    public static final String DEPLOYMENT = "canary-webhook";

    /// How the API server and its audit log call it.
    public static final String USER = "system:serviceaccount:canary-system:canary";

    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    /// The taint of nodes whose pods are processes; the product tolerates it, so that it runs there.
    public static final String NODE_TAINT = Nodes.PROCESS_TAINT;

    /// The property that says under which name, in `target/rights`, to leave what was used of the product's rights.
    private static final String RIGHTS = "canary.rights";

    private final int replicas;
    private @Nullable ControlPlane installedIn;

    public InstalledProduct() {
        this(1);
    }

    public InstalledProduct(int replicas) {
        this.replicas = replicas;
    }

    @Override
    public void start(ControlPlane cluster) {
        installedIn = cluster;
        cluster.processes().provide("canary/webhook", command());
        install(cluster);
        awaitReady(cluster);
    }

    /// Applies all manifests, as after somebody has taken some of it out.
    public void install(ControlPlane cluster) {
        manifests().forEach(file -> apply(cluster, file));
    }

    /// Waits until every replica is ready and the API server reaches it: a key that does not exist is refused.
    public void awaitReady(ControlPlane cluster) {
        Await.until(
                "Canary is ready",
                START_LIMIT,
                () -> ready(cluster),
                () -> cluster.kubectl("get", "pods", "-n", NAMESPACE).stdout());
        Await.until(
                "the webhook answers",
                START_LIMIT,
                () -> probe(cluster).contains("did you mean"),
                () -> probe(cluster));
    }

    /// Kills every process of the product (SIGKILL); its kubelet starts it anew, as a node would.
    public void kill(ControlPlane cluster) {
        pods(cluster)
                .forEach(pod ->
                        cluster.processes().signal(NAMESPACE, pod.getMetadata().getName(), Signal.KILL));
    }

    /// Sets how many replicas run; 0 is a dead webhook.
    public void scale(ControlPlane cluster, int count) {
        cluster.client()
                .apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName(DEPLOYMENT)
                .scale(count);
        Await.until(
                "Canary has " + count + " pods",
                START_LIMIT,
                () -> pods(cluster).size() == count);
    }

    /// Sets environment variables of the product, or takes those out whose value is empty; returns when no pod without
    /// that change is left.
    public void environment(ControlPlane cluster, Map<String, String> variables) {
        rollOut(
                cluster,
                "set env",
                variables.entrySet().stream()
                        .map(e -> e.getValue().isEmpty() ? e.getKey() + "-" : e.getKey() + "=" + e.getValue())
                        .toArray(String[]::new));
        Await.until("those before are gone", START_LIMIT, () -> pods(cluster).size() == replicas);
    }

    /// Types a command about the product's Deployment, and waits for its rollout.
    ///
    /// @param verb as `set image`
    /// @param changes what follows the Deployment
    public void rollOut(ControlPlane cluster, String verb, String... changes) {
        List<String> line = new ArrayList<>(List.of(verb.split(" ", -1)));
        line.addAll(List.of("deployment/" + DEPLOYMENT, "--namespace=" + NAMESPACE));
        line.addAll(List.of(changes));
        cluster.kubectl(line.toArray(String[]::new)).orThrow();
        cluster.kubectl("rollout", "status", "deployment/" + DEPLOYMENT, "--namespace=" + NAMESPACE, "--timeout=4m")
                .orThrow();
    }

    public List<Pod> pods(ControlPlane cluster) {
        return cluster.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/name", DEPLOYMENT)
                .list()
                .getItems();
    }

    @Override
    public void close() {
        // The control plane's end ends the processes too.
        String name = System.getProperty(RIGHTS);
        ControlPlane cluster = installedIn;
        if (name != null && cluster != null) {
            try {
                Path file = Path.of("target", "rights", name);
                Files.createDirectories(file.getParent());
                Files.write(file, new AuditLog(cluster.auditLog()).rights(USER));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private boolean ready(ControlPlane cluster) {
        Deployment deployment = cluster.client()
                .apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName(DEPLOYMENT)
                .get();
        Integer ready = deployment == null || deployment.getStatus() == null
                ? null
                : deployment.getStatus().getReadyReplicas();
        return ready != null && ready == replicas;
    }

    /// What a dry run is told: only our hooks refuse it by `did you mean`.
    public static String probe(ControlPlane cluster) {
        return cluster.kubectl("""
                        apiVersion: v1
                        kind: Service
                        metadata: {name: canary-probe, namespace: default, annotations: {canary.io/probe: ""}}
                        spec: {ports: [{port: 1}]}
                        """, List.of("apply", "--dry-run=server", "-f", "-"))
                .stderr();
    }

    private void apply(ControlPlane cluster, Path file) {
        String text = read(file);
        if (text.contains("kind: Deployment")) {
            cluster.client().load(stream(text)).items().forEach(item -> {
                if (item instanceof Deployment deployment) {
                    cluster.client()
                            .resource(onProcessNodes(deployment))
                            .forceConflicts()
                            .serverSideApply();
                } else {
                    cluster.client().resource(item).forceConflicts().serverSideApply();
                }
            });
        } else {
            var result = cluster.kubectl(text, List.of("apply", "--server-side", "--force-conflicts", "-f", "-"));
            if (result.exitCode() != 0) {
                throw new IllegalStateException(file + ": " + result.stderr());
            }
        }
        if (text.contains("kind: CustomResourceDefinition")) {
            cluster.kubectl(text, List.of("wait", "--for=condition=Established", "--timeout=30s", "-f", "-"));
        }
    }

    private Deployment onProcessNodes(Deployment deployment) {
        return new DeploymentBuilder(deployment)
                .editSpec()
                .withReplicas(replicas)
                .editTemplate()
                .editSpec()
                .addToNodeSelector("type", "process")
                .addNewToleration()
                .withKey(Nodes.PROCESS_TAINT)
                .withOperator("Exists")
                .endToleration()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private static java.io.InputStream stream(String text) {
        return new java.io.ByteArrayInputStream(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static List<Path> manifests() {
        try (Stream<Path> files = Files.list(root().resolve("manifests/base"))) {
            return files.filter(file -> file.getFileName().toString().matches("[0-9]{2}-.*\\.yaml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The project's root: the folder with `manifests/`, seen from the root or from a module.
    public static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.isDirectory(here.resolve("manifests")) ? here : Objects.requireNonNull(here.getParent());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What another build's image starts: the same jars from a folder of their own, and no AOT cache.
    public static List<String> copy(Path folder) {
        Path target = target();
        try (Stream<Path> libraries = Files.list(target.resolve("lib"))) {
            Files.createDirectories(folder.resolve("lib"));
            Files.copy(jar(target), folder.resolve("canary-webhook-next.jar"), StandardCopyOption.REPLACE_EXISTING);
            for (Path library : libraries.toList()) {
                Files.copy(
                        library,
                        folder.resolve("lib").resolve(library.getFileName()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return command(folder);
    }

    /// What the image starts, from the packaged jars; the JVM's other options are the manifest's.
    public static List<String> command() {
        return command(target());
    }

    private static Path target() {
        return root().resolve("webhook").resolve("target");
    }

    private static List<String> command(Path target) {
        Path cache = target.resolve("canary.aot");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Files.exists(cache)) {
            command.add("-XX:AOTCache=" + cache);
        }
        command.addAll(
                List.of("-cp", jar(target) + ":" + target.resolve("lib") + "/*", "io.canary.webhook.WebhookMain"));
        return command;
    }

    private static Path jar(Path target) {
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> file.getFileName().toString().matches("canary-webhook-.*\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("the webhook is not packaged; run: make build"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
