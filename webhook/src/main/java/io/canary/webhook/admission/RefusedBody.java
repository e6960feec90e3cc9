// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/// Reads and drops what is still sent of a body that was refused; used on the server's event loop only.
///
/// A connection that is closed on unread bytes may take the answer with it. So the rest is dropped while it flows, up
/// to twice the size of a body and the time for one, and then cut off.
final class RefusedBody {
    private final Vertx vertx;
    private final HttpServerRequest request;
    private final AdmissionLimits limits;
    private final long end;
    private long dropped;
    private long droppedBefore = -1;
    private long timer;

    private RefusedBody(Vertx vertx, HttpServerRequest request, AdmissionLimits limits) {
        this.vertx = vertx;
        this.request = request;
        this.limits = limits;
        this.end = System.nanoTime() + limits.bodyTime().toNanos();
    }

    static void drop(Vertx vertx, HttpServerRequest request, AdmissionLimits limits) {
        if (!request.isEnded()) {
            RefusedBody body = new RefusedBody(vertx, request, limits);
            request.handler(body::drop);
            request.endHandler(_ -> vertx.cancelTimer(body.timer));
            request.exceptionHandler(_ -> vertx.cancelTimer(body.timer));
            body.look();
        }
    }

    private void drop(Buffer chunk) {
        dropped += chunk.length();
        if (dropped > 2L * limits.bodyBytes()) {
            cut();
        }
    }

    private void look() {
        if (dropped == droppedBefore || System.nanoTime() - end > 0) {
            cut();
        } else {
            droppedBefore = dropped;
            timer = vertx.setTimer(limits.linger().toMillis(), _ -> look());
        }
    }

    private void cut() {
        vertx.cancelTimer(timer);
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset(0);
        } else {
            request.connection().close();
        }
    }
}
