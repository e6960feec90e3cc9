// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.http;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Sends one request so many times, several at once, no faster than so many a second.
public final class Sending {
    private static final double SECOND = 1e9;

    private final Request request;
    private final int concurrency;
    private final long between;
    private final Consumer<Outcome> heard;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Object hearing = new Object();
    private final Object turn = new Object();
    private int left;
    private long next;

    /// @param perSecond 0 for as fast as answers come
    /// @param heard called with one outcome at a time, and with none after [#stop]
    public Sending(Request request, int count, int concurrency, double perSecond, Consumer<Outcome> heard) {
        this.request = request;
        this.left = count;
        this.concurrency = Math.min(concurrency, count);
        this.between = perSecond > 0 ? (long) (SECOND / perSecond) : 0;
        this.heard = heard;
    }

    /// Returns when all are sent and answered, or after [#stop].
    public void run() throws InterruptedException {
        next = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < concurrency; i++) {
            threads.add(Thread.ofVirtual().start(this::sendAll));
        }
        Thread watching = Thread.ofVirtual().start(() -> {
            try {
                stopped.await();
                threads.forEach(Thread::interrupt); // ends also what waits for an answer
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        for (Thread thread : threads) {
            thread.join();
        }
        watching.interrupt();
    }

    /// Ends it: nothing more is sent, and what is under way does not count.
    public void stop() {
        synchronized (hearing) {
            stopped.countDown();
        }
    }

    private void sendAll() {
        try {
            while (mayGo()) {
                Outcome outcome = Exchange.send(request);
                synchronized (hearing) {
                    if (stopped.getCount() > 0) {
                        heard.accept(outcome);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Waits for the time of the next request; false where there is none. After a time in which answers were slow it
    /// does not hurry to catch up.
    private boolean mayGo() throws InterruptedException {
        long at;
        synchronized (turn) {
            if (left == 0) {
                return false;
            }
            left--;
            at = Math.max(next, System.nanoTime());
            next = at + between;
        }
        return !stopped.await(at - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
}
