// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.canary.domain.json.JsonObject;
import io.canary.kubectl.cluster.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `verify` against a server that answers as versions do, and a kubectl that tells what is in force.
class VerifyTest {
    @TempDir
    Path folder = Path.of("");

    private StandInCluster cluster = StandInCluster.NONE;
    private AnsweringServer server = AnsweringServer.NONE;

    @BeforeEach
    void begin() throws IOException {
        server = AnsweringServer.start(VerifyTest::ninetyTen);
        cluster = new StandInCluster(folder, server.port());
        cluster.inForce("Route", "90", "10");
    }

    @AfterEach
    void end() {
        server.close();
    }

    /// Exactly nine of ten by v1.
    private static void ninetyTen(int number, HttpExchange exchange) throws IOException {
        AnsweringServer.answer(exchange, 200, Map.of("X-Version", number % 10 == 0 ? "v2" : "v1"), "");
    }

    private Run verify(String... flags) {
        return cluster.run(flags);
    }

    private Run measured(String... flags) {
        String[] all = new String[flags.length + 3];
        System.arraycopy(flags, 0, all, 0, flags.length);
        all[flags.length] = "--address=http://127.0.0.1:" + server.port();
        all[flags.length + 1] = "--rate=0";
        all[flags.length + 2] = "--host=order.shop.example";
        return verify(all);
    }

    @Test
    void theSplitIsCountedAndInside() {
        Run run = measured("--requests=200");
        assertThat(run.code()).as(run.toString()).isZero();
        assertThat(run.out())
                .contains("order  shop  http://127.0.0.1:" + server.port() + "/ as order.shop.example\n")
                .contains("VERSION   IN FORCE   MEASURED   95% INTERVAL   REQUESTS   VERDICT\n")
                .contains("v1        90%        90.0%      85.1..93.4%    180        inside\n")
                .contains("v2        10%        10.0%      6.6..14.9%     20         inside\n")
                .contains("\u00b14.2 points; 868 requests would give \u00b12.0, 3461 \u00b11.0\n");
        assertThat(run.err()).isEmpty();
        assertThat(server.requests()).hasSize(200).allMatch(request -> request.equals("GET / order.shop.example"));
        assertThat(server.connections()).as("a port may be used again").isGreaterThan(100);
    }

    @Test
    void anotherSplitIsOutside() {
        cluster.inForce("Route", "70", "30");
        Run run = measured("--requests=200");
        assertThat(run.code()).as(run.toString()).isEqualTo(5);
        assertThat(run.out()).contains("v2        30%        10.0%      6.6..14.9%     20         outside\n");
        assertThat(run.err())
                .contains("error: v2: 30% is in force, and 10.0% was measured (99% interval 5.8..16.8%)\n")
                .contains("hint: kubectl canary check order\n");
    }

    /// Few requests rule little out, and it says so.
    @Test
    void aVersionThatIsNotSeenIsTold() {
        server.answers((_, exchange) -> AnsweringServer.answer(exchange, 200, Map.of("version", "v1"), ""));
        Run few = measured("--requests=59");
        assertThat(few.code()).as(few.toString()).isZero();
        assertThat(few.out()).contains("v2 answered none, which 60 requests would rule out at 10%\n");
        assertThat(measured("--requests=60").code()).isEqualTo(5);
    }

    @Test
    void failuresAreToldByKind() {
        server.answers((number, exchange) ->
                AnsweringServer.answer(exchange, number % 50 == 7 ? 503 : 200, versionOf(number), ""));
        Run run = measured("--requests=200");
        assertThat(run.code()).as(run.toString()).isEqualTo(5);
        assertThat(run.out()).contains("failed: 4 of 200 (status 503: 4)\n");
        assertThat(run.err()).contains("error: the shares are inside, but of 200 requests 4 failed and 0 told no");
    }

    private static Map<String, String> versionOf(int number) {
        return Map.of("x-version", number % 10 == 0 ? "v2" : "v1");
    }

