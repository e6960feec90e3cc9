// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;

/// Starts the process against a [RehearsalCluster] and ends it when it is ready: the JVM notes what a start loads, and
/// makes its AOT cache of it. Run where the image is built and there is no cluster:
///
/// `java -XX:AOTCacheOutput=canary.aot -cp … io.canary.webhook.Rehearsal`
public final class Rehearsal {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(20);

    private Rehearsal() {}

    /// Exits with 0 if the process became ready.
    public static void main(String[] arguments) throws InterruptedException {
        JsonLogs.start(WebhookConfig.LogLevel.WARN);
        Preload.start();
        Vertx vertx = WebhookMain.vertx();
        int port = RehearsalCluster.start(vertx);
        Config cluster = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + port)
                .build();
        WebhookConfig settings =
                WebhookConfig.from(Map.of("POD_IP", "127.0.0.1", "CANARY_HTTPS_PORT", "0", "CANARY_PROBE_PORT", "0"));
        WebhookProcess process =
                WebhookProcess.start(vertx, WebhookMain.client(vertx, cluster), settings, WebhookMain::parts);
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!process.isReady() && System.nanoTime() - end < 0) {
            Thread.sleep(LOOK);
        }
        System.exit(process.isReady() ? 0 : 1);
    }
}
