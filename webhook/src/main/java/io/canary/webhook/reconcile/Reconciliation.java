// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.domain.app.NamespaceView;
import io.canary.domain.plan.Planner;
import io.canary.domain.policy.Policies;
import io.canary.webhook.BackgroundPart;
import io.canary.webhook.MonotonicClock;
import io.canary.webhook.WebhookConfig;
import io.canary.webhook.kube.Api;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Caches, queue, writes and leadership, put together: what brings apps forward as long as the process lives.
/// Every process keeps caches, for admission; only the leader plans and writes.
public final class Reconciliation implements BackgroundPart {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CONTACT_LOST = Duration.ofSeconds(60); // admission.md: caches older than this

    private final MonotonicClock clock = new MonotonicClock();
    private final Instant started = clock.instant();
    private final ClusterCache cache;
    private final ClusterWatch watch;
    private final ReconcileQueue queue;
    private final Reconciler reconciler;
    private final Leadership leadership;
    private final PolicyCare policies;
    private final int workers;
    private volatile boolean filled;

    private Reconciliation(
            KubernetesClient client, WebhookConfig config, MeterRegistry metrics, Reconciler.Planning planning) {
        String identity = config.podName() + "_"
                + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        this.workers = config.workers();
        this.cache = new ClusterCache((namespace, apps) -> apps.forEach(app -> changed(new AppKey(namespace, app))));
        this.watch = new ClusterWatch(client, cache);
        Api api = new Api(client, CALL_TIMEOUT);
        this.leadership = new Leadership(
                new Api(client, config.lease().retry()),
                new Leadership.Terms(
                        config.namespace(),
                        config.lease().name(),
                        identity,
                        config.lease().duration(),
                        config.lease().renew(),
                        config.lease().retry()),
                clock,
                this::all,
                this::stop);
        TerminatingNamespaces terminating = new TerminatingNamespaces(clock);
        Events events = new Events(api, clock, config.podName(), terminating);
        PlanApplier applier = new PlanApplier(
                cache,
                new ObjectWriter(api, terminating),
                new LastLook(api, cache, LastLook.ALIVE),
                events,
                clock,
                this::isLeader,
                metrics);
        this.reconciler = new Reconciler(cache, applier, events, planning, clock, this::mayWrite, metrics);
        this.queue = new ReconcileQueue(reconciler::run);
        this.policies = new PolicyCare(cache, api, InstantSource.system(), this::mayWrite, metrics);
        cache.onPolicy(policies::wake);
        metrics.gauge("canary.queue", queue, ReconcileQueue::size);
        metrics.gauge("canary.leader", this, r -> r.isLeader() ? 1 : 0);
    }

    /// Starts to fill the caches and to run for leadership; returns at once.
    public static Reconciliation start(KubernetesClient client, WebhookConfig config, MeterRegistry metrics) {
        return start(client, config, metrics, Planner::plan);
    }

    static Reconciliation start(
            KubernetesClient client, WebhookConfig config, MeterRegistry metrics, Reconciler.Planning planning) {
        Reconciliation reconciliation = new Reconciliation(client, config, metrics, planning);
        reconciliation.begin();
        return reconciliation;
    }

    private void begin() {
        queue.start(workers);
        policies.start();
        var _ = watch.start().thenRun(this::filled);
        leadership.start();
    }

    private void filled() {
        cache.filled();
        filled = true;
        LOG.atInfo().log("Caches filled");
        all();
    }

    private void changed(AppKey key) {
        if (mayWrite()) {
            queue.add(key);
        }
    }

    private void all() {
        if (mayWrite()) {
            cache.apps().forEach(queue::add);
            policies.wake();
        }
    }

    private void stop() {
        queue.clear();
        reconciler.forget();
    }

    private boolean mayWrite() {
        return filled && isLeader();
    }

    public boolean isLeader() {
        return leadership.leads();
    }

    /// What stands in `namespace`, for admission. Never calls the API server.
    public NamespaceView view(String namespace) {
        return cache.view(namespace);
    }

    /// The policies about `namespace`. Never calls the API server.
    public Policies policies(String namespace) {
        return cache.policies(namespace);
    }

    /// Whether the caches are filled, and the API server answered within the last minute.
    @Override
    public boolean ready() {
        return filled && clock.instant().isBefore(latest().plus(CONTACT_LOST));
    }

    private Instant latest() {
        Instant contact = leadership.contact();
        return contact.isBefore(started) ? started : contact;
    }

    @Override
    public void resign() {
        queue.close();
        policies.close();
        leadership.close();
    }

    @Override
    public void close() {
        resign();
        watch.close();
    }
}
