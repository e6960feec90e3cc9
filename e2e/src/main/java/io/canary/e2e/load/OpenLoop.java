// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/// Calls at times that are fixed beforehand, whatever became of the earlier calls: a slow answer delays no
/// other call, and waiting for one's turn counts (no coordinated omission).
public final class OpenLoop {
    static final double NANOS_IN_SECOND = 1e9;

    private OpenLoop() {}

    /// One call of the loop.
    ///
    /// @param due when it was to be sent, by [System#nanoTime()]
    public record Timed(int number, long due, ApiCalls.Answer answer) {
        /// From when it was due until its answer, in nanoseconds.
        public long took() {
            return answer.answered() - due;
        }
    }

    /// Makes the call of a number, from 0 on; may block.
    @FunctionalInterface
    public interface Calling {
        ApiCalls.Answer call(int number);
    }

    /// Sends `count` calls, `perSecond` of them in each second, and waits for all answers.
    public static List<Timed> run(double perSecond, int count, Calling calling) {
        Pace pace = new Pace(NANOS_IN_SECOND / perSecond);
        return collect(count, calling, pace::await);
    }

    /// Sends `count` calls at the same time, and waits for all answers.
    public static List<Timed> atOnce(int count, Calling calling) {
        long due = System.nanoTime();
        return collect(count, calling, _ -> due);
    }

    /// Tells when a call is due, not before it is.
    private interface Turn {
        long await(int number);
    }

    private static List<Timed> collect(int count, Calling calling, Turn turn) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Timed>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                long due = turn.await(number);
                all.add(threads.submit(() -> new Timed(number, due, calling.call(number))));
            }
            List<Timed> done = new ArrayList<>();
            for (Future<Timed> each : all) {
                done.add(each.get());
            }
            return done;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a call could not be made", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while calling", e);
        }
    }

    /// A schedule with a fixed distance, in nanoseconds, that starts when it is made.
    public record Pace(double distance, long start) {
        public Pace(double distance) {
            this(distance, System.nanoTime());
        }

        /// Waits until `number` is due; tells when that was.
        public long await(int number) {
            long due = start + (long) (number * distance);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            return due;
        }
    }
}
