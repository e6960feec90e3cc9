// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// Closes connections that ask nothing for too long, and where there are too many the one that has for the longest
/// time, so that the newcomer gets in. Used on the server's event loop only.
final class ConnectionWatch {
    private final Vertx vertx;
    private final AdmissionLimits limits;
    private final Map<HttpConnection, Watched> connections = new HashMap<>();
    /// Those that ask nothing now, the one that has for the longest time first.
    private final Set<Watched> idle = new LinkedHashSet<>();

    ConnectionWatch(Vertx vertx, AdmissionLimits limits) {
        this.vertx = vertx;
        this.limits = limits;
    }

    void opened(HttpConnection connection) {
        if (connections.size() >= limits.connections()) {
            if (idle.isEmpty()) {
                connection.close();
                return;
            }
            Watched longest = idle.iterator().next();
            closed(longest);
            longest.connection.close();
        }
        Watched opened = new Watched(connection);
        connections.put(connection, opened);
        connection.closeHandler(_ -> closed(opened));
        opened.arm(limits.headTime());
    }

    private void closed(Watched gone) {
        connections.remove(gone.connection);
        gone.disarm();
    }

    void requestBegan(HttpConnection connection) {
        Watched asking = connections.get(connection);
        if (asking != null) {
            asking.active++;
            asking.disarm();
        }
    }

    void requestEnded(HttpConnection connection) {
        Watched asked = connections.get(connection);
        if (asked != null && --asked.active == 0) {
            asked.arm(limits.keepAlive());
        }
    }

    private final class Watched {
        private static final long NONE = -1;
        private final HttpConnection connection;
        private int active;
        private long timer = NONE;

        Watched(HttpConnection connection) {
            this.connection = connection;
        }

        void arm(Duration time) {
            disarm();
            idle.add(this);
            timer = vertx.setTimer(time.toMillis(), _ -> connection.close());
        }

        void disarm() {
            idle.remove(this);
            if (timer != NONE) {
                vertx.cancelTimer(timer);
                timer = NONE;
            }
        }
    }
}
