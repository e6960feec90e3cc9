// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.testbed;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// A readiness or liveness probe: `httpGet`, over TLS without looking at the certificate as kubelets do, or
/// `tcpSocket`. A container without one is ready, and lives, while it runs.
final class ContainerProbe {
    private static final Duration EAGER = Duration.ofMillis(100);
    private static final SSLSocketFactory TRUSTING = trusting();

    private final Container container;
    private final @Nullable Probe probe;
    private final String host;
    private final boolean eager;
    private int failures;
    private boolean passing;
    private Instant due;

    private ContainerProbe(Container container, @Nullable Probe probe, String host, boolean eager, Duration delay) {
        this.container = container;
        this.probe = probe;
        this.host = host;
        this.eager = eager;
        this.passing = !eager;
        this.due = Instant.now().plus(delay);
    }

    /// Until its first success it is asked ten times a second, whatever `initialDelaySeconds` and
    /// `periodSeconds` say.
    static ContainerProbe readiness(Container container, String host) {
        return new ContainerProbe(container, container.getReadinessProbe(), host, true, Duration.ZERO);
    }

    /// Holds until it has failed as often as its threshold says.
    static ContainerProbe liveness(Container container, String host) {
        Probe probe = container.getLivenessProbe();
        int delay = probe == null ? 0 : orDefault(probe.getInitialDelaySeconds(), 0);
        return new ContainerProbe(container, probe, host, false, Duration.ofSeconds(delay));
    }

    /// Asks if it is time; the answers count by `failureThreshold`.
    boolean passes() {
        if (probe == null) {
            return true;
        }
        if (!Instant.now().isBefore(due)) {
            if (answers(probe)) {
                failures = 0;
                passing = true;
            } else if (++failures >= orDefault(probe.getFailureThreshold(), 3)) {
                passing = false;
            }
            due = Instant.now().plus(pause());
        }
        return passing;
    }

    /// How long until it should be asked again.
    Duration pause() {
        return probe == null || (eager && !passing)
                ? EAGER
                : Duration.ofSeconds(orDefault(probe.getPeriodSeconds(), 10));
    }

    private boolean answers(Probe asked) {
        try {
            var limit = Math.toIntExact(
                    Duration.ofSeconds(orDefault(asked.getTimeoutSeconds(), 1)).toMillis());
            if (asked.getHttpGet() != null) {
                return get(asked.getHttpGet(), limit);
            }
            if (asked.getTcpSocket() != null) {
                return connect(port(asked.getTcpSocket().getPort()), limit);
            }
            throw new IllegalArgumentException("process pods know httpGet and tcpSocket probes only");
        } catch (IOException e) {
            return false;
        }
    }

    private boolean connect(int port, int limit) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), limit);
            return true;
        }
    }

    private boolean get(HTTPGetAction action, int limit) throws IOException {
        var scheme = Objects.requireNonNullElse(action.getScheme(), "HTTP").toLowerCase(Locale.ROOT);
        var path = Objects.requireNonNullElse(action.getPath(), "/");
        var address = URI.create(scheme + "://" + host + ":" + port(action.getPort()) + path);
        var connection = (HttpURLConnection) address.toURL().openConnection();
        if (connection instanceof HttpsURLConnection secure) {
            secure.setSSLSocketFactory(TRUSTING);
            secure.setHostnameVerifier((_, _) -> true);
        }
        connection.setConnectTimeout(limit);
        connection.setReadTimeout(limit);
        connection.setRequestProperty("Connection", "close");
        connection.setRequestProperty("User-Agent", "kube-probe/testbed");
        try {
            var code = connection.getResponseCode();
            return code >= 200 && code < 400;
        } finally {
            connection.disconnect();
        }
    }

    private int port(IntOrString port) {
        if (port.getIntVal() != null) {
            return port.getIntVal();
        }
        return container.getPorts().stream()
                .filter(each -> port.getStrVal().equals(each.getName()))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("no port of the container is called " + port.getStrVal()))
                .getContainerPort();
    }

    private static int orDefault(@Nullable Integer value, int otherwise) {
        return value == null ? otherwise : value;
    }

    private static SSLSocketFactory trusting() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustAll()}, null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no TLS", e);
        }
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
