// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.LoggerFactory;

/// Logs as one JSON object a line on standard output; set up in code, which starts faster than reading a file.
final class JsonLogs {
    private JsonLogs() {}

    /// Replaces whatever logging was set up before.
    static void start(WebhookConfig.LogLevel level) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        JsonEncoder encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithContext(false);
        encoder.setWithMDC(false);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithFormattedMessage(true);
        encoder.start();
        ConsoleAppender<ILoggingEvent> stdout = new ConsoleAppender<>();
        stdout.setContext(context);
        stdout.setEncoder(encoder);
        stdout.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.valueOf(level.name()));
        root.addAppender(stdout);
        // A pod without a hardware address is no reason to worry.
        context.getLogger("io.netty.util.internal.MacAddressUtil").setLevel(Level.ERROR);
        // Connections that end badly, mostly handshakes that a client breaks off: who is let in is told elsewhere, and
        // what our own calls came to by whoever made them.
        context.getLogger("io.vertx.core.net.impl.ConnectionBase").setLevel(Level.OFF);
        if (root.isDebugEnabled()) { // Netty would tell what every start and every packet does
            context.getLogger("io.netty").setLevel(Level.INFO);
        }
    }
}
