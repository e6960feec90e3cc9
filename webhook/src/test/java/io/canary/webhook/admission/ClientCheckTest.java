// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canary.certs.Credentials;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whom a server lets in that asks for a certificate, over real TLS (admission.md T12; section 4, TLS floor).
class ClientCheckTest {
    private static final TestClients OURS = new TestClients("CN=clients");
    private static final TestClients THEIRS = new TestClients("CN=clients");
    private static final TestClients.Client API_SERVER = OURS.client("CN=kube-apiserver,O=system:masters");
    private static final String OK = "HTTP/1.1 200 OK";

    private static TestServer server(@Nullable Clients clients) {
        return new TestServer(
                clients,
                AdmissionLimits.DEFAULT,
                (hook, _, body) -> TestServer.ok("%s %d".formatted(hook, body.length)));
    }

    private static String ask(TestServer server, TestClients.Client client) {
        return TestClients.ask(server, client.context(server));
    }

    private static double refused(TestServer server, String reason) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (System.nanoTime() < end) {
            Counter counter = server.registry
                    .find("canary.admission.clients.refused")
                    .tag("reason", reason)
                    .counter();
            if (counter != null) {
                return counter.count();
            }
            server.server.heartbeat().await(10, TimeUnit.SECONDS);
        }
        return 0;
    }

    @Test
    void whoHasACertificateByTheAuthorityIsLetIn() {
        try (TestServer server = server(OURS.clients())) {
            assertThat(ask(server, API_SERVER)).isEqualTo(OK);
        }
    }

    @Test
    void whoHasNoneIsRefusedAndCounted() throws Exception {
        try (TestServer server = server(OURS.clients())) {
            assertThat(TestClients.ask(server, TestServer.trusting(server.credentials, null)))
                    .startsWith("refused: ");
            assertThat(refused(server, "none")).isEqualTo(1);
        }
    }

    @Test
    void whoseAuthorityOnlyHasTheSameNameIsRefusedAndCounted() throws Exception {
        try (TestServer server = server(OURS.clients())) {
            assertThat(ask(server, THEIRS.client("CN=kube-apiserver"))).startsWith("refused: ");
            assertThat(refused(server, "untrusted")).isEqualTo(1);
        }
    }

    @Test
    void aCertificateThatHasEndedOrIsForServersIsRefused() throws Exception {
        try (TestServer server = server(OURS.clients())) {
            Instant soon = Instant.now().plusSeconds(60);
            assertThat(ask(
                            server,
                            OURS.client(
                                    "CN=a",
                                    KeyPurposeId.id_kp_clientAuth,
                                    Instant.now().minusSeconds(1))))
                    .startsWith("refused: ");
            assertThat(ask(server, OURS.client("CN=a", KeyPurposeId.id_kp_serverAuth, soon)))
                    .startsWith("refused: ");
            assertThat(ask(server, OURS.client("CN=a", KeyPurposeId.id_kp_clientAuth, soon)))
                    .isEqualTo(OK);
            assertThat(refused(server, "untrusted")).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CN=kube-apiserver                      | true
            O=system:masters,CN=kube-apiserver     | true
            CN=kube apiserver                      | false
            CN=KUBE-APISERVER                      | false
            CN=kube-apiserver2                     | false
            O=kube-apiserver                       | false
            O=x\\,CN\\=kube-apiserver              | false
            O="x,CN=kube-apiserver"                | false
            CN=eve,CN=kube-apiserver               | false
            CN=kube-apiserver,CN=eve               | false
            CN=kube-apiserver+O=eve                | false
            """)
    void ofTheAuthoritysClientsThoseWithAListedNameAreLetIn(String subject, boolean letIn) throws Exception {
        try (TestServer server = server(OURS.clients("kube-apiserver", "other"))) {
            if (letIn) {
                assertThat(ask(server, OURS.client(subject))).isEqualTo(OK);
            } else {
                assertThat(ask(server, OURS.client(subject))).startsWith("refused: ");
                assertThat(refused(server, "name")).isEqualTo(1);
            }
        }
    }

    @Test
    void otherAuthoritiesHoldForNewConnectionsAndThoseThatStandGoOn() throws Exception {
        try (TestServer server = server(OURS.clients())) {
            SSLContext context = API_SERVER.context(server);
            try (SSLSocket stands = TestClients.open(server, context, "TLSv1.3")) {
                assertThat(TestClients.ask(stands)).isEqualTo(OK);
                server.server.admit(THEIRS.clients()).await(10, TimeUnit.SECONDS);

                assertThat(TestClients.ask(stands)).isEqualTo(OK);
                assertThat(TestClients.ask(server, context))
                        .as("the session of before is not resumed")
                        .startsWith("refused: ");
                assertThat(ask(server, THEIRS.client("CN=kube-apiserver"))).isEqualTo(OK);
            }
        }
    }

    @Test
    void aNewServingCertificateLetsNobodyElseIn() throws Exception {
        try (TestServer server = server(OURS.clients("kube-apiserver"))) {
            server.server.reload(TestServer.issue()).await(10, TimeUnit.SECONDS);

            assertThat(ask(server, API_SERVER)).isEqualTo(OK);
            assertThat(ask(server, OURS.client("CN=eve"))).startsWith("refused: ");
            assertThat(ask(server, THEIRS.client("CN=kube-apiserver"))).startsWith("refused: ");
        }
    }

    private static @Nullable Clients mix(String name) {
        return switch (name) {
            case "everybody" -> null;
            case "authority" -> OURS.clients();
            case "names" -> OURS.clients("kube-apiserver");
            default -> throw new IllegalArgumentException(name);
        };
    }

    /// All that changes how the server speaks TLS: whom it lets in, and each way to new options.
    @ParameterizedTest
    @CsvSource({
        "everybody, false, false, false",
        "everybody, false, false, true",
        "everybody, true,  false, false",
        "everybody, true,  false, true",
        "authority, false, false, false",
        "authority, false, false, true",
        "authority, false, true,  false",
        "authority, false, true,  true",
        "authority, true,  false, false",
        "authority, true,  false, true",
        "authority, true,  true,  false",
        "authority, true,  true,  true",
        "names,     false, false, false",
        "names,     false, false, true",
        "names,     false, true,  false",
        "names,     false, true,  true",
        "names,     true,  false, false",
        "names,     true,  false, true",
        "names,     true,  true,  false",
        "names,     true,  true,  true",
    })
    void tls12IsRefusedInEachMixOfSettings(String mix, boolean renewed, boolean readmitted, boolean warm)
            throws Exception {
        Clients clients = mix(mix);
        try (TestServer server = server(clients)) {
            if (renewed) {
                Credentials other = TestServer.issue();
                server.server.reload(other).await(10, TimeUnit.SECONDS);
            }
            if (readmitted && clients != null) {
                server.server.admit(clients).await(10, TimeUnit.SECONDS);
            }
            if (warm) {
                server.server.endWarmUp().await(10, TimeUnit.SECONDS);
            }
            SSLContext context = API_SERVER.context(server);

            assertThatThrownBy(() -> TestClients.open(server, context, "TLSv1.2"))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("protocol_version");
            try (SSLSocket socket = TestClients.open(server, context, "TLSv1.3")) {
                assertThat(TestClients.ask(socket)).isEqualTo(OK);
            }
        }
    }

    @Test
    void aFloodOfRefusalsIsCountedAndLoggedOnceInAWhile() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
        ClientRefusals refusals = new ClientRefusals(new AdmissionMetrics(registry), now::get);
        try (LogLines lines = new LogLines(ClientRefusals.class)) {
            for (int i = 0; i < 1_000; i++) {
                refusals.count(ClientRefusals.Reason.NAME, "CN=eve");
                now.addAndGet(Duration.ofMillis(30).toNanos());
            }
            refusals.count(ClientRefusals.Reason.UNTRUSTED, "CN=mallory");

            assertThat(lines.texts()).hasSize(4).allMatch("a client was refused for its certificate"::equals);
        }
        assertThat(registry.get("canary.admission.clients.refused")
                        .tag("reason", "name")
                        .counter()
                        .count())
                .isEqualTo(1_000);
    }
}
