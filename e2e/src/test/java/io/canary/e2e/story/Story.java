// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import io.canary.domain.app.Release;
import io.canary.e2e.junit.Cluster;
import io.canary.e2e.product.InstalledProduct;
import io.canary.e2e.product.Plugin;
import io.canary.e2e.testbed.Await;
import io.canary.e2e.testbed.CommandResult;
import io.canary.e2e.testbed.PodBehaviour;
import io.canary.e2e.watch.AuditLog;
import io.canary.e2e.watch.Calls;
import io.canary.e2e.watch.InvariantRecorder;
import io.canary.e2e.watch.MeshMode;
import io.canary.e2e.watch.MeshStandIn;
import io.canary.webhook.kube.Releases;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One test's namespace with its user (kubectl), its pods, its mesh, and those who watch: the recorder of every
/// object version and the audit log.
final class Story implements AutoCloseable {
    /// How long anything may take that needs no deadline of the product's to pass. Only failing tests wait so long.
    static final Duration SOON = Duration.ofSeconds(60);

    private final Cluster cluster;
    private final MeshStandIn mesh;
    private final InvariantRecorder recorder;
    private final AuditLog audit;
    private final long auditMark;

    private Story(Cluster cluster, MeshStandIn mesh) {
        this.cluster = cluster;
        this.mesh = mesh;
        this.audit = new AuditLog(cluster.controlPlane().auditLog());
        this.auditMark = audit.mark();
        this.recorder =
                InvariantRecorder.start(cluster.client(), cluster.namespace()).withAudit(audit, InstalledProduct.USER);
    }

    static Story begin(Cluster cluster, MeshStandIn mesh) {
        return new Story(cluster, mesh);
    }

    @Override
    public void close() {
        recorder.close();
    }

    Cluster cluster() {
        return cluster;
    }

    InvariantRecorder recorder() {
        return recorder;
    }

    // ---- what the user does

    /// kubectl in the test's namespace; a failure fails the test. Warnings are on `stderr`.
    CommandResult kubectl(String... arguments) {
        return cluster.kubectl(arguments).orThrow();
    }

    /// kubectl in the test's namespace with `input` on standard input.
    CommandResult kubectlWith(String input, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--namespace=" + cluster.namespace()));
        all.addAll(Arrays.asList(arguments));
        return cluster.controlPlane().kubectl(input, all).orThrow();
    }

    /// The packaged plugin, as the administrator types it.
    Plugin plugin() {
        return Plugin.of(cluster.controlPlane());
    }

