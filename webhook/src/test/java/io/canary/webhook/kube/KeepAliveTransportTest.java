// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.vertx.core.Vertx;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.TcpConfig;
import io.vertx.ext.web.client.WebClientOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeepAliveTransportTest {
    @Test
    void aSilentPeerIsAskedAndGivenUpBeforeAMinuteIsOver() {
        assertThat(options(true))
                .containsEntry("SO_KEEPALIVE", true)
                .containsEntry("TCP_KEEPIDLE", 30)
                .containsEntry("TCP_KEEPINTERVAL", 5)
                .containsEntry("TCP_KEEPCOUNT", 3);
        assertThat(KeepAliveTransport.NOTICED).isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void anotherClientIsLeftAsItIs() {
        assertThat(options(false)).containsEntry("SO_KEEPALIVE", false).doesNotContainKey("TCP_KEEPIDLE");
    }

    @Test
    void theClientOfTheApiServerAsksForIt() {
        WebClientOptions http = new WebClientOptions();
        Vertx vertx = Vertx.vertx();
        try {
            new ApiServerClientFactory(vertx).additionalConfig(http, new WebSocketClientOptions(), new PoolOptions());
        } finally {
            vertx.close().await();
        }
        assertThat(http.isTcpKeepAlive()).isTrue();
    }

    /// By name: two options of the JDK for the same thing are not equal.
    private static Map<String, Object> options(boolean keepAlive) {
        Bootstrap client = new Bootstrap();
        new KeepAliveTransport().configure(new TcpConfig().setSoKeepAlive(keepAlive), false, client);
        Map<String, Object> byName = new HashMap<>();
        client.config().options().forEach((option, value) -> byName.put(option.name(), value));
        return byName;
    }
}
