// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs decisions on virtual threads, so that one that is slow or waits for an access review holds up no other.
final class Decisions {
    private static final Logger LOG = LoggerFactory.getLogger(Decisions.class);

    /// For room among the bodies that are decided; what follows takes at most the rest of a hook's 3 s.
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final AdmissionEndpoint endpoint;
    private final Executor threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("admission-", 0).factory());
    private final Semaphore deciding;

    Decisions(AdmissionEndpoint endpoint, AdmissionLimits limits) {
        this.endpoint = endpoint;
        this.deciding = new Semaphore(limits.decidingBytes(), true);
    }

    /// Calls `then` with the answer, on the thread of the decision.
    void decide(Hook hook, String contentType, byte[] body, Consumer<HttpAnswer> then) {
        threads.execute(() -> {
            if (!room(body.length)) {
                then.accept(safely(hook, () -> AdmissionHandler.busy(hook, body)));
                return;
            }
            HttpAnswer answer;
            try {
                answer = safely(hook, () -> endpoint.answer(hook, contentType, body));
            } finally {
                deciding.release(body.length);
            }
            then.accept(answer);
        });
    }

    private boolean room(int bytes) {
        try {
            return deciding.tryAcquire(bytes, PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// The one place that catches bugs: an exhausted stack or heap is answered too (CVE-2022-24726).
    private static HttpAnswer safely(Hook hook, Supplier<HttpAnswer> decision) {
        try {
            return decision.get();
        } catch (Throwable bug) {
            LOG.atError().setCause(bug).addKeyValue("hook", hook).log("an admission request could not be decided");
            return HttpAnswer.refused(500, "an internal error; the server's log says more");
        }
    }
}
