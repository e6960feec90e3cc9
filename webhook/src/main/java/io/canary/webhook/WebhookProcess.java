// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import io.canary.certs.Credentials;
import io.canary.certs.ServiceIdentity;
import io.canary.webhook.admission.AdmissionLimits;
import io.canary.webhook.admission.AdmissionMetrics;
import io.canary.webhook.admission.AdmissionServer;
import io.canary.webhook.admission.Clients;
import io.canary.webhook.admission.WarmUp;
import io.canary.webhook.certificates.CertificateCare;
import io.canary.webhook.certificates.ClientAuthorityFile;
import io.canary.webhook.health.ProbeServer;
import io.canary.webhook.health.Readiness;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything that runs in one process, in the order in which it starts and ends.
public final class WebhookProcess {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookProcess.class);

    private final Vertx vertx;
    private final WebhookConfig config;
    private final ServiceIdentity identity;
    private final ProcessMetrics metrics = new ProcessMetrics();
    private final AdmissionMetrics admissionMetrics = new AdmissionMetrics(metrics.registry());
    private final Readiness readiness;
    private final ProbeServer probes;
    private volatile @Nullable Running running;
    private volatile boolean warm;

    /// What stands once the cluster was reached.
    private record Running(
            AdmissionServer server,
            CertificateCare certificates,
            @Nullable ClientAuthorityFile clientAuthorities,
            WebhookParts parts) {}

    private WebhookProcess(Vertx vertx, WebhookConfig config) {
        this.vertx = vertx;
        this.config = config;
        this.identity = new ServiceIdentity(config.service(), config.namespace());
        this.readiness = new Readiness(checks());
        this.probes = ProbeServer.start(
                        vertx,
                        config.address(),
                        config.probePort(),
                        readiness,
                        this::heartbeat,
                        () -> metrics.registry().scrape())
                .await();
    }

    /// Starts to answer probes, reaches for the cluster, and returns when hooks are served and warm. Caches may still
    /// be filling then: see [#isReady()].
    public static WebhookProcess start(
            Vertx vertx, KubernetesClient client, WebhookConfig config, WebhookParts.Factory parts) {
        WebhookProcess process = new WebhookProcess(vertx, config);
        process.serve(client, parts);
        return process;
    }

    public boolean isReady() {
        return readiness.holds();
    }

    public int httpsPort() {
        Running now = running;
        return now == null ? 0 : now.server.port();
    }

    public int probePort() {
        return probes.port();
    }

    /// Sends clients away, serves on until they are gone, lets requests in flight end. Waits for all of it.
    public void stop() {
        LOG.atInfo().addKeyValue("drain", config.drain()).log("stopping");
        readiness.drain();
        Running now = running;
        if (now != null) {
            now.parts.background().resign();
            now.server.drain();
            waitForDrain();
            now.server.shutdown(config.shutdown()).await();
            now.certificates.close();
            if (now.clientAuthorities != null) {
                now.clientAuthorities.close();
            }
            now.parts.background().close();
        }
        metrics.close();
        LOG.atInfo().log("stopped");
    }

    private void serve(KubernetesClient client, WebhookParts.Factory factory) {
        AtomicReference<@Nullable AdmissionServer> reloaded = new AtomicReference<>();
        ClientAuthorityFile clientAuthorities = clientAuthorities(reloaded);
        WebhookParts parts = factory.start(client, config, metrics.registry());
        CertificateCare certificates = CertificateCare.load(
                client, identity, config.username(), config.lifetimes(), found -> reload(reloaded.get(), found));
        Credentials first = certificates.current();
        AdmissionServer server = AdmissionServer.start(
                        vertx,
                        config.address(),
                        config.httpsPort(),
                        first,
                        clients(clientAuthorities),
                        AdmissionLimits.DEFAULT,
                        parts.endpoint(),
                        admissionMetrics)
                .await();
        reloaded.set(server);
        running = new Running(server, certificates, clientAuthorities, parts);
        certificates.start();
        if (clientAuthorities != null) {
            clientAuthorities.start();
        }
        new WarmUp(vertx, identity, config.address(), server.port()).run(first, config.warmUp());
        server.endWarmUp().await();
        warm = true;
        admissionMetrics.startCounting();
        metrics.watch(certificates);
        metrics.watchJvm();
    }

    private static void reload(@Nullable AdmissionServer server, Credentials found) {
        if (server != null) {
            server.reload(found).await();
        }
    }

    private @Nullable ClientAuthorityFile clientAuthorities(AtomicReference<@Nullable AdmissionServer> reloaded) {
        WebhookConfig.ClientCertificates wanted = config.clientCertificates();
        if (wanted == null) {
            return null;
        }
        try {
            return new ClientAuthorityFile(wanted.authorities(), found -> {
                AdmissionServer server = reloaded.get();
                if (server != null) {
                    server.admit(new Clients(found, wanted.names())).await();
                }
            });
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("CANARY_CLIENT_CA: " + e.getMessage(), e);
        }
    }

    private @Nullable Clients clients(@Nullable ClientAuthorityFile file) {
        WebhookConfig.ClientCertificates wanted = config.clientCertificates();
        return wanted == null || file == null ? null : new Clients(file.current(), wanted.names());
    }

    private Map<String, BooleanSupplier> checks() {
        Map<String, BooleanSupplier> checks = new LinkedHashMap<>();
        checks.put("certificate", () -> {
            Running now = running;
            return now != null && now.certificates.publishedOrTried();
        });
        checks.put("warm", () -> warm);
        checks.put("caches", () -> {
            Running now = running;
            return now != null && now.parts.background().ready();
        });
        return checks;
    }

    private Future<Void> heartbeat() {
        Running now = running;
        return now == null ? Future.succeededFuture() : now.server.heartbeat();
    }

    private void waitForDrain() {
        try {
            Thread.sleep(config.drain());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
