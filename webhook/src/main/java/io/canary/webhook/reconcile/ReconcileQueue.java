// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which app runs next. An app waits at most once, never runs twice at a time, and runs again if something happened
/// meanwhile; namespaces take turns; a failure waits longer each time and holds up nobody else.
final class ReconcileQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReconcileQueue.class);

    /// Who is to be woken later is woken then, and finds that it is too early: a freeze may last until
    /// the year 9999, which no timer counts in nanoseconds.
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private final Function<AppKey, Outcome> work;
    private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("reconcile-timers").factory());
    private final List<Thread> workers = new ArrayList<>();
    private final Map<AppKey, Entry> entries = new HashMap<>();
    private final Map<String, Deque<AppKey>> ready = new HashMap<>();
    private final Deque<String> turns = new ArrayDeque<>(); // namespaces that have ready apps, next first
    private boolean closed;

    /// What is known of an app that waits, runs, has failed or will be woken.
    private static final class Entry {
        boolean queued;
        boolean running;
        boolean again;
        int failures;
        int stale;
        long heldUntil; // by System.nanoTime(), where it has failed

        @Nullable
        ScheduledFuture<?> timer;
    }

    /// @param work runs one app; may block; called from virtual threads
    ReconcileQueue(Function<AppKey, Outcome> work) {
        this.work = work;
        timers.setRemoveOnCancelPolicy(true);
    }

    /// Starts `count` workers.
    void start(int count) {
        for (int i = 0; i < count; i++) {
            workers.add(Thread.ofVirtual().name("reconcile-" + i).start(this::loop));
        }
    }

    /// Something happened to this app: run it, at once unless it failed just now.
    synchronized void add(AppKey key) {
        Entry entry = entries.computeIfAbsent(key, _ -> new Entry());
        if (entry.running) {
            entry.again = true;
            return;
        }
        long left = entry.heldUntil - System.nanoTime();
        if (entry.failures > 0 && left > 0) {
            wakeEarlier(key, entry, Duration.ofNanos(left));
        } else {
            enqueue(key, entry);
        }
    }

    /// How many apps are ready to run.
    synchronized int size() {
        return ready.values().stream().mapToInt(Deque::size).sum();
    }

    /// Forgets all that wait, as when leadership is lost; what runs ends by itself.
    synchronized void clear() {
        ready.clear();
        turns.clear();
        entries.values().removeIf(entry -> {
            cancel(entry);
            entry.queued = false;
            entry.again = false;
            return !entry.running;
        });
    }

    private void enqueue(AppKey key, Entry entry) {
        cancel(entry);
        if (entry.queued || closed) {
            return;
        }
        entry.queued = true;
        Deque<AppKey> keys = ready.computeIfAbsent(key.namespace(), _ -> new ArrayDeque<>());
        if (keys.isEmpty()) {
            turns.addLast(key.namespace());
        }
        keys.addLast(key);
        notify();
    }

    private synchronized @Nullable AppKey take() throws InterruptedException {
        while (turns.isEmpty()) {
            if (closed) {
                return null;
            }
            wait();
        }
        String namespace = turns.removeFirst();
        Deque<AppKey> keys = ready.getOrDefault(namespace, new ArrayDeque<>());
        AppKey key = keys.removeFirst();
        if (keys.isEmpty()) {
            ready.remove(namespace);
        } else {
            turns.addLast(namespace);
        }
        Entry entry = entries.computeIfAbsent(key, _ -> new Entry());
        entry.queued = false;
        entry.running = true;
        return key;
    }

    private void loop() {
        while (true) {
            AppKey key;
            try {
                key = take();
            } catch (InterruptedException e) {
                return;
            }
            if (key == null) {
                return;
            }
            end(key, run(key));
        }
    }

    private synchronized void end(AppKey key, Outcome outcome) {
        try {
            ended(key, outcome);
        } catch (RuntimeException | Error bug) { // or there would be a worker less, and soon none
            LOG.atError().addKeyValue("app", key).setCause(bug).log("End of a run not understood, by a bug");
            ended(key, new Outcome.Failed(bug.toString(), null));
        }
    }

    // A Throwable of one app must not end the worker: the others go on (admission.md T19).
    @SuppressWarnings("CatchAndPrintStackTrace")
    private Outcome run(AppKey key) {
        try {
            return work.apply(key);
        } catch (Throwable e) {
            LOG.atError().addKeyValue("app", key).setCause(e).log("App failed by a bug");
            return new Outcome.Failed(e.toString(), null);
        }
    }

    private void ended(AppKey key, Outcome outcome) {
        Entry entry = entries.computeIfAbsent(key, _ -> new Entry());
        entry.running = false;
        boolean again = entry.again;
        entry.again = false;
        switch (outcome) {
            case Outcome.Done(var wake) -> {
                entry.failures = 0;
                entry.stale = 0;
                if (again) {
                    enqueue(key, entry);
                } else if (wake != null) {
                    wakeEarlier(key, entry, wake);
                } else {
                    entries.remove(key);
                }
            }
            case Outcome.Stale _ -> {
                entry.stale++;
                wakeEarlier(key, entry, Backoff.afterStale(entry.stale));
            }
            case Outcome.Failed failed -> {
                entry.failures++;
                entry.stale = 0;
                Duration held = failed.notBefore() == null ? Backoff.EARLY : failed.notBefore();
                entry.heldUntil = System.nanoTime() + held.toNanos();
                Duration delay = Backoff.afterFailure(entry.failures, failed.notBefore());
                wakeEarlier(key, entry, again ? least(delay, held) : delay);
            }
        }
    }

    private static Duration least(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private void wakeEarlier(AppKey key, Entry entry, Duration wait) {
        Duration delay = least(wait, LONGEST_WAIT);
        ScheduledFuture<?> timer = entry.timer;
        if (timer != null && timer.getDelay(TimeUnit.NANOSECONDS) <= delay.toNanos()) {
            return;
        }
        cancel(entry);
        if (!closed) {
            entry.timer = timers.schedule(() -> woken(key), Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
        }
    }

    private synchronized void woken(AppKey key) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return;
        }
        entry.timer = null;
        if (entry.running) {
            entry.again = true;
        } else {
            enqueue(key, entry);
        }
    }

    private static void cancel(Entry entry) {
        if (entry.timer != null) {
            entry.timer.cancel(false);
            entry.timer = null;
        }
    }

    /// Takes no new runs and waits for those that run: a write is not broken off.
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            ready.clear();
            turns.clear();
            notifyAll();
        }
        timers.shutdownNow();
        for (Thread worker : workers) {
            try {
                worker.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
