// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.canary.e2e.testbed.Await;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/// Requests at a fixed rate until closed, whatever becomes of the earlier ones; each on a virtual thread of its own.
public final class SteadyLoad implements AutoCloseable {
    private static final double NANOS_IN_SECOND = 1e9;

    private final Client client;
    private final Request request;
    private final double distance;
    private final ConcurrentLinkedQueue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
    private final Phaser underWay = new Phaser(2); // who ends it, and the clock
    private final Thread clock;
    private volatile boolean closed;

    SteadyLoad(Client client, double perSecond, Request request) {
        this.client = client;
        this.request = request;
        this.distance = NANOS_IN_SECOND / perSecond;
        this.clock = Thread.ofPlatform().daemon().name("steady-load").start(this::run);
    }

    /// What is known so far; requests under way are not in it.
    public Tally tally() {
        return Tally.of(outcomes);
    }

    /// Waits until the outcomes so far are as wanted; tells them in the message otherwise.
    public Tally await(String what, Duration limit, Predicate<Tally> wanted) {
        Await.until(what, limit, () -> wanted.test(tally()), () -> tally().toString());
        return tally();
    }

    /// Sends no more and waits for the answers that are due: what became of all.
    public Tally end() {
        closed = true;
        LockSupport.unpark(clock);
        underWay.awaitAdvance(underWay.arrive());
        return tally();
    }

    @Override
    public void close() {
        if (!closed) {
            var _ = end();
        }
        client.close();
    }

    private void run() {
        var start = System.nanoTime();
        for (long number = 0; !closed; number++) {
            var due = start + (long) (number * distance);
            for (long left = due - System.nanoTime(); left > 0 && !closed; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            if (!closed) {
                underWay.register();
                Thread.ofVirtual().name("steady-load").start(() -> {
                    outcomes.add(client.send(request));
                    underWay.arriveAndDeregister();
                });
            }
        }
        underWay.arriveAndDeregister();
    }
}
