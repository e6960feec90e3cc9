// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import io.canary.certs.Credentials;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/// The registry of all metrics, and those that concern the process itself.
final class ProcessMetrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    PrometheusMeterRegistry registry() {
        return registry;
    }

    /// When the certificates end, in seconds since 1970.
    void watch(Supplier<Credentials> credentials) {
        expiry("leaf", credentials, Credentials::leaf);
        expiry("authority", credentials, Credentials::authority);
    }

    /// Memory, collections, threads and processor time of the JVM.
    void watchJvm() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    private void expiry(String name, Supplier<Credentials> credentials, Function<Credentials, X509Certificate> part) {
        TimeGauge.builder(
                        "canary.certificate.expiry",
                        credentials,
                        TimeUnit.MILLISECONDS,
                        now -> part.apply(now.get()).getNotAfter().toInstant().toEpochMilli())
                .tag("certificate", name)
                .description("When the certificate ends, in seconds since 1970")
                .strongReference(true)
                .register(registry);
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
