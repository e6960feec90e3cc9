// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Closes connections that ask nothing for too long; used on the server's event loop only.
final class ConnectionWatch {
    private final Vertx vertx;
    private final AdmissionLimits limits;
    private final Map<HttpConnection, Idle> connections = new HashMap<>();

    ConnectionWatch(Vertx vertx, AdmissionLimits limits) {
        this.vertx = vertx;
        this.limits = limits;
    }

    void opened(HttpConnection connection) {
        if (connections.size() >= limits.connections()) {
            connection.close();
            return;
        }
        Idle idle = new Idle(connection);
        connections.put(connection, idle);
        connection.closeHandler(_ -> {
            connections.remove(connection);
            idle.disarm();
        });
        idle.arm(limits.headTime());
    }

    void requestBegan(HttpConnection connection) {
        Idle idle = connections.get(connection);
        if (idle != null) {
            idle.active++;
            idle.disarm();
        }
    }

    void requestEnded(HttpConnection connection) {
        Idle idle = connections.get(connection);
        if (idle != null && --idle.active == 0) {
            idle.arm(limits.keepAlive());
        }
    }

    private final class Idle {
        private static final long NONE = -1;
        private final HttpConnection connection;
        private int active;
        private long timer = NONE;

        Idle(HttpConnection connection) {
            this.connection = connection;
        }

        void arm(Duration time) {
            disarm();
            timer = vertx.setTimer(time.toMillis(), _ -> connection.close());
        }

        void disarm() {
            if (timer != NONE) {
                vertx.cancelTimer(timer);
                timer = NONE;
            }
        }
    }
}
