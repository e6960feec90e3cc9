// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.canary.certs.ServiceIdentity;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Requests to ourselves.
class WarmUpTest {
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void eachHookIsCalledUnderTheNameThatTheApiServerUses() {
        Queue<Hook> calls = new ConcurrentLinkedQueue<>();
        AdmissionEndpoint counting = (hook, _, _) -> {
            calls.add(hook);
            return TestServer.ok("{}");
        };
        try (TestServer server = new TestServer(AdmissionLimits.DEFAULT, counting)) {
            warmUp(server, "canary-webhook").run(server.credentials, 7);
        }

        assertThat(calls).hasSize(14);
        assertThat(calls.stream().filter(Hook.MUTATE::equals)).hasSize(7);
    }

    @Test
    void aServerThatAnswersWronglyIsNotWarm() {
        try (TestServer server = new TestServer(AdmissionLimits.DEFAULT, (_, _, _) -> HttpAnswer.refused(400, "no"))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> warmUp(server, "canary-webhook").run(server.credentials, 1))
                    .withMessage("our own request to /mutate was answered 400");
        }
    }

    @Test
    void aServerThatChecksClientsLetsOurselvesInUntilTheStartIsOver() {
        Clients others = new TestClients("CN=clients").clients("kube-apiserver");
        try (TestServer server = new TestServer(others, AdmissionLimits.DEFAULT, (_, _, _) -> TestServer.ok("{}"))) {
            WarmUp warmUp = warmUp(server, "canary-webhook");
            warmUp.run(server.credentials, 1);
            assertThatThrownBy(() -> warmUp.run(TestServer.issue(), 1))
                    .as("another certificate by the same authority")
                    .hasMessageContaining("certificate_unknown");
            server.server.endWarmUp().await();
            assertThatThrownBy(() -> warmUp.run(server.credentials, 1)).hasMessageContaining("certificate_unknown");
        }
    }

    @Test
    void whatIsSentIsAReview() {
        AdmissionCodec.Decoded decoded =
                AdmissionCodec.decode(WarmUp.REVIEW.getBytes(StandardCharsets.UTF_8), "system:serviceaccount:a:b");

        assertThat(decoded).isInstanceOf(AdmissionCodec.Decoded.Asked.class);
    }

    private WarmUp warmUp(TestServer server, String service) {
        return new WarmUp(vertx, new ServiceIdentity(service, "t"), "127.0.0.1", server.server.port());
    }
}
