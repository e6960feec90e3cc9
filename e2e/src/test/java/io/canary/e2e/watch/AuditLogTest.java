// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    private static final String CANARY = "system:serviceaccount:canary-system:canary";

    @TempDir
    Path folder;

    private Path file;
    private AuditLog log;

    @BeforeEach
    void open() {
        file = folder.resolve("audit.log");
        log = new AuditLog(file);
    }

    @Test
    void missingFileTellsNothing() {
        assertThat(log.mark()).isZero();
        assertThat(log.since(0).count()).isZero();
    }

    @Test
    void lineBecomesCall() throws IOException {
        append(line(CANARY, "patch", "deployments", "scale", "ResponseComplete", "") + "\n");
        assertThat(log.since(0).all())
                .containsExactly(new Call(
                        "canary/1",
                        CANARY,
                        "patch",
                        "",
                        "deployments",
                        "scale",
                        "t-1",
                        "order-v2",
                        200,
                        Instant.parse("2026-01-02T03:04:05.678901Z"),
                        false));
    }

    @Test
    void halfWrittenAndBrokenLinesAreNoCalls() throws IOException {
        String line = line(CANARY, "patch", "services", "", "ResponseComplete", "");
        append(line + "\nrubbish\n{\"half\": \n" + line.substring(0, 100));
        assertThat(log.since(0).count()).isEqualTo(1);
        long mark = log.mark();
        append(line.substring(100) + "\n");
        assertThat(log.since(mark).count()).isEqualTo(1);
        assertThat(log.since(log.mark()).count()).isZero();
    }

    @Test
    void markBehindVeryLongLineIsFound() throws IOException {
        append("{\"x\":\"" + "y".repeat(200_000) + "\"}\n" + "z".repeat(10_000));
        assertThat(log.mark()).isEqualTo(200_009);
    }

    @Test
    void watchIsToldOnceWhenItStarts() throws IOException {
        append(line(CANARY, "watch", "services", "", "ResponseStarted", "") + "\n");
        append(line(CANARY, "watch", "services", "", "ResponseComplete", "") + "\n");
        append(line(CANARY, "list", "services", "", "ResponseStarted", "") + "\n");
        append(line(CANARY, "list", "services", "", "ResponseComplete", "") + "\n");
        assertThat(log.since(0).watches().count()).isEqualTo(1);
        assertThat(log.since(0).lists().count()).isEqualTo(1);
    }

    @Test
    void writesLeaveOutDryRunsAndReviews() throws IOException {
        append(line(CANARY, "create", "subjectaccessreviews", "", "ResponseComplete", "") + "\n");
        append(line(CANARY, "patch", "deployments", "", "ResponseComplete", "?dryRun=All") + "\n");
        append(line(CANARY, "patch", "httproutes", "", "ResponseComplete", "?fieldManager=canary") + "\n");
        append(line("admin", "create", "deployments", "", "ResponseComplete", "") + "\n");
        append(line(CANARY, "update", "leases", "", "ResponseComplete", "") + "\n");
        Calls calls = log.since(0).by(CANARY);
        assertThat(calls.except("leases").writes().all())
                .extracting(Call::resource)
                .containsExactly("httproutes");
        assertThat(calls.table()).contains("     1  patch httproutes").contains("     1  update leases");
    }

    @Test
    void quietIsAwaited() throws IOException {
        append(line(CANARY, "patch", "services", "", "ResponseComplete", "") + "\n");
        try (ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor()) {
            var written = later.schedule(
                    () -> {
                        append(line(CANARY, "patch", "httproutes", "", "ResponseComplete", "") + "\n");
                        return true;
                    },
                    100,
                    TimeUnit.MILLISECONDS);
            Calls calls = log.awaitQuiet(0, CANARY, Duration.ofMillis(500), Duration.ofSeconds(10));
            assertThat(written.isDone()).isTrue();
            assertThat(calls.all()).extracting(Call::resource).containsExactly("services", "httproutes");
        }
    }

    @Test
    void whoNeverIsQuietIsNamedWithItsLastWrites() throws IOException {
        append(line(CANARY, "patch", "services", "", "ResponseComplete", "") + "\n");
        assertThatThrownBy(() -> log.awaitQuiet(0, CANARY, Duration.ofSeconds(5), Duration.ofMillis(50)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(CANARY)
                .hasMessageContaining("patch services t-1/order-v2 200");
    }

    private void append(String text) throws IOException {
        Files.write(file, text.getBytes(UTF_8), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String line(
            String user, String verb, String resource, String subresource, String stage, String query) {
        return """
                {"kind":"Event","level":"Metadata","auditID":"a","stage":"%s","requestURI":"/x%s","verb":"%s",\
                "user":{"username":"%s","groups":["g"]},"userAgent":"canary/1","objectRef":{"resource":"%s",\
                "subresource":"%s","namespace":"t-1","name":"order-v2"},"responseStatus":{"metadata":{},"code":200},\
                "requestReceivedTimestamp":"2026-01-02T03:04:05.678901Z",\
                "stageTimestamp":"2026-01-02T03:04:05.778901Z"}""".formatted(stage, query, verb, user, resource, subresource);
    }
}
