// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Lets few decisions be made at one time: of hundreds that share two processors each is slow, and is answered when its
/// caller has gone. So who comes waits for a turn, in order, and who gets none in time is told to ask again. While the
/// API server is asked about rights nobody has a turn, so that one that waits for it holds up no other.
public final class Turns {
    private static final ScopedValue<Runnable> END = ScopedValue.newInstance();

    private final Semaphore turns;
    private final Duration patience;

    /// @param atOnce how many decisions have a turn at one time
    /// @param patience how long one waits for its turn; well below the time that API servers give a hook
    public Turns(int atOnce, Duration patience) {
        this.turns = new Semaphore(atOnce, true);
        this.patience = patience;
    }

    /// `endpoint`, asked in turns.
    public AdmissionEndpoint of(AdmissionEndpoint endpoint) {
        return (hook, contentType, body) -> {
            if (!mine()) {
                return AdmissionHandler.busy(hook, body);
            }
            AtomicBoolean over = new AtomicBoolean();
            Runnable end = () -> {
                if (over.compareAndSet(false, true)) {
                    turns.release();
                }
            };
            try {
                return ScopedValue.where(END, end).call(() -> endpoint.answer(hook, contentType, body));
            } finally {
                end.run();
            }
        };
    }

    /// `rights`, which end the turn of the decision that asks: what is left of it after the answers is little, and has
    /// waited already.
    public static Rights outside(Rights rights) {
        return (user, questions) -> {
            if (!questions.isEmpty() && END.isBound()) {
                END.get().run();
            }
            return rights.of(user, questions);
        };
    }

    private boolean mine() {
        try {
            return turns.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
