// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/// What a class logs meanwhile.
final class LogLines implements AutoCloseable {
    private final Logger logger;
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    LogLines(Class<?> of) {
        logger = (Logger) LoggerFactory.getLogger(of);
        appender.start();
        logger.addAppender(appender);
    }

    List<String> texts() {
        return appender.list.stream().map(ILoggingEvent::getMessage).toList();
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
    }
}
