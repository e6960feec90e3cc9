// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import io.canary.e2e.testbed.TestAuthority.Credentials;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A cluster of plain processes: etcd, API server, controller manager, scheduler and KWOK.
///
/// One at a time in a network namespace (its ports are fixed); `e2e/testbed` makes the namespace.
public final class ControlPlane implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final int PROCESS_NODES = 3;

    private final Binaries binaries;
    private final Settings settings;
    private final ClusterFiles files;
    private final TestAuthority authority = new TestAuthority("canary-testbed");
    private final Map<Component, ComponentProcess> components = new EnumMap<>(Component.class);
    private final Map<String, Duration> startTimes = Collections.synchronizedMap(new LinkedHashMap<>());
    private final Health health;
    private final GatewayApi gatewayApi;
    private @Nullable KubernetesClient client;
    private @Nullable ProcessKubelet processes;
    private @Nullable GatewayController gateways;
    private @Nullable MetricsApi metrics;
    private @Nullable ComponentProcess secondApiServer;

    /// A cluster that keeps its files in `work`; an older cluster's files there are deleted.
    public ControlPlane(Binaries binaries, Path work, Settings settings) {
        this.binaries = binaries;
        this.settings = settings;
        this.files = new ClusterFiles(work.toAbsolutePath());
        this.health = new Health(authority.certificatePem());
        this.gatewayApi = new GatewayApi(this, binaries);
        for (var component : Component.values()) {
            var line = CommandLines.of(component, binaries, files, settings);
            components.put(component, new ComponentProcess(line, files.log(component.program())));
        }
    }

    /// Returns when pods can be created; a start that fails ends what was started.
    public ControlPlane start() {
        try {
            timed("files", this::writeFiles);
            timed("etcd", () -> startAndWait(Component.ETCD));
            timed("API server", this::startApiServer);
            timed("controllers and nodes", this::startControllers);
            if (settings.gatewayApi()) {
                timed("Gateway API", gatewayApi::install);
            }
            return this;
        } catch (RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    /// How long each step of the start took, in order.
    public Map<String, Duration> startTimes() {
        return Collections.unmodifiableMap(startTimes);
    }

    /// The administrator's client, shared; do not close it.
    public KubernetesClient client() {
        return Objects.requireNonNull(client, "the cluster was not started");
    }

    /// A client of its own for any user, who has only the rights that RBAC grants; close it after use.
    public KubernetesClient newClient(ClusterUser user) {
        var config = new ConfigBuilder(Config.fromKubeconfig(read(kubeconfig(user))))
                .withOnlyHttpWatches(true)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    public Path adminKubeconfig() {
        return kubeconfig(ClusterUser.ADMIN);
    }

    /// A kubeconfig for any user, written at the first call.
    public synchronized Path kubeconfig(ClusterUser user) {
        var path = files.kubeconfig(user.name());
        if (!Files.exists(path)) {
            write(path, Kubeconfig.of(user, authority.client(user), authority.certificatePem()));
        }
        return path;
    }

    /// Runs kubectl as the administrator.
    public CommandResult kubectl(String... arguments) {
        return kubectl("", arguments);
    }

    /// Runs kubectl with `input` as its standard input, for `apply -f -`.
    public CommandResult kubectl(String input, List<String> arguments) {
        return kubectl(input, arguments.toArray(String[]::new));
    }

    private CommandResult kubectl(String input, String[] arguments) {
        var line = new ArrayList<String>();
        line.add(binaries.program("kubectl").toString());
        Collections.addAll(line, arguments);
        return new Command(line, kubectlEnvironment(), input).run();
    }

    /// What kubectl needs to know, its cache of what the server offers included: other clusters had this address.
    public Map<String, String> kubectlEnvironment() {
        return Map.of(
                "KUBECONFIG", adminKubeconfig().toString(),
                "KUBECACHEDIR", files.kubectlCache().toString());
    }

    /// Whether the API server tells its clients of a resource.
    ///
    /// @param version of its API, as `gateway.networking.k8s.io/v1`
    public boolean serves(String version, String plural) {
        var resources = client().getApiResources(version);
        return resources != null
                && resources.getResources().stream()
                        .anyMatch(resource -> resource.getName().equals(plural));
    }

    public GatewayApi gatewayApi() {
        return gatewayApi;
    }

    /// The kubelet whose pods are processes; it and its nodes are there from the first call on.
    public synchronized ProcessKubelet processes() {
        if (processes == null) {
            processes = new ProcessKubelet(this, PROCESS_NODES).start();
        }
        return processes;
    }

    /// The controller and data plane of Gateways; it runs from the first call on. It needs the Gateway API.
    public synchronized GatewayController gateways() {
        if (gateways == null) {
            gateways = binaries.gateways().isPresent()
                    ? new Contour(this, files, binaries.gateways().get()).start()
                    : new Traefik(this, files).start();
        }
        return gateways;
    }

    /// What autoscalers measure by; served from the first call on.
    public synchronized MetricsApi metrics() {
        if (metrics == null) {
            metrics = MetricsApi.start(this);
        }
        return metrics;
    }

    /// Starts another API server beside the first, unless it runs, and answers its address. Its audit log is its
    /// own: what reads [#auditLog()] does not see its calls.
    public synchronized String secondApiServer() {
        if (secondApiServer == null) {
            var line = CommandLines.secondApiServer(binaries, files, settings);
            var process = new ComponentProcess(line, files.log("kube-apiserver-2"));
            process.start();
            secondApiServer = process;
            Await.until(
                    "the second API server is healthy",
                    START_LIMIT,
                    () -> health.apiServer(Addresses.SECOND_API_SERVER),
                    () -> process.logTail(20));
        }
        return Addresses.SECOND_API_SERVER;
    }

    /// SIGKILL to the API server beside the first; the next call of [#secondApiServer()] starts another.
    public synchronized void killSecondApiServer() {
        if (secondApiServer != null) {
            secondApiServer.kill();
            secondApiServer = null;
        }
    }

    /// Makes all pods behave so from now on; their template is left alone, new pods follow that. What
    /// `PodBehaviour.deletedAfter` said before stays.
    public void behave(String namespace, String labelSelector, PodBehaviour behaviour) {
        var annotated = new PodBuilder()
                .withNewMetadata()
                .withAnnotations(behaviour.annotations())
                .endMetadata()
                .build();
        var patch = Serialization.asJson(annotated);
        var pods = client().pods().inNamespace(namespace);
        pods.withLabelSelector(labelSelector).list().getItems().parallelStream().forEach(pod -> {
            try {
                pods.withName(pod.getMetadata().getName()).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) { // gone meanwhile
                    throw e;
                }
            }
        });
    }

    /// The API server's audit log: a JSON event a line, level Metadata, stage ResponseComplete.
    public Path auditLog() {
        return files.auditLog();
    }

    public Path logFile(Component component) {
        return files.log(component.program());
    }

    /// The cluster's work folder: logs, certificates, etcd's data.
    public Path folder() {
        return files.folder();
    }

    public Binaries binaries() {
        return binaries;
    }

    public TestAuthority authority() {
        return authority;
    }

    /// Freezes it; connections stay open, nobody answers.
    public void stop(Component component) {
        process(component).signal(Signal.STOP);
    }

    public void cont(Component component) {
        process(component).signal(Signal.CONT);
    }

    /// SIGKILL; returns when it is gone.
    public void kill(Component component) {
        process(component).kill();
    }

    /// Starts it, killed before if it runs, with the same files; returns when it is healthy again.
    public void restart(Component component) {
        kill(component);
        startAndWait(component);
    }

    public long pid(Component component) {
        return process(component).pid();
    }

    public boolean alive(Component component) {
        return process(component).alive();
    }

    /// Ends all processes; the files stay.
    @Override
    public synchronized void close() {
        if (gateways != null) {
            gateways.close();
        }
        if (metrics != null) {
            metrics.close();
        }
        if (processes != null) {
            processes.close();
        }
        if (client != null) {
            client.close();
        }
        killSecondApiServer();
        for (var component : List.of(Component.values()).reversed()) {
            kill(component);
        }
    }

    // The client's classes take as long to load as the API server takes to start.
    private void startApiServer() {
        process(Component.API_SERVER).start();
        client = newClient(ClusterUser.ADMIN);
        awaitHealthy(Component.API_SERVER);
    }

    private void startControllers() {
        var controllers = List.of(Component.CONTROLLER_MANAGER, Component.SCHEDULER, Component.KWOK);
        controllers.forEach(component -> process(component).start());
        Nodes.createKwok(client(), settings.nodes());
        controllers.forEach(this::awaitHealthy);
        Await.until(
                "the nodes are ready",
                START_LIMIT,
                () -> client().nodes().list().getItems().stream().allMatch(Nodes::ready));
        Await.until(
                "the default ServiceAccount is there",
                START_LIMIT,
                () -> client().serviceAccounts()
                                .inNamespace("default")
                                .withName("default")
                                .get()
                        != null);
    }

    private void startAndWait(Component component) {
        process(component).start();
        awaitHealthy(component);
    }

    private void awaitHealthy(Component component) {
        Await.until(component.program() + " is healthy", START_LIMIT, () -> {
            if (!alive(component)) {
                throw new IllegalStateException(component.program() + " ended; its log says:\n"
                        + process(component).logTail(20));
            }
            return health.healthy(component);
        });
    }

    private ComponentProcess process(Component component) {
        return Objects.requireNonNull(components.get(component));
    }

    private void writeFiles() {
        new FreshFolder(files.folder()).make();
        List<String> addresses = new ArrayList<>(PodAddresses.all());
        addresses.addAll(List.of(Addresses.API_SERVER_HOST, Addresses.KUBERNETES_SERVICE, "127.0.0.1"));
        Credentials serving = authority.serving(
                List.of("kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost"), addresses);
        write(files.certificateAuthority(), authority.certificatePem());
        write(files.servingCertificate(), serving.certificate());
        write(files.servingKey(), serving.key());
        var keys = TestAuthority.keys();
        write(files.serviceAccountKey(), keys.privateKey());
        write(files.serviceAccountPublicKey(), keys.publicKey());
        write(files.auditPolicy(), AUDIT_POLICY);
        write(files.hookCaller(), Kubeconfig.ofHookCaller(authority.client(ClusterUser.HOOK_CALLER)));
        write(files.admission(), admission(files.hookCaller()));
        write(files.podStages(), PodStages.yaml());
        List.of(ClusterUser.ADMIN, ClusterUser.CONTROLLER_MANAGER, ClusterUser.SCHEDULER, ClusterUser.KWOK)
                .forEach(this::kubeconfig);
    }

    private static final String AUDIT_POLICY = """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            rules:
            - level: Metadata
            """;

    // Hooks that ask for a certificate are shown one; the others do not notice.
    private static String admission(Path kubeconfig) {
        return """
                apiVersion: apiserver.config.k8s.io/v1
                kind: AdmissionConfiguration
                plugins:
                - name: MutatingAdmissionWebhook
                  configuration:
                    apiVersion: apiserver.config.k8s.io/v1
                    kind: WebhookAdmissionConfiguration
                    kubeConfigFile: %1$s
                - name: ValidatingAdmissionWebhook
                  configuration:
                    apiVersion: apiserver.config.k8s.io/v1
                    kind: WebhookAdmissionConfiguration
                    kubeConfigFile: %1$s
                """.formatted(kubeconfig);
    }

    private void timed(String step, Runnable work) {
        var began = System.nanoTime();
        work.run();
        startTimes.put(step, Duration.ofNanos(System.nanoTime() - began));
    }

    private static void write(Path path, String text) {
        try {
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