    @Test
    void aServerThatIsSilentTimesOut() {
        CountDownLatch never = new CountDownLatch(1);
        server.answers((number, exchange) -> {
            if (number == 30) {
                await(never);
            }
            AnsweringServer.answer(exchange, 200, versionOf(number), "");
        });
        Run run = measured("--requests=100", "--timeout=2s");
        never.countDown();
        assertThat(run.code()).as(run.toString()).isEqualTo(5);
        assertThat(run.out()).contains("failed: 1 of 100 (timed out: 1)\n");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void nobodyThereIsToldAtOnce() {
        int port = server.port();
        server.close();
        Run run = verify("--address=127.0.0.1:" + port, "--host=a.example", "--requests=100000");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .matches("(?s)error: none of the first 1[0-9] requests to http://127.0.0.1:" + port
                        + "/ as a.example was answered with success: 1[0-9] x connection refused\nhint: can it be.*");
    }

    /// It says what it saw, and how to name the place.
    @Test
    void answersThatTellNothingEndIt() {
        server.answers((_, exchange) -> AnsweringServer.answer(exchange, 200, Map.of("X-Build", "7"), "{}"));
        Run run = measured("--requests=100000");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("seen: status 200, headers ", "x-build")
                .contains("error: no version could be told from the first ", "by header x-canary-version, ")
                .contains("--by=header:NAME or --by='body:REGEX'; it must be or contain one of v1, v2\n");
        assertThat(server.requests()).hasSizeLessThan(30);
    }

    @Test
    void someAnswersThatTellNothingAreNoGoodEnd() {
        server.answers((number, exchange) ->
                AnsweringServer.answer(exchange, 200, number % 100 == 50 ? Map.of() : versionOf(number), ""));
        Run run = measured("--requests=200");
        assertThat(run.code()).isEqualTo(5);
        assertThat(run.out()).contains("told no version: 2 of 200, by header x-canary-version, ");
    }

    @ParameterizedTest
    @CsvSource({"header:Server-Pod, order-v%s-6d4f9c7b8-x2k9p, ''", "body:(v[0-9]+), '', {\"version\":\"v%s\"}"})
    void theVersionMayStandElsewhere(String by, String header, String body) {
        server.answers((number, exchange) -> {
            String version = number % 10 == 0 ? "2" : "1";
            AnsweringServer.answer(
                    exchange, 200, Map.of("server-pod", header.formatted(version)), body.formatted(version));
        });
        Run run = measured("--requests=100", "--by=" + by);
        assertThat(run.code()).as(run.toString()).isZero();
    }

    /// The route names the host, the Gateway the address.
    @Test
    void theGatewayOfARouteIsFound() {
        cluster.managed("shop", "*.shop.example");
        Run run = verify("--requests=100", "--rate=0", "--path=/api?x=1");
        assertThat(run.code()).as(run.toString()).isZero();
        assertThat(server.requests()).hasSize(100).allMatch("GET /api?x=1 canary-verify.shop.example"::equals);
        Run given = verify("--requests=100", "--rate=0", "--address=localhost:" + server.port() + "/x");
        assertThat(given.code()).as(given.toString()).isZero();
        assertThat(server.requests().getLast()).isEqualTo("GET /x canary-verify.shop.example");
    }

    @Test
    void whatWasLookedForIsToldWhereNothingIsFound() {
        Run run = verify();
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("no HTTPRoute at a Gateway sends traffic to Service order\n")
                .contains("A port-forward to the Service measures nothing")
                .contains("error: found no address that leads to order\nhint: kubectl port-forward ");
        cluster.managed("shop", "order.shop.example");
        cluster.gateway("{\"spec\":{\"listeners\":[{\"protocol\":\"HTTP\",\"port\":80}]}}");
        assertThat(verify().err()).contains("Gateway shop/public of HTTPRoute shop has no address in its status\n");
    }

    /// A route that nobody manages goes past the split; the hint is how to end that.
    @Test
    void aBypassIsNamed() {
        cluster.inForce("Route", "50", "50");
        cluster.unmanaged("legacy", "order.shop.example");
        Run run = verify("--requests=200", "--rate=0");
        assertThat(run.code()).as(run.toString()).isEqualTo(5);
        assertThat(run.err()).contains("hint: kubectl annotate httproute legacy canary.io/managed=true\n");
    }

    @Test
    void aCanaryUserMustGetItsVersion() {
        server.answers((_, exchange) -> {
            String who = exchange.getRequestHeaders().getFirst("x-user-id");
            String cookie = exchange.getRequestHeaders().getFirst("Cookie");
            boolean canary = "alice".equals(who) || "canary=always".equals(cookie);
            AnsweringServer.answer(exchange, 200, Map.of("version", canary ? "v2" : "v1"), "");
        });
        Run alice = measured("--requests=50", "--user=header:x-user-id=alice");
        assertThat(alice.code()).as(alice.toString()).isZero();
        assertThat(alice.out()).contains("EXPECTED", "v2        100%       100.0%");
        assertThat(measured("--requests=50", "--user=cookie:canary=always").code())
                .isZero();
        Run bob = measured("--requests=100", "--user=header:x-user-id=bob");
        assertThat(bob.code()).isEqualTo(5);
        assertThat(bob.err()).contains("no version lists header:x-user-id=bob in canary.io/users\n");
    }

    @Test
    void aCanaryDomainMustLeadToItsVersion() {
        server.answers((_, exchange) -> {
            boolean canary = exchange.getRequestHeaders().getFirst("Host").equals("canary.shop.example");
            AnsweringServer.answer(exchange, 200, Map.of("version", canary ? "v2" : "v1"), "");
        });
        String address = "--address=http://127.0.0.1:" + server.port();
        Run run = verify(address, "--host=canary.shop.example", "--requests=50", "--rate=0");
        assertThat(run.code()).as(run.toString()).isZero();
        assertThat(verify(address, "--host=other.shop.example", "--requests=100", "--rate=0")
                        .code())
                .isEqualTo(5);
    }

    @Test
    void withoutRoutesPodsAreTheMeasure() {
        cluster.inForce("Replica", "50", "50", "90", "10");
        Run run = measured("--requests=200");
        assertThat(run.code()).as(run.toString()).isZero();
        assertThat(run.out()).contains("BY PODS");
        assertThat(run.err()).contains("traffic follows pods: expected is the share of ready pods\n");
    }

    @Test
    void sharesThatChangeMeanwhileGiveNoVerdict() {
        cluster.then("Route", "75", "25");
        Run run = measured("--requests=100");
        assertThat(run.code()).as(run.toString()).isEqualTo(3);
        assertThat(run.out()).contains("v2        10%        10.0%").doesNotContain("inside", "outside");
        assertThat(run.err())
                .contains("error: the shares changed while they were measured: v1 90, v2 10, now v1 75, v2 25\n");
    }

    @Test
    void dataHasNamesAndPercents() {
        Run run = measured("--requests=200", "-o", "json");
        assertThat(run.code()).as(run.toString()).isZero();
        JsonObject tree = JsonObject.of(Json.read(run.out()));
        assertThat(List.of(tree.text("kind"), tree.text("app"), tree.text("basis"), tree.text("verdict")))
                .containsExactly("Verification", "order", "inForce", "inside");
        assertThat(tree.object("requests").fields())
                .isEqualTo(Map.of("wanted", 200, "sent", 200, "told", 200, "unknown", 0, "failed", 0));
        JsonObject v2 = tree.objects("versions").get(1);
        assertThat(v2.fields().get("expected")).isEqualTo(10.0);
        assertThat(v2.fields().get("measured")).isEqualTo(10.0);
        assertThat(v2.object("interval95").fields()).isEqualTo(Map.of("low", 6.57, "high", 14.94));
        assertThat(v2.flag("inside")).isTrue();
        assertThat(tree.objects("tighter").getFirst().fields()).isEqualTo(Map.of("halfWidth", 2.0, "requests", 868));
        assertThat(measured("--requests=50", "-o", "yaml").out()).contains("kind: Verification\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--requests=0",
                "--requests=1000001",
                "--requests=many",
                "--concurrency=0",
                "--concurrency=1001",
                "--rate=-1",
                "--rate=fast",
                "--timeout=soon",
                "--address=ftp://a",
                "--address=http://",
                "--address=http://a:0",
                "--address=http://u@a",
                "--host=a b",
                "--path=x",
                "--path=/a b",
                "--user=alice",
                "--user=header:a=b, cookie:c=d",
                "--by=x-version",
                "--by=body:("
            })
    void whatIsTypedWrongIsUsage(String flag) {
        Run run = verify(flag);
        assertThat(run.code()).as(run.toString()).isEqualTo(64);
        assertThat(run.err()).startsWith("error: --" + flag.substring(2).split("=", 2)[0] + ": ");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void noFasterThanAsked() {
        long began = System.nanoTime();
        Run run = verify(
                "--address=http://127.0.0.1:" + server.port(),
                "--host=a",
                "--requests=11",
                "--rate=50",
                "--by=header:x-version");
        assertThat(run.code()).as(run.toString()).isNotEqualTo(1);
        assertThat(System.nanoTime() - began).isGreaterThan(200_000_000L);
    }

    @Test
    void noMoreAtOnceThanAsked() {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        server.answers((number, exchange) -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            now.decrementAndGet();
            ninetyTen(number, exchange);
        });
        assertThat(measured("--requests=100", "--concurrency=2").code()).isZero();
        assertThat(most.get()).isBetween(1, 2);
    }

    /// What was measured so far is told before the process ends.
    @Test
    void aSignalEndsItAndItTells() throws Exception {
        CountDownLatch some = new CountDownLatch(40);
        server.answers((number, exchange) -> {
            ninetyTen(number, exchange);
            some.countDown();
        });
        Process process = cluster.process(
                "--address=http://127.0.0.1:" + server.port(), "--host=a.example", "--requests=100000", "--rate=200");
        try {
            some.await();
            process.toHandle().destroy(); // SIGTERM, as CI systems send it; a shell may have us ignore SIGINT
            String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(process.waitFor()).isEqualTo(143);
            assertThat(out)
                    .contains("v1        90%        ")
                    .contains("error: interrupted after ")
                    .contains(" of 100000 requests: no verdict")
                    .doesNotContain("inside", "outside");
        } finally {
            process.destroyForcibly();
        }
    }
}