    /// `kubectl canary` in the test's namespace.
    CommandResult canary(String... words) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.add("--namespace=" + cluster.namespace());
        return plugin().run("", all);
    }

    /// kubectl in the test's namespace that is expected to be refused; returns what it said.
    String refused(CommandResult result) {
        if (result.succeeded()) {
            throw new AssertionError("was not refused: " + result.stdout() + result.stderr());
        }
        return result.stderr();
    }

    /// `kubectl apply` of all these documents as one file.
    CommandResult apply(String... documents) {
        return tryApply(documents).orThrow();
    }

    CommandResult tryApply(String... documents) {
        return cluster.apply(String.join("\n---\n", documents));
    }

    /// `kubectl replace` of this document, again where somebody wrote the object between its read and its write.
    CommandResult replace(String document) {
        return withFile(document, file -> {
            CommandResult[] last = new CommandResult[1];
            await("the document is replaced", () -> {
                last[0] = cluster.kubectl("replace", "-f", file);
                return !last[0].stderr().contains("the object has been modified");
            });
            return last[0].orThrow();
        });
    }

    /// `kubectl apply --server-side` as a GitOps tool does it, which forces its fields.
    CommandResult applyAs(String fieldManager, String document) {
        return withFile(
                document,
                file -> kubectl(
                        "apply", "--server-side", "--force-conflicts", "--field-manager=" + fieldManager, "-f", file));
    }

    private static CommandResult withFile(String document, Function<String, CommandResult> command) {
        try {
            Path file = Files.createTempFile("canary-story", ".yaml");
            try {
                Files.writeString(file, document);
                return command.apply(file.toString());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// `kubectl patch --type=merge`.
    CommandResult merge(String object, String patch) {
        return kubectl("patch", object, "--type=merge", "--patch=" + patch);
    }

    /// `kubectl patch --type=json`.
    CommandResult patch(String object, String operations) {
        return kubectl("patch", object, "--type=json", "--patch=" + operations);
    }

    /// `kubectl annotate --overwrite`; `key=value` sets, `key-` removes.
    CommandResult annotate(String object, String... edits) {
        List<String> line = new ArrayList<>(List.of("annotate", "--overwrite", object));
        line.addAll(Arrays.asList(edits));
        return kubectl(line.toArray(String[]::new));
    }

    /// Sets a weight in one call: kubectl would take longer than the next edit may be away.
    void weigh(String deployment, String percent) {
        cluster.client()
                .apps()
                .deployments()
                .inNamespace(cluster.namespace())
                .withName(deployment)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"canary.io/weight\": \"%s\"}}}".formatted(percent));
    }

    /// Edits both weights on the first rule of our route, past Canary.
    void editWeights(String app, int first, int second) {
        patch("httproute/" + app, """
                [{"op": "replace", "path": "/spec/rules/0/backendRefs/0/weight", "value": %d},
                 {"op": "replace", "path": "/spec/rules/0/backendRefs/1/weight", "value": %d}]""".formatted(first, second));
    }

    /// Has the garbage collector delete a Deployment: no hook of ours holds that up.
    void collect(String deployment) {
        kubectl("create", "configmap", "owner");
        String uid = kubectl("get", "configmap/owner", "--output=jsonpath={.metadata.uid}")
                .stdout();
        merge("deployment/" + deployment, """
                {"metadata": {"ownerReferences": [
                    {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": "%s"}]}}""".formatted(uid));
        kubectl("delete", "configmap/owner");
    }

    /// Applies the root Service of the first workload's app and all workloads, and waits until their pods are ready.
    void serve(Map<String, String> onService, Workload... workloads) {
        String app = workloads[0].app();
        List<String> documents = new ArrayList<>(List.of(Workload.rootService(app, onService)));
        Arrays.stream(workloads).map(Workload::yaml).forEach(documents::add);
        apply(documents.toArray(String[]::new));
        int pods = Arrays.stream(workloads).mapToInt(Workload::replicas).sum();
        await(pods + " endpoints of Service " + app, () -> recorder.readyEndpoints(app) == pods);
    }

    /// How the present pods of a version behave from now on; new ones follow their template.
    void behave(String version, PodBehaviour how) {
        cluster.behave("version=" + version, how);
    }

    /// Makes the next `count` pods of a version ready that are not.
    void makeReady(String deployment, int count) {
        List<String> unready = pods(deployment).stream()
                .filter(pod -> !Readiness.isPodReady(pod))
                .map(pod -> pod.getMetadata().getName())
                .limit(count)
                .toList();
        if (unready.size() < count) {
            throw new AssertionError("only " + unready + " of " + deployment + " are there and not ready");
        }
        unready.forEach(name -> kubectl("label", "pod", name, "canary.test/step=" + name));
        unready.forEach(name -> cluster.behave("canary.test/step=" + name, PodBehaviour.READY));
    }

    /// How the mesh treats the routes of this namespace from now on.
    void mesh(MeshMode mode) {
        meshOf(cluster.namespace(), mode);
    }

    /// As above, of another namespace.
    void meshOf(String namespace, MeshMode mode) {
        mesh.play(namespace, mode);
    }

    // ---- what there is

    @Nullable
    Release release(String app) {
        GenericKubernetesResource found = cluster.client()
                .genericKubernetesResources("canary.io/v1", "Release")
                .inNamespace(cluster.namespace())
                .withName(app)
                .get();
        return found == null ? null : Releases.facts(found).release();
    }

    /// Whether the Release says `Conflict`.
    boolean inConflict(String app) {
        Release release = release(app);
        return release != null && release.phase() == Release.Phase.CONFLICT;
    }

    /// The shares on the app's route in percent, by version name, those with 0 left out.
    Map<String, Double> shares(String app) {
        Map<String, Double> shares = new TreeMap<>();
        recorder.weights(app).forEach((service, basisPoints) -> {
            if (basisPoints > 0) {
                shares.put(service.substring(app.length() + 1), basisPoints / 100.0);
            }
        });
        return shares;
    }

    /// The different splits that the route called like the app had, as `v1 90 v2 10`, in order.
    List<String> shareHistory(String app) {
        return recorder.weightHistory(app).stream()
                .map(weights -> weights.entrySet().stream()
                        .filter(e -> e.getValue() > 0)
                        .map(e -> e.getKey().substring(app.length() + 1) + " " + percent(e.getValue()))
                        .collect(Collectors.joining(" ")))
                .toList();
    }

    private static String percent(int basisPoints) {
        return basisPoints % 100 == 0 ? Integer.toString(basisPoints / 100) : Double.toString(basisPoints / 100.0);
    }

    GenericKubernetesResource route(String name) {
        return cluster.client()
                .genericKubernetesResources("gateway.networking.k8s.io/v1", "HTTPRoute")
                .inNamespace(cluster.namespace())
                .withName(name)
                .require();
    }

    /// The weights on the first rule of a route as they are written there, by Service.
    Map<String, Integer> refs(String route) {
        Map<String, Integer> refs = new TreeMap<>();
        List<Map<String, Object>> all = route(route).get("spec", "rules", 0, "backendRefs");
        for (Map<String, Object> ref : all) {
            if (ref.get("weight") instanceof Number weight) {
                refs.put(String.valueOf(ref.get("name")), weight.intValue());
            }
        }
        return refs;
    }

    Service service(String name) {
        return cluster.client()
                .services()
                .inNamespace(cluster.namespace())
                .withName(name)
                .require();
    }

    Deployment deployment(String name) {
        return cluster.client()
                .apps()
                .deployments()
                .inNamespace(cluster.namespace())
                .withName(name)
                .require();
    }

    /// The value of an annotation on a Deployment, or null.
    @Nullable
    String annotation(String deployment, String key) {
        Map<String, String> all = deployment(deployment).getMetadata().getAnnotations();
        return all == null ? null : all.get(key);
    }

    /// `spec.replicas` of a Deployment whose ready pods are as many; -1 while they are not.
    int replicas(String deployment) {
        Deployment found = deployment(deployment);
        int wanted = found.getSpec().getReplicas();
        Integer ready = found.getStatus() == null ? null : found.getStatus().getReadyReplicas();
        return wanted == (ready == null ? 0 : ready) ? wanted : -1;
    }

    /// What the Events of one reason say, in no order.
    List<String> events(String reason) {
        return cluster.client().v1().events().inNamespace(cluster.namespace()).list().getItems().stream()
                .filter(event -> reason.equals(event.getReason()))
                .map(Event::getMessage)
                .toList();
    }

    /// The pods of a Deployment that are not being deleted, ready or not.
    long podsOf(String deployment) {
        return pods(deployment).size();
    }

    /// The images of the pods of a Deployment.
    Set<String> imagesOf(String deployment) {
        return pods(deployment).stream()
                .map(pod -> pod.getSpec().getContainers().getFirst().getImage())
                .collect(Collectors.toSet());
    }

    private List<Pod> pods(String deployment) {
        return cluster
                .client()
                .pods()
                .inNamespace(cluster.namespace())
                .withLabels(deployment(deployment).getSpec().getSelector().getMatchLabels())
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    /// The product's calls in this namespace since the test began.
    Calls calls() {
        return audit.since(auditMark).by(InstalledProduct.USER).in(cluster.namespace());
    }

    /// The product's writes in this namespace since the test began, in order, as `patch services order-v1`; without
    /// Events and Releases.
    List<String> writes() {
        return calls().writes().succeeded().except("events", "releases").all().stream()
                .map(call -> call.verb() + " " + call.target() + " " + call.name())
                .toList();
    }

    AuditLog audit() {
        return audit;
    }

    // ---- waiting

    void await(String what, java.util.function.BooleanSupplier condition) {
        Await.until(what, SOON, condition, this::picture);
    }

    /// As [#await], for what the product does only after `delay`.
    void awaitAfter(Duration delay, String what, java.util.function.BooleanSupplier condition) {
        Await.until(what, SOON.plus(delay), condition, this::picture);
    }

    /// Waits until the route carries these shares, in percent by version.
    void awaitShares(String app, Map<String, ? extends Number> percent) {
        Map<String, Double> wanted = new TreeMap<>();
        percent.forEach((version, share) -> wanted.put(version, share.doubleValue()));
        await("shares of " + app + " are " + wanted, () -> shares(app).equals(wanted));
    }

    /// Waits until the route has had these splits, and no others, as [#shareHistory] tells them.
    void awaitShareHistory(String app, String... splits) {
        await(
                "the splits of " + app + " were " + List.of(splits),
                () -> shareHistory(app).equals(List.of(splits)));
    }

    /// Waits until `spec.replicas` of a Deployment has had these values, and no others.
    void awaitReplicaHistory(String deployment, Integer... values) {
        await(
                "replicas of " + deployment + " were " + List.of(values),
                () -> recorder.replicaHistory(deployment).equals(List.of(values)));
    }

    /// Waits until these Deployments want, and have ready, so many pods.
    void awaitReplicas(Map<String, Integer> byDeployment) {
        await(
                "replicas are " + new TreeMap<>(byDeployment),
                () -> byDeployment.entrySet().stream().allMatch(e -> e.getValue() == replicas(e.getKey())));
    }

    /// Waits until the Release says so, and returns it.
    Release awaitRelease(String app, String what, Predicate<Release> condition) {
        await("the Release of " + app + " says: " + what, () -> {
            Release release = release(app);
            return release != null && condition.test(release);
        });
        return java.util.Objects.requireNonNull(release(app));
    }

    Release awaitPhase(String app, Release.Phase phase) {
        return awaitRelease(app, phase.text(), release -> release.phase() == phase);
    }

    /// Waits until an Event of this reason says this.
    void awaitEvent(String reason, String text) {
        await("an Event " + reason + ": " + text, () -> events(reason).stream().anyMatch(e -> e.contains(text)));
    }

    /// Waits until a version has had ready endpoints without a break for so long.
    void awaitReadyFor(String service, Duration time) {
        long[] since = {System.nanoTime()};
        Await.until(service + " is ready for " + time, SOON.plus(time), () -> {
            if (recorder.readyEndpoints(service) == 0) {
                since[0] = System.nanoTime();
            }
            return System.nanoTime() - since[0] >= time.toNanos();
        });
    }

    /// Waits until the product has written nothing here for a while, and returns its writes here since the test
    /// began.
    Calls awaitQuiet(Duration quiet) {
        return audit.awaitQuiet(
                auditMark,
                c -> c.isWrite()
                        && c.user().equals(InstalledProduct.USER)
                        && c.namespace().equals(cluster.namespace()),
                quiet,
                Duration.ofMinutes(3));
    }

    /// What a person would look at, for messages of failed waits.
    String picture() {
        return cluster.kubectl("get", "releases", "-o", "wide").stdout() + "\n"
                + cluster.kubectl("get", "deployments,services,httproutes,pods").stdout() + "\n"
                + recorder.timelineText();
    }
}
