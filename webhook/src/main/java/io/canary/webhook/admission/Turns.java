// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Lets few decisions be made at one time: of hundreds that share two processors each is slow, and is answered when its
/// caller has gone. So who comes waits for a turn, in order, and who gets none in time is told to ask again. Who waits
/// for the API server to answer about rights has no turn meanwhile, and holds up no other.
public final class Turns {
    private static final ScopedValue<Turn> CURRENT = ScopedValue.newInstance();

    /// How long a decision waits to go on after the answers about rights. It goes on without a turn then: most of its
    /// time is spent.
    private static final Duration AGAIN = Duration.ofMillis(300);

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
            Turn turn = new Turn(turns);
            if (!turn.begin(patience)) {
                return AdmissionHandler.busy(hook, body);
            }
            try {
                return ScopedValue.where(CURRENT, turn).call(() -> endpoint.answer(hook, contentType, body));
            } finally {
                turn.end();
            }
        };
    }

    /// `rights`, asked by a decision without its turn.
    public static Rights outside(Rights rights) {
        return (user, questions) -> {
            if (questions.isEmpty() || !CURRENT.isBound()) {
                return rights.of(user, questions);
            }
            Turn turn = CURRENT.get();
            turn.end();
            try {
                return rights.of(user, questions);
            } finally {
                var _ = turn.begin(AGAIN);
            }
        };
    }

    /// That of one decision, whose thread alone uses it.
    private static final class Turn {
        private final Semaphore turns;
        private boolean held;

        Turn(Semaphore turns) {
            this.turns = turns;
        }

        boolean begin(Duration atMost) {
            try {
                held = turns.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return held;
        }

        void end() {
            if (held) {
                held = false;
                turns.release();
            }
        }
    }
}
