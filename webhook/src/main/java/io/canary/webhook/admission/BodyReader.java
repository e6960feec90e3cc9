// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;

/// Reads bodies into memory within the limits; used on the server's event loop only.
final class BodyReader {
    /// How reading a body ended.
    sealed interface Outcome {
        @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
        record Complete(byte[] body) implements Outcome {}

        record Refused(HttpAnswer answer) implements Outcome {}

        /// The client went away: nobody waits for an answer.
        record Gone() implements Outcome {}
    }

    private final Vertx vertx;
    private final AdmissionLimits limits;
    private int buffered;

    BodyReader(Vertx vertx, AdmissionLimits limits) {
        this.vertx = vertx;
        this.limits = limits;
    }

    /// The bytes of a complete body count as buffered until [#release(int)] gives them back.
    Future<Outcome> read(HttpServerRequest request) {
        Reading reading = new Reading();
        request.handler(reading::take);
        request.endHandler(_ -> reading.complete());
        request.exceptionHandler(_ -> reading.stop(new Outcome.Gone()));
        return reading.outcome.future();
    }

    void release(int bytes) {
        buffered -= bytes;
    }

    private final class Reading {
        private final Promise<Outcome> outcome = Promise.promise();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final long timer;

        Reading() {
            timer = vertx.setTimer(limits.bodyTime().toMillis(), _ -> refuse(408, "the body took too long to arrive"));
        }

        void take(Buffer chunk) {
            if (outcome.future().isComplete()) {
                return;
            }
            if (bytes.size() + chunk.length() > limits.bodyBytes()) {
                stop(new Outcome.Refused(
                        RequestHead.tooLarge(limits.bodyBytes()).answer()));
            } else if (buffered + chunk.length() > limits.bufferedBytes()) {
                refuse(503, "too many large requests at once; try again");
            } else {
                bytes.writeBytes(chunk.getBytes());
                buffered += chunk.length();
            }
        }

        void complete() {
            if (outcome.tryComplete(new Outcome.Complete(bytes.toByteArray()))) {
                vertx.cancelTimer(timer);
            }
        }

        private void refuse(int status, String sentence) {
            stop(new Outcome.Refused(HttpAnswer.refused(status, sentence)));
        }

        void stop(Outcome end) {
            if (outcome.tryComplete(end)) {
                vertx.cancelTimer(timer);
                release(bytes.size());
                bytes.reset();
            }
        }
    }
}
