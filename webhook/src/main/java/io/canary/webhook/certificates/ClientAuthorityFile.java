// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import io.canary.certs.ClientAuthorities;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file with the authorities of clients, read again and again, as a mounted ConfigMap or Secret
/// changes. One that cannot be read changes nothing: the last good one holds.
public final class ClientAuthorityFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClientAuthorityFile.class);
    private static final Duration REGULAR = Duration.ofSeconds(10);

    private final Path file;
    private final Consumer<ClientAuthorities> changed;
    private final ScheduledExecutorService schedule = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("client-authorities").factory());
    private volatile ClientAuthorities current;
    private String told = ""; // of the schedule alone

    /// Reads it for the first time; an [IllegalArgumentException] says why it cannot be used.
    ///
    /// @param changed told of what takes the place of the first
    public ClientAuthorityFile(Path file, Consumer<ClientAuthorities> changed) {
        this.file = file;
        this.changed = changed;
        this.current = read();
    }

    /// What was last read.
    public ClientAuthorities current() {
        return current;
    }

    /// From now on looks regularly.
    public void start() {
        var _ = schedule.scheduleWithFixedDelay(
                this::look, REGULAR.toMillis(), REGULAR.toMillis(), TimeUnit.MILLISECONDS);
    }

    void look() {
        try {
            ClientAuthorities found = read();
            if (!found.equals(current)) {
                changed.accept(found);
                current = found;
                LOG.atInfo().addKeyValue("authorities", found).log("clients are let in by other authorities");
            }
            told = "";
        } catch (RuntimeException e) {
            String problem = String.valueOf(e.getMessage());
            if (!problem.equals(told)) {
                told = problem;
                LOG.atWarn()
                        .addKeyValue("problem", problem)
                        .log("the authorities of clients cannot be read; those of before hold");
            }
        }
    }

    private ClientAuthorities read() {
        try (InputStream in = Files.newInputStream(file)) {
            return ClientAuthorities.decode(file.toString(), in.readNBytes(ClientAuthorities.MAX_BYTES + 1));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    file + " cannot be read: " + e.getClass().getSimpleName(), e);
        }
    }

    @Override
    public void close() {
        schedule.shutdownNow();
    }
}
