// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What a watch last told under each name, and when; whoever waits for a state is told the moment of its arrival.
final class Arrivals<S> {
    private final Map<String, Told<S>> last = new HashMap<>();
    private final List<Waiting<S>> waiting = new ArrayList<>();

    private record Told<S>(S state, long at) {}

    private record Waiting<S>(String name, Predicate<S> wanted, CompletableFuture<Long> at) {}

    /// Takes in what arrived just now.
    synchronized void tell(String name, S state) {
        long now = System.nanoTime();
        last.put(name, new Told<>(state, now));
        for (Iterator<Waiting<S>> each = waiting.iterator(); each.hasNext(); ) {
            Waiting<S> one = each.next();
            if (one.name().equals(name) && one.wanted().test(state)) {
                each.remove();
                one.at().complete(now);
            }
        }
    }

    /// Completes with the [System#nanoTime()] at which a wanted state arrives, or arrived if it stands already.
    synchronized CompletableFuture<Long> first(String name, Predicate<S> wanted) {
        Told<S> told = last.get(name);
        CompletableFuture<Long> at = new CompletableFuture<>();
        if (told != null && wanted.test(told.state())) {
            at.complete(told.at());
        } else {
            waiting.add(new Waiting<>(name, wanted, at));
        }
        return at;
    }

    synchronized @Nullable S now(String name) {
        Told<S> told = last.get(name);
        return told == null ? null : told.state();
    }

    /// The result of [#first], where nothing can go on without it.
    static long require(String what, CompletableFuture<Long> arrival, Duration limit) {
        try {
            return arrival.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("waited %d s in vain: %s".formatted(limit.toSeconds(), what), e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(what, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting: " + what, e);
        }
    }
}
