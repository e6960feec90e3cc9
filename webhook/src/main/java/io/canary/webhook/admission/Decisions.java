// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs decisions on virtual threads, so that one that is slow or waits for an access review holds up no other.
final class Decisions {
    private static final Logger LOG = LoggerFactory.getLogger(Decisions.class);

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
            deciding.acquireUninterruptibly(body.length);
            HttpAnswer answer;
            try {
                answer = safely(hook, contentType, body);
            } finally {
                deciding.release(body.length);
            }
            then.accept(answer);
        });
    }

    /// The one place that catches bugs: an exhausted stack or heap is answered too (CVE-2022-24726).
    private HttpAnswer safely(Hook hook, String contentType, byte[] body) {
        try {
            return endpoint.answer(hook, contentType, body);
        } catch (Throwable bug) {
            LOG.atError().setCause(bug).addKeyValue("hook", hook).log("an admission request could not be decided");
            return HttpAnswer.refused(500, "an internal error; the server's log says more");
        }
    }
}
