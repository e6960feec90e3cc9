// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.webhook.logging.Pace;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts the clients that were refused for their certificate, and logs some: a flood of them fills no log.
final class ClientRefusals {
    private static final Logger LOG = LoggerFactory.getLogger(ClientRefusals.class);
    private static final Duration QUIET = Duration.ofSeconds(10);

    /// What is wrong with a client.
    enum Reason {
        /// It showed no certificate: it has none, or none by an authority of a name that we ask for.
        NONE,
        /// None of the authorities signed its certificate, or it is not valid now, or not for clients.
        UNTRUSTED,
        /// Its certificate has another common name than those let in.
        NAME;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final AdmissionMetrics metrics;
    private final Map<Reason, Pace> paces = new EnumMap<>(Reason.class);

    /// @param nanos a clock that does not go back
    ClientRefusals(AdmissionMetrics metrics, LongSupplier nanos) {
        this.metrics = metrics;
        for (Reason reason : Reason.values()) {
            paces.put(reason, new Pace(QUIET, nanos));
        }
    }

    /// @param subject of its certificate, safe to be shown
    void count(Reason reason, String subject) {
        metrics.refusedClient(reason.text());
        if (Objects.requireNonNull(paces.get(reason)).worthALine()) {
            LOG.atWarn()
                    .addKeyValue("reason", reason.text())
                    .addKeyValue("subject", subject)
                    .log("a client was refused for its certificate");
        }
    }

    /// A handshake that failed: of a client without a certificate nothing else is heard.
    void failed(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException
                    && String.valueOf(cause.getMessage()).contains("Empty client certificate chain")) {
                count(Reason.NONE, "");
                return;
            }
        }
    }
}
