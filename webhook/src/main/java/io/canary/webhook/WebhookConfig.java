// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import java.time.Duration;
import java.util.Map;

/// The settings of the process, from environment variables. A wrong one stops the start and is named.
///
/// | Variable | Default | Meaning |
/// |---|---|---|
/// | `POD_NAMESPACE` | | used where `CANARY_NAMESPACE` is not set |
/// | `POD_NAME` | `canary-webhook` | who holds the lease, in messages |
/// | `POD_IP` | `0.0.0.0` | the address to listen on |
/// | `CANARY_NAMESPACE` | `canary-system` | where our Service, Secret and Lease are |
/// | `CANARY_SERVICE` | `canary-webhook` | the Service by which the API server calls us |
/// | `CANARY_SERVICE_ACCOUNT` | `canary` | our ServiceAccount, whose own writes are not judged |
/// | `CANARY_HTTPS_PORT` | `8443` | port of the hooks; `0` takes any free one |
/// | `CANARY_PROBE_PORT` | `8080` | port of `/livez`, `/readyz`, `/metrics`; `0` takes any free one |
/// | `CANARY_DRAIN` | `10s` | how long to serve on after SIGTERM, while Endpoints forget us |
/// | `CANARY_SHUTDOWN` | `20s` | how long requests in flight may take after that |
/// | `CANARY_WARM_UP` | `30` | requests to ourselves on each hook before we are ready, `0`…`1000` |
/// | `CANARY_LEASE` | `canary` | the Lease that decides who writes |
/// | `CANARY_LEASE_DURATION` | `15s` | how long a lease holds without renewal |
/// | `CANARY_LEASE_RENEW` | `10s` | how long its holder tries to renew before it stops writing |
/// | `CANARY_LEASE_RETRY` | `2s` | how often both try |
/// | `CANARY_WORKERS` | `8` | apps that are brought forward at the same time, `1`…`256` |
/// | `CANARY_LOG_LEVEL` | `info` | `error`, `warn`, `info`, `debug` or `trace` |
///
/// Durations are whole numbers with a unit: `500ms`, `10s`, `2m`.
public record WebhookConfig(
        String namespace,
        String podName,
        String address,
        String service,
        String serviceAccount,
        int httpsPort,
        int probePort,
        Duration drain,
        Duration shutdown,
        int warmUp,
        Lease lease,
        int workers,
        LogLevel logLevel) {

    /// Which Lease decides who writes, and its times.
    public record Lease(String name, Duration duration, Duration renew, Duration retry) {}

    /// How much is logged, from least to most.
    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    /// The settings in `environment`; an [IllegalArgumentException] tells variable, value and what is allowed.
    public static WebhookConfig from(Map<String, String> environment) {
        Settings read = new Settings(environment);
        return new WebhookConfig(
                read.label("CANARY_NAMESPACE", read.label("POD_NAMESPACE", "canary-system")),
                read.label("POD_NAME", "canary-webhook"),
                read.address("POD_IP", "0.0.0.0"),
                read.label("CANARY_SERVICE", "canary-webhook"),
                read.label("CANARY_SERVICE_ACCOUNT", "canary"),
                read.number("CANARY_HTTPS_PORT", 8443, 0, 65_535),
                read.number("CANARY_PROBE_PORT", 8080, 0, 65_535),
                read.duration("CANARY_DRAIN", "10s"),
                read.duration("CANARY_SHUTDOWN", "20s"),
                read.number("CANARY_WARM_UP", 30, 0, 1_000),
                lease(read),
                read.number("CANARY_WORKERS", 8, 1, 256),
                read.choice("CANARY_LOG_LEVEL", LogLevel.INFO));
    }

    /// The name by which the API server knows us.
    public String username() {
        return "system:serviceaccount:" + namespace + ":" + serviceAccount;
    }

    private static Lease lease(Settings read) {
        Lease lease = new Lease(
                read.label("CANARY_LEASE", "canary"),
                read.duration("CANARY_LEASE_DURATION", "15s"),
                read.duration("CANARY_LEASE_RENEW", "10s"),
                read.duration("CANARY_LEASE_RETRY", "2s"));
        if (lease.retry().compareTo(lease.renew()) >= 0 || lease.renew().compareTo(lease.duration()) >= 0) {
            throw new IllegalArgumentException(
                    "CANARY_LEASE_RETRY, CANARY_LEASE_RENEW, CANARY_LEASE_DURATION: %s, %s, %s must rise in this order"
                            .formatted(lease.retry(), lease.renew(), lease.duration()));
        }
        return lease;
    }
}
