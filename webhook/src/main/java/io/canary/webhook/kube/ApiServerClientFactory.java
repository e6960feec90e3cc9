// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.fabric8.kubernetes.client.vertx5.Vertx5HttpClientFactory;
import io.vertx.core.Vertx;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.ext.web.client.WebClientOptions;

/// Connections to the API server that are given up when nothing comes. A router that forgets a
/// connection tells neither side, and a watch on it would be silent for hours: [KeepAliveTransport]
/// asks the other side whether it is still there (admission.md, F4). An API server that is there and
/// says nothing is given up by the bookmarks that do not come.
public final class ApiServerClientFactory extends Vertx5HttpClientFactory {
    /// An API server sends each watch a bookmark every 60 s, if nothing else.
    private static final int SILENCE_SECONDS = 75;

    public ApiServerClientFactory(Vertx vertx) {
        super(vertx);
    }

    @Override
    protected void additionalConfig(WebClientOptions http, WebSocketClientOptions webSocket, PoolOptions pool) {
        http.setTcpKeepAlive(true);
        http.setReadIdleTimeout(SILENCE_SECONDS); // in the builder's unit, which is seconds
    }
}
