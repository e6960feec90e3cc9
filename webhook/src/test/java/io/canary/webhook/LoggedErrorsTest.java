// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggedErrorsTest {
    private static final Logger LOG = LoggerFactory.getLogger(LoggedErrorsTest.class);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private double counted() {
        return registry.get("canary.log.errors").counter().count();
    }

    @Test
    void errorsAreCountedAndNothingElse() {
        try (LoggedErrors _ = new LoggedErrors(registry)) {
            LOG.atWarn().log("no error");
            assertThat(counted()).isZero();

            LOG.atError()
                    .addKeyValue("key", "value")
                    .setCause(new StackOverflowError())
                    .log("one");
            LOG.error("another");
            assertThat(counted()).isEqualTo(2);
        }
        LOG.error("after the end");
        assertThat(counted()).isEqualTo(2);
    }
}
