// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import io.canary.certs.CertificateStore;
import io.canary.certs.Credentials;
import io.canary.certs.Rotator;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after the certificates while the process runs: renews, reloads, and restores trust where it was lost.
public final class CertificateCare implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateCare.class);

    /// How often dates and webhook configurations are looked at, by the wall clock that a suspended machine wakes to.
    private static final Duration REGULAR = Duration.ofSeconds(30);
    /// The same while a webhook configuration does not exist, as during an installation.
    private static final Duration EAGER = Duration.ofSeconds(2);

    private final Rotator rotator;
    private final CertificateStore store;
    private final Consumer<Credentials> reload;
    private final ScheduledExecutorService schedule;
    private volatile Credentials current;
    private volatile boolean published;

    /// Loads the first credentials before it returns, and waits as long as the API server does not give them.
    ///
    /// @param reload told of credentials that take the place of the first
    public CertificateCare(Rotator rotator, CertificateStore store, Consumer<Credentials> reload) {
        this.rotator = rotator;
        this.store = store;
        this.reload = reload;
        this.current = first();
        this.schedule = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("certificates").factory());
    }

    public Credentials current() {
        return current;
    }

    /// Whether both webhook configurations were seen to trust us.
    public boolean published() {
        return published;
    }

    /// Publishes what clients must trust, at once, and then looks again and again.
    public void start() {
        schedule.execute(this::look);
    }

    private Credentials first() {
        Duration wait = Duration.ofMillis(250);
        while (true) {
            try {
                return rotator.refresh();
            } catch (KubernetesClientException e) {
                LOG.atWarn().setCause(e).addKeyValue("wait", wait).log("certificates cannot be loaded; trying again");
                pause(wait);
                wait = wait.compareTo(Duration.ofSeconds(4)) < 0 ? wait.multipliedBy(2) : wait;
            }
        }
    }

    private static void pause(Duration wait) {
        try {
            Thread.sleep(wait);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while waiting for certificates", e);
        }
    }

    private void look() {
        Duration next = REGULAR;
        try {
            renew();
            published = store.publish(current.bundle());
            next = published ? REGULAR : EAGER;
        } catch (RuntimeException e) {
            next = EAGER;
            LOG.atWarn().setCause(e).log("certificates could not be looked after; trying again");
        }
        var _ = schedule.schedule(this::look, next.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void renew() {
        Credentials found = rotator.refresh();
        if (!found.equals(current)) {
            reload.accept(found);
            current = found;
            LOG.atInfo()
                    .addKeyValue("expires", found.leaf().getNotAfter().toInstant())
                    .log("another serving certificate is in use");
        }
    }

    @Override
    public void close() {
        schedule.shutdownNow();
    }
}
