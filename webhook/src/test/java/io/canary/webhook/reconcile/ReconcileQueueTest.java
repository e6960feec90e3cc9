// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReconcileQueueTest {
    private static final AppKey A = new AppKey("shop", "a");
    private static final AppKey B = new AppKey("shop", "b");
    private static final AppKey C = new AppKey("bank", "c");

    private final BlockingQueue<AppKey> runs = new LinkedBlockingQueue<>();
    private final Semaphore gate = new Semaphore(0);
    private volatile Function<AppKey, Outcome> outcome = _ -> new Outcome.Done(null);
    private final ReconcileQueue queue = new ReconcileQueue(key -> {
        runs.add(key);
        gate.acquireUninterruptibly();
        return outcome.apply(key);
    });

    @AfterEach
    void close() {
        gate.release(1_000);
        queue.close();
    }

    private AppKey next() throws InterruptedException {
        AppKey key = runs.poll(5, TimeUnit.SECONDS);
        assertThat(key).as("a run within 5 s").isNotNull();
        return key;
    }

    private void nothingRuns() throws InterruptedException {
        assertThat(runs.poll(80, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void appWaitsOnceAndNamespacesTakeTurns() throws Exception {
        queue.add(A);
        queue.add(B);
        queue.add(A);
        queue.add(C);
        gate.release(3);
        queue.start(1);
        assertThat(List.of(next(), next(), next())).containsExactly(A, C, B);
        nothingRuns();
    }

    /// `Retry-After`: what happens meanwhile does not shorten it.
    @Test
    @Timeout(10)
    void whoWasToldWhenToAskAgainIsNotRunEarlier() throws Exception {
        outcome = _ -> new Outcome.Failed("429", Duration.ofMillis(400));
        queue.start(1);
        queue.add(A);
        gate.release();
        assertThat(next()).isEqualTo(A);
        long failed = System.nanoTime();
        while (runs.isEmpty()) {
            queue.add(A);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - failed)).isGreaterThan(Duration.ofMillis(300));
    }

    @Test
    void appNeverRunsTwiceAtATimeButOnceMore() throws Exception {
        queue.start(4);
        queue.add(A);
        assertThat(next()).isEqualTo(A);
        queue.add(A);
        queue.add(A);
        nothingRuns();
        gate.release(2);
        assertThat(next()).isEqualTo(A);
        nothingRuns();
    }

    @Test
    void bugOfOneAppStopsNoOther() throws Exception {
        outcome = key -> {
            if (key.equals(A)) {
                throw new StackOverflowError("a poison object");
            }
            return new Outcome.Done(null);
        };
        gate.release(1_000);
        queue.start(1);
        queue.add(A);
        assertThat(next()).isEqualTo(A);
        queue.add(B);
        assertThat(List.of(next(), next())).contains(B);
    }

    /// As a freeze until the year 9999 asks for, which is more nanoseconds than a long holds.
    @Test
    void wakeInEightThousandYearsStopsNoOther() throws Exception {
        gate.release(1_000);
        outcome = _ -> new Outcome.Done(Duration.ofDays(8_000 * 365L));
        queue.start(1);
        queue.add(A);
        assertThat(next()).isEqualTo(A);
        queue.add(B);
        assertThat(next()).isEqualTo(B);
        nothingRuns();
        queue.add(A);
        assertThat(next()).isEqualTo(A);
    }

    @Test
    void noAnswerHoldsAnAppForAnHour() {
        assertThat(Backoff.bounded(Duration.ofHours(1))).isEqualTo(Duration.ofSeconds(30));
        assertThat(Backoff.bounded(Duration.ofSeconds(5))).isEqualTo(Duration.ofSeconds(5));
        assertThat(Backoff.bounded(null)).isNull();
    }

    @Test
    void appIsWokenAgain() throws Exception {
        gate.release(1_000);
        outcome = _ -> new Outcome.Done(Duration.ofMillis(20));
        queue.start(1);
        queue.add(A);
        assertThat(List.of(next(), next(), next())).containsExactly(A, A, A);
    }

    @Test
    void failedAppIsTriedAgainUnlessForgotten() throws Exception {
        outcome = _ -> new Outcome.Failed("refused", null);
        queue.start(1);
        queue.add(A);
        assertThat(next()).isEqualTo(A);
        gate.release();
        assertThat(next()).isEqualTo(A);
        queue.clear();
        outcome = _ -> new Outcome.Done(null);
        gate.release();
        nothingRuns();
    }

    @Test
    void delaysDoubleUpToTheLongest() {
        assertThat(Backoff.afterFailure(1, null)).isEqualTo(Duration.ofMillis(50));
        assertThat(Backoff.afterFailure(3, null)).isEqualTo(Duration.ofMillis(200));
        assertThat(Backoff.afterFailure(1_000, null)).isEqualTo(Duration.ofSeconds(30));
        assertThat(Backoff.afterFailure(1, Duration.ofSeconds(7))).isEqualTo(Duration.ofSeconds(7));
        assertThat(Backoff.afterStale(1)).isEqualTo(Duration.ofMillis(5));
    }
}
