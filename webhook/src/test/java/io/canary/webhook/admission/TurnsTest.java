// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static io.canary.webhook.admission.Reviews.JSON;
import static io.canary.webhook.admission.Reviews.at;
import static io.canary.webhook.admission.Reviews.bytes;
import static io.canary.webhook.admission.Reviews.deployment;
import static io.canary.webhook.admission.Reviews.review;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.admission.Change;
import io.canary.domain.policy.Right;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(10)
class TurnsTest {
    private static final HttpAnswer DONE = new HttpAnswer(200, "application/json", new byte[0], "allowed");
    private static final Change.Requester ALICE = new Change.Requester("alice", "", List.of(), false);
    private static final Set<Right> QUESTION = Set.of(new Right("", "services", "", "create", "shop", ""));

    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch free = new CountDownLatch(1);
    private final Turns turns = new Turns(1, Duration.ofMillis(50));

    @Test
    void whoGetsNoTurnIsToldToAskAgain() throws InterruptedException {
        AdmissionEndpoint endpoint = turns.of((_, _, _) -> {
            waits();
            return DONE;
        });
        CompletableFuture<HttpAnswer> first = CompletableFuture.supplyAsync(() -> ask(endpoint, Hook.VALIDATE));
        entered.await();

        byte[] creation = bytes(review("CREATE", deployment(), null));
        byte[] raise = bytes(review(
                "UPDATE",
                deployment(d -> at(d, "metadata", "annotations").put("canary.io/weight", "90")),
                deployment()));
        for (HttpAnswer refused : List.of(
                ask(endpoint, Hook.VALIDATE),
                endpoint.answer(Hook.MUTATE, "application/json", creation),
                endpoint.answer(Hook.MUTATE, "application/json", raise))) {
            JsonNode response = JSON.readTree(refused.body()).path("response");
            assertThat(refused.status()).isEqualTo(200);
            assertThat(response.path("uid").asString()).isEqualTo(Reviews.UID);
            assertThat(response.path("allowed").asBoolean()).isFalse();
            assertThat(response.at("/status/code").asInt()).isEqualTo(503);
            assertThat(response.at("/status/details/retryAfterSeconds").asInt()).isBetween(1, 3);
        }
        assertThat(ask(endpoint, Hook.MUTATE).status())
                .as("no key changes, and the policy is Ignore")
                .isEqualTo(503);
        byte[] deletion = bytes(review("DELETE", null, deployment()));
        assertThat(endpoint.answer(Hook.VALIDATE, "application/json", deletion).status())
                .as("here too")
                .isEqualTo(503);
        assertThat(endpoint.answer(Hook.VALIDATE, "application/json", new byte[] {'{'})
                        .status())
                .isEqualTo(503);

        free.countDown();
        assertThat(first.join()).isEqualTo(DONE);
        assertThat(ask(endpoint, Hook.VALIDATE)).isEqualTo(DONE);
    }

    @Test
    void whoWaitsForRightsHasNone() throws InterruptedException {
        Rights slow = Turns.outside((_, _) -> {
            waits();
            return Map.of();
        });
        AdmissionEndpoint asking = turns.of((_, _, _) -> {
            assertThat(slow.of(ALICE, QUESTION)).isEmpty();
            return DONE;
        });
        CompletableFuture<HttpAnswer> first = CompletableFuture.supplyAsync(() -> ask(asking, Hook.VALIDATE));
        entered.await();

        AdmissionEndpoint other = turns.of((_, _, _) -> DONE);
        assertThat(ask(other, Hook.VALIDATE)).isEqualTo(DONE);
        free.countDown();
        assertThat(first.join()).isEqualTo(DONE);

        // Its turn was given back once, not twice.
        AdmissionEndpoint nested = turns.of((hook, _, _) -> ask(other, hook));
        assertThat(ask(nested, Hook.MUTATE).status()).isEqualTo(503);
    }

    private void waits() {
        entered.countDown();
        try {
            free.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpAnswer ask(AdmissionEndpoint endpoint, Hook hook) {
        return endpoint.answer(hook, "application/json", bytes(review("UPDATE", deployment(), deployment())));
    }
}
