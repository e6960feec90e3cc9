// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A list and the watch from its resource version on, begun again after whatever ends it.
///
/// A kind that is not served (its CRD is not there yet, or gone) is asked for again quietly. Unlike an informer it
/// hands on every version that arrives and drops none.
final class ObjectStream<T extends HasMetadata> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectStream.class);
    private static final Duration RETRY = Duration.ofMillis(250);

    /// Where objects go; never called by two threads at once for one stream and one connection.
    interface Sink<T> {
        /// All objects as of a resource version, after each (re)connection; empty at 0 while the kind is not served.
        void listed(List<T> objects, long revision);

        void changed(T object);

        void deleted(T object);
    }

    private final String what;
    private final FilterWatchListDeletable<T, ? extends KubernetesResourceList<T>, ?> objects;
    private final Sink<T> sink;
    private final ScheduledExecutorService timer;
    private final CompletableFuture<Void> first = new CompletableFuture<>();
    private final AtomicLong connection = new AtomicLong();
    private volatile @Nullable Watch watch;
    private volatile boolean closed;

    ObjectStream(
            String what,
            FilterWatchListDeletable<T, ? extends KubernetesResourceList<T>, ?> objects,
            ScheduledExecutorService timer,
            Sink<T> sink) {
        this.what = what;
        this.objects = objects;
        this.timer = timer;
        this.sink = sink;
    }

    /// Connects in the background; the result completes when the first list is handed on, or the kind is not served.
    CompletableFuture<Void> start() {
        Thread.ofVirtual().name("stream-" + what).start(this::connect);
        return first;
    }

    private void connect() {
        if (closed) {
            return;
        }
        try {
            KubernetesResourceList<T> list = objects.list(new ListOptions());
            String revision = list.getMetadata().getResourceVersion();
            sink.listed(list.getItems(), Long.parseLong(revision));
            first.complete(null);
            ListOptions from =
                    new ListOptionsBuilder().withResourceVersion(revision).build();
            Watch opened = objects.watch(from, new Events(connection.incrementAndGet()));
            watch = opened;
            if (closed) {
                opened.close();
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() == 404) {
                sink.listed(List.of(), 0);
                first.complete(null);
            } else {
                LOG.info("{}: list or watch failed, again in {}: {}", what, RETRY, e.getMessage());
            }
            again();
        } catch (RuntimeException e) {
            LOG.warn("{}: list or watch failed, again in {}", what, RETRY, e);
            again();
        }
    }

    private void again() {
        if (closed) {
            return;
        }
        try {
            var _ = timer.schedule(
                    () -> Thread.ofVirtual().name("stream-" + what).start(this::connect),
                    RETRY.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException _) {
            LOG.debug("{}: the timer is closed", what);
        }
    }

    @Override
    public void close() {
        closed = true;
        Watch open = watch;
        if (open != null) {
            open.close();
        }
    }

    private final class Events implements Watcher<T> {
        private final long number;

        Events(long number) {
            this.number = number;
        }

        @Override
        public void eventReceived(Action action, T object) {
            if (closed || connection.get() != number) {
                return;
            }
            switch (action) {
                case ADDED, MODIFIED -> sink.changed(object);
                case DELETED -> sink.deleted(object);
                case ERROR, BOOKMARK -> {}
            }
        }

        /// Too old a resource version, or a kind that is served no more: list again.
        @Override
        public void onClose(WatcherException cause) {
            LOG.debug("{}: watch ended: {}", what, cause.getMessage());
            if (connection.get() == number) {
                again();
            }
        }
    }
}
