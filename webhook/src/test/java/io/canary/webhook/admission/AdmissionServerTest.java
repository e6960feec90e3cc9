// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the server answers, over a real TLS connection.
class AdmissionServerTest {
    private static final TestServer SERVER = TestServer.echoing(AdmissionLimits.DEFAULT);
    private static final byte[] REVIEW = "{}".getBytes(UTF_8);
    private static final int MIB = 1024 * 1024;

    @AfterAll
    static void close() {
        SERVER.close();
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1_1", "HTTP_2"})
    void bothHooksAnswerOverEachHttpVersion(HttpClient.Version version) throws Exception {
        try (HttpClient client = SERVER.client(version)) {
            HttpResponse<String> mutate =
                    client.send(SERVER.post("/mutate", REVIEW).build(), HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> validate =
                    client.send(SERVER.post("/validate", REVIEW).build(), HttpResponse.BodyHandlers.ofString());

            assertThat(mutate.body()).isEqualTo("MUTATE 2");
            assertThat(validate.body()).isEqualTo("VALIDATE 2");
            assertThat(mutate.version()).isEqualTo(version);
            assertThat(mutate.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET,    /mutate,    405",
        "PUT,    /validate,  405",
        "DELETE, /mutate,    405",
        "GET,    /,          404",
        "POST,   /mutate/,   404",
        "POST,   /metrics,   404",
        "POST,   /mutate?timeout=3s, 200",
    })
    void onlyPostOnAHookPathIsServed(String method, String path, int status) throws Exception {
        HttpRequest.Builder request = SERVER.request(path)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofByteArray(REVIEW));

        assertThat(SERVER.send(request).statusCode()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "application/json,                   200",
        "application/json; charset=utf-8,    200",
        "application/json;charset=UTF-8,     200",
        "text/plain,                         415",
        "application/json; charset=utf-16,   415",
        "application/json-patch+json,        415",
        "application/yaml,                   415",
    })
    void onlyJsonInUtf8IsRead(String type, int status) throws Exception {
        HttpRequest.Builder request = SERVER.request("/validate")
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(REVIEW));

        assertThat(SERVER.send(request).statusCode()).isEqualTo(status);
    }

    @Test
    void aCompressedBodyIsNotRead() throws Exception {
        HttpRequest.Builder request = SERVER.post("/mutate", new byte[5 * MIB]).header("Content-Encoding", "gzip");

        assertThat(SERVER.send(request).statusCode()).isEqualTo(415);
    }

    @Test
    void aBodyAtTheCapIsRead() throws Exception {
        assertThat(SERVER.send(SERVER.post("/mutate", new byte[7 * MIB])).body())
                .isEqualTo("MUTATE 7340032");
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1_1", "HTTP_2"})
    void aBodyOneByteOverTheCapIsRefused(HttpClient.Version version) throws Exception {
        try (HttpClient client = SERVER.client(version)) {
            HttpResponse<String> answer = client.send(
                    SERVER.post("/mutate", new byte[7 * MIB + 1]).build(), HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(413);
            assertThat(answer.body()).isEqualTo("the body is larger than 7340032 bytes\n");
        }
    }

    @Test
    void anEndlessChunkedBodyIsCutAtTheCap() throws Exception {
        try (SSLSocket socket = SERVER.socket()) {
            CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> TestServer.readToEnd(socket));
            OutputStream out = socket.getOutputStream();
            out.write(head("POST /mutate", "Transfer-Encoding: chunked"));
            byte[] chunk = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(US_ASCII);
            assertThatThrownBy(() -> {
                        while (true) {
                            out.write(chunk);
                        }
                    })
                    .isInstanceOf(IOException.class);

            assertThat(answer.get(20, TimeUnit.SECONDS)).startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void whoAsksBeforeSendingTooMuchIsNotToldToContinue() throws Exception {
        try (SSLSocket socket = SERVER.socket()) {
            socket.getOutputStream().write(head("POST /mutate", "Content-Length: 1073741824", "Expect: 100-continue"));

            assertThat(TestServer.readToEnd(socket)).startsWith("HTTP/1.1 413 ").doesNotContain("100");
        }
    }

    @Test
    void whoAsksBeforeSendingAFittingBodyIsToldToContinue() throws Exception {
        try (SSLSocket socket = SERVER.socket()) {
            socket.getOutputStream()
                    .write(head("POST /mutate", "Content-Length: 2", "Expect: 100-continue", "Connection: close"));
            byte[] interim = socket.getInputStream().readNBytes("HTTP/1.1 100 Continue\r\n\r\n".length());
            socket.getOutputStream().write(REVIEW);

            assertThat(new String(interim, US_ASCII)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            assertThat(TestServer.readToEnd(socket))
                    .startsWith("HTTP/1.1 200 OK")
                    .endsWith("MUTATE 2");
        }
    }

    @Test
    void tls12IsRefused() {
        assertThatThrownBy(() -> SERVER.socket("TLSv1.2")).isInstanceOf(SSLException.class);
    }

    @Test
    void headersThatDripAreCutOff() throws Exception {
        try (TestServer server = TestServer.echoing(times(Duration.ofMillis(300), Duration.ofSeconds(10)));
                SSLSocket socket = server.socket()) {
            socket.getOutputStream().write("POST /mut".getBytes(US_ASCII));

            assertThat(TestServer.readToEnd(socket)).isEmpty();
        }
    }

    @Test
    void aBodyThatStallsIsCutOff() throws Exception {
        try (TestServer server = TestServer.echoing(times(Duration.ofSeconds(10), Duration.ofMillis(300)));
                SSLSocket socket = server.socket()) {
            socket.getOutputStream().write(head("POST /mutate", "Content-Length: 10"));
            socket.getOutputStream().write("{".getBytes(US_ASCII));

            assertThat(TestServer.readToEnd(socket)).startsWith("HTTP/1.1 408 ").contains("connection: close");
        }
    }

    @Test
    void requestsPastTheBoundAreRefusedAndTheOthersAnswered() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AdmissionLimits one = new AdmissionLimits(
                MIB,
                MIB,
                MIB,
                1,
                10,
                Duration.ofSeconds(9),
                Duration.ofSeconds(9),
                Duration.ofSeconds(9),
                Duration.ofMillis(100));
        AdmissionEndpoint waiting = (_, _, _) -> {
            await(go);
            return TestServer.ok("done");
        };
        try (TestServer server = new TestServer(one, waiting);
                HttpClient client = server.client(HttpClient.Version.HTTP_1_1)) {
            CompletableFuture<HttpResponse<String>> first =
                    client.sendAsync(server.post("/mutate", REVIEW).build(), HttpResponse.BodyHandlers.ofString());
            while (server.registry.get("canary.admission.in.flight").gauge().value() < 1) {
                Thread.onSpinWait();
            }

            HttpResponse<String> second = server.send(server.post("/mutate", REVIEW));
            go.countDown();

            assertThat(second.statusCode()).isEqualTo(503);
            assertThat(first.get(10, TimeUnit.SECONDS).body()).isEqualTo("done");
        }
    }

    @Test
    void whoTakesAllConnectionsLocksNobodyOut() throws Exception {
        AdmissionLimits all = AdmissionLimits.DEFAULT;
        AdmissionLimits three = new AdmissionLimits(
                all.bodyBytes(),
                all.bufferedBytes(),
                all.decidingBytes(),
                all.requests(),
                3,
                all.headTime(),
                all.bodyTime(),
                all.keepAlive(),
                all.linger());
        try (TestServer server = TestServer.echoing(three);
                SSLSocket first = server.socket();
                SSLSocket second = server.socket();
                SSLSocket third = server.socket()) {
            for (SSLSocket socket : List.of(first, second, third)) {
                ask(socket);
            }
            assertThat(server.send(server.post("/mutate", REVIEW)).statusCode()).isEqualTo(200);
            assertThat(TestServer.readToEnd(first))
                    .as("that asked nothing for the longest time")
                    .isEmpty();
        }
    }

    @Test
    void theHeartbeatWaitsForTheEventLoop() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (TestServer server = TestServer.echoing(AdmissionLimits.DEFAULT)) {
            server.occupy(over);
            Future<Void> beat = server.server.heartbeat();
            try {
                assertThatThrownBy(() -> beat.await(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            } finally {
                over.countDown(); // or the server could not be closed
            }
            beat.await(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aBugIsAnsweredAndTheServerLivesOn() throws Exception {
        AdmissionEndpoint broken = (hook, _, _) -> {
            if (hook == Hook.MUTATE) {
                throw new StackOverflowError("deep");
            }
            return TestServer.ok("fine");
        };
        try (TestServer server = new TestServer(AdmissionLimits.DEFAULT, broken)) {
            assertThat(server.send(server.post("/mutate", REVIEW)).statusCode()).isEqualTo(500);
            assertThat(server.send(server.post("/validate", REVIEW)).body()).isEqualTo("fine");
        }
    }

    @Test
    void aDrainingServerAnswersAndSendsItsClientsAway() throws Exception {
        try (TestServer server = TestServer.echoing(AdmissionLimits.DEFAULT)) {
            server.server.drain();
            HttpResponse<String> answer = server.send(server.post("/mutate", REVIEW));

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("connection")).hasValue("close");
        }
    }

    @Test
    void whoeverMayBeAnsweredBetterElsewhereIsSentThere() throws Exception {
        AdmissionEndpoint blind = (_, _, _) -> new HttpAnswer(200, "application/json", REVIEW, "denied", true);
        try (TestServer server = new TestServer(AdmissionLimits.DEFAULT, blind)) {
            HttpResponse<String> answer = server.send(server.post("/mutate", REVIEW));

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("connection")).hasValue("close");
        }
    }

    @Test
    void aNewLeafIsServedToNewConnections() throws Exception {
        try (TestServer server = TestServer.echoing(AdmissionLimits.DEFAULT)) {
            var renewed = TestServer.issue();
            server.server.reload(renewed).await(10, TimeUnit.SECONDS);

            try (SSLSocket socket = server.socket()) {
                assertThat(socket.getSession().getPeerCertificates()[0]).isEqualTo(renewed.leaf());
            }
        }
    }

    @Test
    void answersAreCountedByHookAndDecision() throws Exception {
        try (TestServer server = TestServer.echoing(AdmissionLimits.DEFAULT)) {
            server.send(server.post("/mutate", REVIEW));
            server.send(server.request("/mutate").GET());

            assertThat(counted(server, "mutate", "allowed")).isEqualTo(1);
            assertThat(counted(server, "none", "http-405")).isEqualTo(1);
        }
    }

    /// Sends a request and reads its answer; the connection stays.
    private static void ask(SSLSocket socket) throws IOException {
        socket.getOutputStream()
                .write(head("POST /mutate", "Content-Type: application/json", "Content-Length: " + REVIEW.length));
        socket.getOutputStream().write(REVIEW);
        StringBuilder answer = new StringBuilder();
        while (!answer.toString().endsWith("\r\n\r\nMUTATE " + REVIEW.length)) {
            int next = socket.getInputStream().read();
            assertThat(next).as("after " + answer).isNotNegative();
            answer.append((char) next);
        }
    }

    /// How many such answers were counted, waiting for the first: a client may have its answer before it is counted.
    private static long counted(TestServer server, String hook, String decision) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (System.nanoTime() < end) {
            Timer timer = server.registry
                    .find("canary.admission.requests")
                    .tags("hook", hook, "decision", decision)
                    .timer();
            if (timer != null) {
                return timer.count();
            }
            server.server.heartbeat().await(10, TimeUnit.SECONDS);
        }
        return 0;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static AdmissionLimits times(Duration head, Duration body) {
        AdmissionLimits all = AdmissionLimits.DEFAULT;
        return new AdmissionLimits(
                all.bodyBytes(),
                all.bufferedBytes(),
                all.decidingBytes(),
                all.requests(),
                all.connections(),
                head,
                body,
                all.keepAlive(),
                Duration.ofMillis(100));
    }

    private static byte[] head(String request, String... fields) {
        return (request + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + String.join("\r\n", fields) + "\r\n\r\n")
                .getBytes(US_ASCII);
    }
}
