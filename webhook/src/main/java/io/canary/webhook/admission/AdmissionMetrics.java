// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// Rate, duration and decisions of admission requests, and how many are in flight.
public final class AdmissionMetrics {
    private final Meter.MeterProvider<Timer> durations;
    private final Meter.MeterProvider<Counter> refusedClients;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile boolean counting;

    public AdmissionMetrics(MeterRegistry registry) {
        durations = Timer.builder("canary.admission.requests")
                .description("Admission requests: from the end of the head to the answer, by hook and decision")
                .serviceLevelObjectives(buckets(1, 2, 5, 10, 25, 50, 100, 250, 1000, 3000))
                .withRegistry(registry);
        refusedClients = Counter.builder("canary.admission.clients.refused")
                .description("Clients that were refused in the TLS handshake for their certificate, by reason")
                .withRegistry(registry);
        Gauge.builder("canary.admission.in.flight", inFlight, AtomicInteger::get)
                .description("Admission requests that are being read or decided")
                .register(registry);
    }

    /// From now on requests are recorded; what came before was our own warm-up.
    public void startCounting() {
        counting = true;
    }

    void began() {
        inFlight.incrementAndGet();
    }

    void ended(Optional<Hook> hook, String decision, long nanos) {
        inFlight.decrementAndGet();
        if (counting) {
            String name = hook.map(h -> h.name().toLowerCase(Locale.ROOT)).orElse("none");
            durations.withTags("hook", name, "decision", decision).record(Duration.ofNanos(nanos));
        }
    }

    void refusedClient(String reason) {
        refusedClients.withTag("reason", reason).increment();
    }

    private static Duration[] buckets(int... millis) {
        Duration[] buckets = new Duration[millis.length];
        for (int i = 0; i < millis.length; i++) {
            buckets[i] = Duration.ofMillis(millis[i]);
        }
        return buckets;
    }
}
