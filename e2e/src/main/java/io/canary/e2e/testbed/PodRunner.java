// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import io.canary.e2e.testbed.PodStatuses.View;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One process pod from binding to deletion; runs on a thread of its own, which alone writes the pod's status.
final class PodRunner {
    private static final Logger LOG = LoggerFactory.getLogger(PodRunner.class);
    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
    private static final Duration TOKEN_LIFE = Duration.ofHours(1);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final long DEFAULT_GRACE = 30;

    // The pod's own /run, with the token in it, for this process alone; then the command itself, with the same pid.
    private static final String OWN_RUN = """
            mount --bind "$0" /run && { [ -L /var/run ] || mount --bind "$0" /var/run; } && exec "$@\"""";

    private final KubernetesClient client;
    private final Pod pod;
    private final Container container;
    private final PodFolder folder;
    private final Images images;
    private final PodAddresses addresses;
    private final String podIp;
    private final String startTime = PodStatuses.now();
    private final Semaphore wake = new Semaphore(0);

    private volatile @Nullable Long graceSeconds;
    private volatile boolean abandoned;
    private volatile @Nullable Process process;
    private Instant tokenUntil = Instant.MIN;
    private @Nullable View written;
    private int restarts;

    PodRunner(KubernetesClient client, Pod pod, PodFolder folder, Images images, PodAddresses addresses) {
        this.client = client;
        this.pod = pod;
        this.container = pod.getSpec().getContainers().getFirst();
        this.folder = folder;
        this.images = images;
        this.addresses = addresses;
        this.podIp = addresses.take();
    }

    /// Tells the runner what the API now says of its pod.
    void observe(Pod seen) {
        if (seen.getMetadata().getDeletionTimestamp() != null) {
            graceSeconds =
                    Objects.requireNonNullElse(seen.getMetadata().getDeletionGracePeriodSeconds(), DEFAULT_GRACE);
            wake.release();
        }
    }

    /// The pod is gone from the API, or the kubelet ends: the process is killed, nothing is written any more.
    void abandon() {
        abandoned = true;
        var current = process;
        if (current != null) {
            current.destroyForcibly();
        }
        wake.release();
    }

    boolean is(String namespace, String name) {
        return pod.getMetadata().getNamespace().equals(namespace)
                && pod.getMetadata().getName().equals(name);
    }

    long pid() {
        var current = process;
        if (current == null) {
            throw new IllegalStateException("the pod " + pod.getMetadata().getName() + " has no process yet");
        }
        return current.pid();
    }

    Path log() {
        return folder.log();
    }

    void run() {
        try {
            folder.make();
            write("Pending", false, PodStatuses.waiting("ContainerCreating", ""));
            var backoff = FIRST_BACKOFF;
            while (!ending()) {
                var began = Instant.now();
                var started = start();
                if (started == null) {
                    sleep(RETRY);
                    continue;
                }
                supervise(started);
                if (ending()) {
                    break;
                }
                restarts++;
                write("Running", false, PodStatuses.waiting("CrashLoopBackOff", "exit code " + started.exitValue()));
                if (Duration.between(began, Instant.now()).compareTo(LONGEST_BACKOFF) > 0) {
                    backoff = FIRST_BACKOFF;
                }
                sleep(backoff);
                backoff = backoff.multipliedBy(2).compareTo(LONGEST_BACKOFF) < 0
                        ? backoff.multipliedBy(2)
                        : LONGEST_BACKOFF;
            }
            end();
        } catch (RuntimeException e) {
            LOG.error("A process pod cannot be run: {}", pod.getMetadata().getName(), e);
            abandon();
        } finally {
            addresses.free(podIp);
        }
    }

    private boolean ending() {
        return abandoned || graceSeconds != null;
    }

