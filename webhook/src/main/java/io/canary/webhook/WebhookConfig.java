// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import io.canary.certs.Lifetimes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The settings of the process, from environment variables. A wrong one stops the start and is named.
/// `docs/settings.md` lists them all.
///
/// @param clientCertificates null where clients need none
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
        Lifetimes lifetimes,
        @Nullable ClientCertificates clientCertificates,
        int warmUp,
        Lease lease,
        int workers,
        LogLevel logLevel) {

    /// The certificates that clients must have.
    ///
    /// @param authorities the file with those who may sign them
    /// @param names the common names that they may have; empty for any
    public record ClientCertificates(Path authorities, Set<String> names) {
        public ClientCertificates {
            names = Set.copyOf(names);
        }
    }

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
                lifetimes(read),
                clientCertificates(read),
                read.number("CANARY_WARM_UP", 30, 0, 1_000),
                lease(read),
                read.number("CANARY_WORKERS", 8, 1, 256),
                read.choice("CANARY_LOG_LEVEL", LogLevel.INFO));
    }

    /// The name by which the API server knows us.
    public String username() {
        return "system:serviceaccount:" + namespace + ":" + serviceAccount;
    }

    private static Lifetimes lifetimes(Settings read) {
        Duration authority = read.duration("CANARY_CA_LIFETIME", "365d");
        Duration leaf = read.duration("CANARY_CERTIFICATE_LIFETIME", "30d");
        try {
            return new Lifetimes(authority, leaf);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("CANARY_CA_LIFETIME, CANARY_CERTIFICATE_LIFETIME: " + e.getMessage(), e);
        }
    }

    private static @Nullable ClientCertificates clientCertificates(Settings read) {
        Path authorities = read.file("CANARY_CLIENT_CA");
        Set<String> names = read.commonNames("CANARY_CLIENT_NAMES");
        if (authorities == null && !names.isEmpty()) {
            throw new IllegalArgumentException("CANARY_CLIENT_NAMES: clients are asked for a certificate only where "
                    + "CANARY_CLIENT_CA is set, and it is not");
        }
        return authorities == null ? null : new ClientCertificates(authorities, names);
    }

    private static Lease lease(Settings read) {
        Lease lease = new Lease(
                read.label("CANARY_LEASE", "canary"),
                read.duration("CANARY_LEASE_DURATION", "15s"),
                read.duration("CANARY_LEASE_RENEW", "10s"),
                read.duration("CANARY_LEASE_RETRY", "2s"));
        if (lease.retry().isZero()
                || lease.retry().compareTo(lease.renew()) >= 0
                || lease.renew().compareTo(lease.duration()) >= 0) {
            throw new IllegalArgumentException(
                    ("CANARY_LEASE_RETRY, CANARY_LEASE_RENEW, CANARY_LEASE_DURATION: %s, %s, %s must rise in this order,"
                                    + " from above 0")
                            .formatted(lease.retry(), lease.renew(), lease.duration()));
        }
        return lease;
    }
}
