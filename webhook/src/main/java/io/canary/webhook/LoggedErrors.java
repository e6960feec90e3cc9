// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.LoggerFactory;

/// Counts errors in the log as `canary.log.errors`: what our code stumbles over is one, whatever part it is in
/// (SECURITY.md, T19). Micrometer's own binder does not see what is logged by SLF4J's fluent calls.
final class LoggedErrors extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Counter errors;
    private final Logger root =
            ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    /// Counts from now on, until closed.
    LoggedErrors(MeterRegistry registry) {
        errors = Counter.builder("canary.log.errors")
                .description("Lines of level error in the log")
                .register(registry);
        setContext(root.getLoggerContext());
        start();
        root.addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
            errors.increment();
        }
    }

    @Override
    public void close() {
        root.detachAppender(this);
        stop();
    }
}
