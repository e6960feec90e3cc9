// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import io.canary.webhook.admission.AdmissionHandler;
import io.canary.webhook.admission.PolicyMetrics;
import io.canary.webhook.admission.Turns;
import io.canary.webhook.kube.AccessReviews;
import io.canary.webhook.kube.Api;
import io.canary.webhook.kube.ApiServerClientFactory;
import io.canary.webhook.kube.KeepAliveTransport;
import io.canary.webhook.reconcile.Reconciliation;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts the process: settings, logs, one Vert.x for server and client, then [WebhookProcess].
public final class WebhookMain {
    private static final int BAD_SETTING = 2;
    private static final int NO_START = 1;
    // With the half second for room among bodies, and what Turns waits again, less than the 3 s that API servers give.
    private static final Duration TURN_PATIENCE = Duration.ofMillis(700);
    private static final Duration REVIEW_TIMEOUT = Duration.ofMillis(1_300);

    private WebhookMain() {}

    public static void main(String[] arguments) {
        int code = run(System.getenv(), WebhookMain::parts);
        if (code != 0) {
            System.exit(code);
        }
    }

    static WebhookParts parts(KubernetesClient client, WebhookConfig config, MeterRegistry metrics) {
        Reconciliation reconciliation = Reconciliation.start(client, config, metrics);
        AccessReviews reviews = new AccessReviews(new Api(client, REVIEW_TIMEOUT), new MonotonicClock());
        Turns turns = new Turns(4 * Runtime.getRuntime().availableProcessors(), TURN_PATIENCE);
        return new WebhookParts(
                turns.of(new AdmissionHandler(
                        reconciliation::view,
                        reconciliation::policies,
                        Turns.outside(reviews::of),
                        new PolicyMetrics(metrics),
                        InstantSource.system(),
                        config.username())),
                reconciliation);
    }

    /// Returns 0 once hooks are served, and the threads of Vert.x keep the process alive; else the code to exit with.
    public static int run(Map<String, String> environment, WebhookParts.Factory parts) {
        WebhookConfig config;
        try {
            config = WebhookConfig.from(environment);
        } catch (IllegalArgumentException e) {
            JsonLogs.start(WebhookConfig.LogLevel.INFO);
            log().atError().addKeyValue("problem", e.getMessage()).log("a setting is wrong");
            return BAD_SETTING;
        }
        JsonLogs.start(config.logLevel());
        Preload.start();
        try {
            Vertx vertx = vertx();
            WebhookProcess process =
                    WebhookProcess.start(vertx, client(vertx, Config.autoConfigure(null)), config, parts);
            Runtime.getRuntime().addShutdownHook(new Thread(process::stop, "stop"));
            logReady(vertx, process);
            return 0;
        } catch (RuntimeException e) {
            log().atError().setCause(e).log("the process could not start");
            return NO_START;
        }
    }

    /// No files are served, so none are unpacked or cached: the file system is read-only.
    static Vertx vertx() {
        System.setProperty("vertx.disableDnsResolver", "true");
        return Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(2)
                        .setFileSystemOptions(new FileSystemOptions()
                                .setClassPathResolvingEnabled(false)
                                .setFileCachingEnabled(false)))
                .withTransport(new KeepAliveTransport())
                .build();
    }

    /// Reaches the cluster as `config` says; of a process in a pod, by the ServiceAccount that is mounted.
    static KubernetesClient client(Vertx vertx, Config config) {
        config.setOnlyHttpWatches(true);
        config.setUserAgent("canary-webhook");
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new ApiServerClientFactory(vertx))
                .build();
    }

    /// Waits for the caches on timers and tells how long the start took, from the start of the JVM.
    private static void logReady(Vertx vertx, WebhookProcess process) {
        if (!process.isReady()) {
            var _ = vertx.setTimer(10, _ -> logReady(vertx, process));
            return;
        }
        log().atInfo()
                .addKeyValue("millis", ManagementFactory.getRuntimeMXBean().getUptime())
                .addKeyValue("httpsPort", process.httpsPort())
                .addKeyValue("probePort", process.probePort())
                .log("ready");
    }

    private static Logger log() {
        return LoggerFactory.getLogger(WebhookMain.class);
    }
}
