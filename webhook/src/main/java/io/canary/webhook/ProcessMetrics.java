// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import io.canary.certs.Credentials;
import io.canary.webhook.certificates.CertificateCare;
import io.canary.webhook.certificates.SelfTest;
import io.micrometer.core.instrument.Gauge;
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
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The registry of all metrics, and those that concern the process itself.
final class ProcessMetrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final LoggedErrors errors = new LoggedErrors(registry);

    PrometheusMeterRegistry registry() {
        return registry;
    }

    /// When the certificates end, whether our hooks are asked, and whether they are as shipped.
    void watch(CertificateCare certificates) {
        expiry("leaf", certificates, Credentials::leaf);
        expiry("authority", certificates, Credentials::issuer);
        Gauge.builder("canary.self.test", certificates, now -> value(now.result()))
                .description("1: the API server asks our hooks and reaches them; 0: it does not; NaN: not known")
                .strongReference(true)
                .register(registry);
        Gauge.builder("canary.webhook.configuration.changes", certificates, now -> count(now.changes()))
                .description("In how many fields the hooks that stand differ from those that this build ships; NaN: not"
                        + " looked at yet")
                .strongReference(true)
                .register(registry);
    }

    private static double count(@Nullable List<String> changes) {
        return changes == null ? Double.NaN : changes.size();
    }

    private static double value(SelfTest.@Nullable Result result) {
        return switch (result) {
            case SelfTest.Result.Enforced _ -> 1;
            case SelfTest.Result.NotAsked _, SelfTest.Result.Unreached _ -> 0;
            case SelfTest.Result.Unknown _ -> Double.NaN;
            case null -> Double.NaN;
        };
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

    private void expiry(String name, CertificateCare certificates, Function<Credentials, X509Certificate> part) {
        TimeGauge.builder(
                        "canary.certificate.expiry",
                        certificates,
                        TimeUnit.MILLISECONDS,
                        now -> part.apply(now.current())
                                .getNotAfter()
                                .toInstant()
                                .toEpochMilli())
                .tag("certificate", name)
                .description("When the certificate ends, in seconds since 1970")
                .strongReference(true)
                .register(registry);
    }

    @Override
    public void close() {
        collections.close();
        errors.close();
        registry.close();
    }
}
