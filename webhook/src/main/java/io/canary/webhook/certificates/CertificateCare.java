// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import io.canary.certs.Bundle;
import io.canary.certs.CertificateAuthority;
import io.canary.certs.Credentials;
import io.canary.certs.Lifetimes;
import io.canary.certs.Rotator;
import io.canary.certs.ServiceIdentity;
import io.canary.certs.Trust;
import io.canary.webhook.MonotonicClock;
import io.canary.webhook.kube.Api;
import io.canary.webhook.kube.ApiException;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after the certificates while the process runs: renews, publishes whom to trust, sees that calls come
/// through, and serves with another certificate once all clients trust it. A Secret that cannot be used changes
/// nothing: the last good pair is served on.
public final class CertificateCare implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateCare.class);

    /// How often dates and webhook configurations are looked at, by a timer that stands while a machine is
    /// suspended: the first look comes this long after it woke, at the latest.
    private static final Duration REGULAR = Duration.ofSeconds(30);
    /// The same while a webhook configuration does not exist, as during an installation, or something failed.
    private static final Duration EAGER = Duration.ofSeconds(2);
    /// How soon after a webhook configuration was written: what is written together is seen together.
    private static final Duration CHANGED = Duration.ofMillis(200);
    /// How often the hooks are tried while nothing waits for it.
    private static final Duration TRY = Duration.ofSeconds(60);

    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10); // hooks may take 3 s each

    private final Rotator rotator;
    private final WebhookConfigurations configurations;
    private final ShippedHooks shipped;
    private final SelfTest selfTest;
    private final InstantSource wall;
    private final InstantSource monotonic;
    private final Duration regular;
    private final Consumer<Credentials> reload;
    private final ScheduledExecutorService schedule;
    private Trust trust = Trust.NONE; // of the schedule alone
    private Instant tried = Instant.MIN; // of the schedule alone
    private @Nullable Class<?> told; // of the schedule alone
    private @Nullable ScheduledFuture<?> nextLook; // of the schedule alone
    private volatile Credentials current;
    private volatile boolean publishedOrTried;
    private boolean published; // whether both webhook configurations stand; of the schedule alone
    private volatile SelfTest.@Nullable Result result;
    private volatile @Nullable List<String> changes;

    /// Loads the first credentials before it returns, and waits as long as the API server does not give them.
    ///
    /// @param username as which this process calls the API server
    /// @param reload told of credentials that take the place of the first
    public static CertificateCare load(
            KubernetesClient client,
            ServiceIdentity identity,
            String username,
            Lifetimes lifetimes,
            Consumer<Credentials> reload) {
        InstantSource wall = InstantSource.system();
        Rotator rotator = new Rotator(
                CertificateSecret.serving(client, identity.namespace()),
                CertificateSecret.authorities(client, identity.namespace()),
                identity,
                lifetimes,
                new CertificateAuthority(identity, lifetimes, new SecureRandom()),
                wall);
        return new CertificateCare(
                rotator,
                new WebhookConfigurations(client),
                new ShippedHooks(identity, username),
                new SelfTest(new Api(client, CALL_TIMEOUT), identity.namespace()),
                wall,
                new MonotonicClock(),
                shorter(REGULAR, lifetimes.leaf().dividedBy(6)),
                reload);
    }

    /// @param monotonic does not go back
    /// @param regular how often to look: no certificate of these settings can run out between two looks
    private CertificateCare(
            Rotator rotator,
            WebhookConfigurations configurations,
            ShippedHooks shipped,
            SelfTest selfTest,
            InstantSource wall,
            InstantSource monotonic,
            Duration regular,
            Consumer<Credentials> reload) {
        this.rotator = rotator;
        this.configurations = configurations;
        this.shipped = shipped;
        this.selfTest = selfTest;
        this.wall = wall;
        this.monotonic = monotonic;
        this.regular = regular;
        this.reload = reload;
        this.current = first();
        this.schedule = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("certificates").factory());
    }

    /// What is served with.
    public Credentials current() {
        return current;
    }

    /// Whether API servers have been told whom to trust since the start, as far as they let us: before that, calls of
    /// a process that serves with what others do not may fail.
    public boolean publishedOrTried() {
        return publishedOrTried;
    }

    /// How the last try of the hooks went; null before the first.
    public SelfTest.@Nullable Result result() {
        return result;
    }

    /// How the hooks that stand differ from those that this build ships, a sentence for each; null before the
    /// first look at both webhook configurations.
    public @Nullable List<String> changes() {
        return changes;
    }

    /// Publishes what clients must trust, at once, and then looks again and again, and when somebody writes a
    /// webhook configuration: calls fail while one does not trust us.
    public void start() {
        schedule.execute(this::look);
        configurations.watch(() -> schedule.execute(() -> lookIn(CHANGED)));
    }

    private Credentials first() {
        Duration wait = Duration.ofMillis(250);
        while (true) {
            try {
                return rotator.refresh(_ -> false);
            } catch (KubernetesClientException | IllegalArgumentException e) {
                LOG.atWarn()
                        .addKeyValue("cause", e.getMessage())
                        .addKeyValue("wait", wait)
                        .log("certificates cannot be loaded; trying again");
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

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void look() {
        Duration next = regular;
        try {
            next = round() ? regular : shorter(regular, EAGER);
        } catch (KubernetesClientException | ApiException e) {
            next = EAGER;
            LOG.atWarn()
                    .addKeyValue("cause", e.getMessage())
                    .log("certificates could not be looked after; trying again");
        } catch (RuntimeException | Error bug) { // or the next look would never come
            next = EAGER;
            LOG.atError().setCause(bug).log("certificates could not be looked after, by a bug; trying again");
        }
        publishedOrTried = true; // after a failure too, or nobody would become ready
        lookIn(untilOver(next));
    }

    /// `next`, or less where what is served ends before: it may live shorter than what these settings
    /// would issue.
    private Duration untilOver(Duration next) {
        Duration left = Duration.between(wall.instant(), current.over());
        return left.isPositive() ? shorter(next, left.plusMillis(1)) : next;
    }

    /// There is one next look, of the schedule alone.
    private void lookIn(Duration time) {
        ScheduledFuture<?> planned = nextLook;
        if (planned != null) {
            planned.cancel(false);
        }
        nextLook = schedule.schedule(this::look, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// The configurations are read first: what is published for a Secret that others have changed since is
    /// refused.
    private boolean round() {
        WebhookConfigurations.Standing standing = configurations.read();
        Instant now = monotonic.instant();
        Credentials stored = stored(now);
        Bundle ours = Bundle.of(stored, current);
        serve(rotator.serve(current, stored, trust.at(now))); // what is over waits for no write, and no try
        Bundle trusted = configurations.publish(standing, ours, wall.instant());
        published = standing.complete();
        publishedOrTried = true; // before the hooks are tried: who starts alone is reached only when it is ready
        Instant seen = monotonic.instant();
        boolean reached = tryHooks(seen);
        trust = trust.after(seen, published ? trusted.authorities() : List.of(), reached);
        serve(rotator.serve(current, stored, trust.at(seen)));
        if (published) {
            compare(standing);
        }
        return published && !(result instanceof SelfTest.Result.Unreached);
    }

    /// Tells when it changes: at the first look, a difference only.
    private void compare(WebhookConfigurations.Standing standing) {
        List<String> now = shipped.differences(standing.configurations());
        List<String> before = changes;
        if (!now.equals(before == null ? List.of() : before)) {
            LOG.atWarn()
                    .addKeyValue("changes", now)
                    .log(
                            now.isEmpty()
                                    ? "the webhook configurations are as shipped again"
                                    : "the webhook configurations are not as shipped; they are left as they are");
        }
        changes = now;
    }

    /// What is stored, or what is served where that cannot be used.
    private Credentials stored(Instant now) {
        try {
            return rotator.refresh(trust.at(now));
        } catch (IllegalArgumentException e) {
            LOG.atError()
                    .addKeyValue("cause", e.getMessage())
                    .addKeyValue("served", current)
                    .log("the Secret with our certificate cannot be used; the last good one is served on");
            return current;
        }
    }

    private boolean tryHooks(Instant now) {
        if (!published) {
            if (result != null && !(result instanceof SelfTest.Result.NotAsked)) { // they stood before
                result = new SelfTest.Result.NotAsked();
                told = SelfTest.Result.NotAsked.class;
                tell(new SelfTest.Result.NotAsked());
            }
            return false;
        }
        if (trust.waits(now) || tried.equals(Instant.MIN) || !now.isBefore(tried.plus(TRY))) {
            tried = now;
            SelfTest.Result before = result;
            SelfTest.Result after = selfTest.run();
            result = after;
            // Who starts alone is not reached before it is ready: that is news only the second time.
            boolean again = before != null && before.getClass() == after.getClass();
            if (after instanceof SelfTest.Result.Unreached ? again && told != after.getClass() : !again) {
                tell(after);
                told = after.getClass();
            }
        }
        return proves(result);
    }

    /// Whether a try showed that nobody fails to reach us: it did reach us, or nobody is sent here.
    private static boolean proves(SelfTest.@Nullable Result result) {
        return switch (result) {
            case SelfTest.Result.Enforced _, SelfTest.Result.NotAsked _ -> true;
            case SelfTest.Result.Unknown(String _, boolean reached) -> reached;
            case SelfTest.Result.Unreached _ -> false;
            case null -> false;
        };
    }

    private static void tell(SelfTest.Result result) {
        switch (result) {
            case SelfTest.Result.Enforced _ -> LOG.atInfo().log("the API server asks our hooks");
            case SelfTest.Result.NotAsked _ ->
                LOG.atError()
                        .log("the API server does not ask our hooks: compare the webhook configurations \"canary\""
                                + " with the manifests");
            case SelfTest.Result.Unreached(String why) ->
                LOG.atError().addKeyValue("cause", why).log("the API server cannot reach our hooks");
            case SelfTest.Result.Unknown(String why, boolean _) ->
                LOG.atWarn().addKeyValue("cause", why).log("the hooks could not be tried");
        }
    }

    private void serve(Credentials next) {
        if (!next.chain().equals(current.chain())) {
            reload.accept(next);
            LOG.atInfo().addKeyValue("expires", next.end()).log("another serving certificate is in use");
        }
        current = next;
    }

    @Override
    public void close() {
        configurations.close();
        schedule.shutdownNow();
    }
}
