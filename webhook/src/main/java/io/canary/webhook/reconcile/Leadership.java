// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import io.canary.webhook.kube.Api;
import io.canary.webhook.kube.ApiException;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides by a Lease which one process writes. Leads only while it renewed in time by its own clock; takes over only
/// what has not changed for a whole lease by its own clock.
final class Leadership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
    private static final Instant NEVER = Instant.MIN;

    /// Which Lease, and its times.
    ///
    /// @param identity of this process, not used by any other before or after
    /// @param duration how long it holds without renewal
    /// @param renew how long we go on without having renewed it, less than `duration`
    /// @param retry how often we try
    record Terms(String namespace, String name, String identity, Duration duration, Duration renew, Duration retry) {}

    private final Api api;
    private final Terms terms;
    private final InstantSource clock;
    private final Runnable gained;
    private final Runnable lost;
    private final String path;
    private @Nullable LeaseRecord last;
    private Instant changed = NEVER;
    private boolean doubted; // read it before it is renewed
    private boolean told;
    private boolean untold;
    private volatile Instant renewed = NEVER;
    private volatile Instant contact = NEVER;
    private volatile boolean closed;

    /// @param clock must not go back
    /// @param gained, lost called in turns, in the elector's thread; must return soon
    Leadership(Api api, Terms terms, InstantSource clock, Runnable gained, Runnable lost) {
        this.api = api;
        this.terms = terms;
        this.clock = clock;
        this.gained = gained;
        this.lost = lost;
        this.path = "/apis/coordination.k8s.io/v1/namespaces/" + terms.namespace() + "/leases";
    }

    void start() {
        Thread.ofVirtual().name("leadership").start(this::loop);
    }

    /// Whether we may write now. Asked before every write: it turns false by the passing of time alone, also when
    /// this process was stopped for a while and its elector has not run yet.
    boolean leads() {
        Instant since = renewed;
        return !closed && !since.equals(NEVER) && clock.instant().isBefore(since.plus(terms.renew()));
    }

    /// When the API server last answered about the Lease; the distant past if it never did.
    Instant contact() {
        return contact;
    }

    private synchronized void loop() {
        while (!closed) {
            try {
                round();
            } catch (RuntimeException | Error bug) { // or this process would never lead again, and live on
                LOG.atError().setCause(bug).log("Lease not looked after, by a bug; trying again");
            }
            try {
                wait(terms.retry().toMillis());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /// One try to renew or to take over.
    synchronized void round() {
        Instant start = clock.instant();
        try {
            if (doubted || !holds()) {
                read();
            }
            Duration unchanged = changed.equals(NEVER) ? Duration.ZERO : Duration.between(changed, start);
            switch (LeaseDecision.of(last, terms.identity(), unchanged, terms.duration())) {
                case LeaseDecision.Create _ -> hold(start, "there was none");
                case LeaseDecision.Renew _ -> hold(start, "");
                case LeaseDecision.TakeOver(String why) -> hold(start, why);
                case LeaseDecision.Follow _ -> renewed = NEVER;
            }
            contact = clock.instant();
        } catch (ApiException e) {
            if (e.code() != 0) {
                contact = clock.instant();
            }
            if (e.conflict()) {
                last = null; // someone else wrote it: read it anew
            }
            doubted |= e.code() != 0; // it may not be what we take it for
            LOG.atWarn().addKeyValue("cause", e.getMessage()).log("Lease not renewed");
        }
        tell();
    }

    /// Whether the Lease was ours when it was read or written last.
    private boolean holds() {
        LeaseRecord record = last;
        return record != null && record.holder().equals(terms.identity());
    }

    private void read() {
        LeaseRecord now;
        try {
            now = LeaseRecord.of(api.get(path + "/" + terms.name(), Lease.class));
        } catch (ApiException e) {
            if (!e.notFound()) {
                throw e;
            }
            now = null;
        }
        doubted = false;
        if (now == null || last == null || now.version() != last.version()) {
            changed = clock.instant();
        }
        last = now;
    }

    private void hold(Instant start, String why) {
        LeaseRecord base = last == null ? new LeaseRecord("", 0, "", Duration.ZERO, null, -1) : last;
        Map<String, Object> spec = LeaseRecord.held(base, terms.identity(), terms.duration(), Instant.now());
        last = LeaseRecord.of(write(spec));
        tell(); // the answer may have come after our time was over: what stopped then must be started again
        renewed = start;
        if (!why.isEmpty()) {
            LOG.atInfo()
                    .addKeyValue("why", why)
                    .addKeyValue("identity", terms.identity())
                    .log("Leading");
        }
    }

    private Lease write(Map<String, Object> spec) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", terms.name());
        metadata.put("namespace", terms.namespace());
        LeaseRecord base = last;
        if (base != null) {
            metadata.put("uid", base.uid());
            metadata.put("resourceVersion", Long.toString(base.version()));
        }
        Map<String, Object> lease =
                Map.of("apiVersion", "coordination.k8s.io/v1", "kind", "Lease", "metadata", metadata, "spec", spec);
        return base == null
                ? api.create(path, lease, Lease.class)
                : api.replace(path + "/" + terms.name(), lease, Lease.class);
    }

    private void tell() {
        boolean leads = leads();
        if (leads == told && !untold) {
            return;
        }
        told = leads;
        untold = true; // also where a bug ends this: then it is told again
        if (leads) {
            gained.run();
        } else {
            LOG.atWarn().log("Leading no more");
            lost.run();
        }
        untold = false;
    }

    /// Leads no more and lets another take over at once. What still writes must have ended before.
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
        LeaseRecord record = last;
        if (record == null || !holds()) {
            return;
        }
        try {
            last = LeaseRecord.of(write(LeaseRecord.released(record, Instant.now())));
        } catch (ApiException e) {
            LOG.atWarn().addKeyValue("cause", e.getMessage()).log("Lease not given up: it ends by itself");
        }
    }
}