    /// Starts the process; without one, the status says what is missing.
    private @Nullable Process start() {
        List<String> command;
        try {
            command = command();
            refreshToken();
        } catch (IllegalArgumentException e) {
            write("Pending", false, PodStatuses.waiting("ErrImagePull", Objects.toString(e.getMessage())));
            return null;
        } catch (KubernetesClientException e) {
            write("Pending", false, PodStatuses.waiting("CreateContainerError", Objects.toString(e.getMessage())));
            return null;
        }
        var line = new ArrayList<>(
                List.of("unshare", "--mount", "sh", "-c", OWN_RUN, folder.run().toString()));
        line.addAll(command);
        var builder = new ProcessBuilder(line)
                .directory(folder.home().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.log().toFile()));
        builder.environment().clear();
        builder.environment().putAll(PodEnvironment.of(pod, container, podIp, folder));
        try {
            var started = builder.start();
            process = started;
            var _ = started.onExit().thenRun(wake::release);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command, e);
        }
    }

    private List<String> command() {
        var command = new ArrayList<String>(container.getCommand());
        if (command.isEmpty()) {
            command.addAll(images.entrypoint(container.getImage()));
        }
        if (command.isEmpty()) {
            throw new IllegalArgumentException("nothing is known of the image " + container.getImage());
        }
        command.addAll(container.getArgs());
        return command;
    }

    /// Probes until the process or the pod ends.
    private void supervise(Process running) {
        var readiness = ContainerProbe.readiness(container, podIp);
        var liveness = ContainerProbe.liveness(container, podIp);
        write("Running", false, PodStatuses.running());
        while (running.isAlive() && !ending()) {
            var ready = readiness.passes();
            if (!liveness.passes()) {
                LOG.info("A process pod does not live: {}", pod.getMetadata().getName());
                running.destroyForcibly();
                write("Running", false, PodStatuses.running());
                running.onExit().join();
                return;
            }
            if (running.isAlive() && !ending()) {
                var done = write("Running", ready, PodStatuses.running()) && tokenIsFresh();
                sleep(done ? readiness.pause() : RETRY);
            }
        }
    }

    private void end() {
        var current = process;
        if (current != null && current.isAlive() && !abandoned) {
            current.destroy();
            var deadline = System.nanoTime()
                    + TimeUnit.SECONDS.toNanos(Objects.requireNonNullElse(graceSeconds, DEFAULT_GRACE));
            while (current.isAlive() && !abandoned && System.nanoTime() - deadline < 0) {
                sleep(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
            }
        }
        if (current != null) {
            current.destroyForcibly().onExit().join();
        }
        if (!abandoned) {
            delete();
        }
    }

    private void delete() {
        while (!abandoned) {
            try {
                resource().withGracePeriod(0).delete();
                return;
            } catch (KubernetesClientException e) {
                LOG.info(
                        "A pod's end was not written: {}: {}", pod.getMetadata().getName(), e.getMessage());
                sleep(RETRY);
            }
        }
    }

    /// A token bound to the pod, fetched anew when half of its life is over.
    private void refreshToken() {
        if (Instant.now().isBefore(tokenUntil)
                || Boolean.FALSE.equals(pod.getSpec().getAutomountServiceAccountToken())) {
            return;
        }
        var metadata = pod.getMetadata();
        var request = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(TOKEN_LIFE.toSeconds())
                .withNewBoundObjectRef("v1", "Pod", metadata.getName(), metadata.getUid())
                .endSpec()
                .build();
        var token = client.serviceAccounts()
                .inNamespace(metadata.getNamespace())
                .withName(pod.getSpec().getServiceAccountName())
                .tokenRequest(request)
                .getStatus()
                .getToken();
        folder.writeServiceAccount("token", token);
        folder.writeServiceAccount("namespace", metadata.getNamespace());
        folder.writeServiceAccount("ca.crt", authority());
        tokenUntil = Instant.now().plus(TOKEN_LIFE.dividedBy(2));
    }

    // The controller manager publishes it in every namespace, moments after the namespace is there.
    private String authority() {
        var published = client.configMaps()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName("kube-root-ca.crt")
                .get();
        if (published == null) {
            throw new KubernetesClientException("the ConfigMap kube-root-ca.crt is not there yet");
        }
        return Objects.requireNonNull(published.getData().get("ca.crt"));
    }

    private boolean tokenIsFresh() {
        try {
            refreshToken();
            return true;
        } catch (KubernetesClientException e) {
            LOG.info("A pod's token was not renewed: {}: {}", pod.getMetadata().getName(), e.getMessage());
            return false;
        }
    }

    /// Writes the status where it differs; false when the API server did not take it.
    private boolean write(String phase, boolean ready, ContainerState state) {
        var view = new View(container, podIp, phase, ready, restarts, state);
        if (abandoned || sameAsWritten(view)) {
            return true;
        }
        try {
            resource()
                    .subresource("status")
                    .patch(
                            PatchContext.of(PatchType.STRATEGIC_MERGE),
                            Serialization.asJson(PodStatuses.patch(view, startTime)));
            written = view;
            return true;
        } catch (KubernetesClientException e) {
            LOG.info("A pod's status was not written: {}: {}", pod.getMetadata().getName(), e.getMessage());
            return false;
        }
    }

    private boolean sameAsWritten(View view) {
        var before = written;
        return before != null
                && before.ready() == view.ready()
                && before.phase().equals(view.phase())
                && before.restarts() == view.restarts()
                && (before.state().getRunning() == null) == (view.state().getRunning() == null)
                && Objects.equals(before.state().getWaiting(), view.state().getWaiting());
    }

    private PodResource resource() {
        return client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName());
    }

    /// Waits, but no longer than until something happens.
    private void sleep(Duration limit) {
        try {
            if (wake.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                wake.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abandoned = true;
        }
    }
}
