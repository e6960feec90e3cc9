// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static io.canary.webhook.admission.Reviews.JSON;
import static io.canary.webhook.admission.Reviews.UID;
import static io.canary.webhook.admission.Reviews.at;
import static io.canary.webhook.admission.Reviews.bytes;
import static io.canary.webhook.admission.Reviews.deployment;
import static io.canary.webhook.admission.Reviews.file;
import static io.canary.webhook.admission.Reviews.review;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.policy.Policies;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class AdmissionHandlerTest {
    private static final String OURSELVES = "system:serviceaccount:canary-system:canary";
    private static final AdmissionHandler HANDLER = handler(AdmissionHandlerTest::shop);

    /// Judges by no policy, and lets everybody do everything.
    private static AdmissionHandler handler(Function<String, NamespaceView> views) {
        return handler(
                views, (_, questions) -> questions.stream().collect(Collectors.toMap(right -> right, _ -> true)));
    }

    private static AdmissionHandler handler(Function<String, NamespaceView> views, Rights rights) {
        return new AdmissionHandler(
                views,
                Policies::none,
                rights,
                new PolicyMetrics(new SimpleMeterRegistry()),
                InstantSource.system(),
                OURSELVES);
    }

    @Test
    void aNewVersionIsCompletedByAPatch() {
        ObjectNode object = file();
        JsonNode response = response(Hook.MUTATE, review("CREATE", object, null));
        assertThat(response.path("uid").asString()).isEqualTo(UID);
        assertThat(response.path("allowed").asBoolean()).isTrue();
        assertThat(response.path("patchType").asString()).isEqualTo("JSONPatch");
        assertThat(response.at("/auditAnnotations/decision").asString()).isEqualTo("mutated");
        JsonNode patched = PatchedObject.of(object, patch(response));
        assertThat(patched.at("/spec/selector/matchLabels/version").asString(""))
                .isEqualTo("v2");
        assertThat(patched.at("/metadata/annotations/canary.io~1by").asString(""))
                .isEqualTo("alice");
        assertThat(response(Hook.MUTATE, review("CREATE", patched, null)).has("patch"))
                .isFalse();
    }

    @Test
    void anImageUpdateIsNotPatched() {
        ObjectNode object = deployment(
                d -> ((ObjectNode) d.at("/spec/template/spec/containers/0")).put("image", "registry.example/order:2"));
        JsonNode response = response(Hook.MUTATE, review("UPDATE", object, deployment()));
        assertThat(response.path("allowed").asBoolean()).isTrue();
        assertThat(response.has("patch")).isFalse();
    }

    @Test
    void anImageWithoutATagIsToldOfWhenItComes() {
        ObjectNode object =
                deployment(d -> ((ObjectNode) d.at("/spec/template/spec/containers/0")).put("image", "order"));
        JsonNode response = response(Hook.MUTATE, review("UPDATE", object, deployment()));
        assertThat(response.path("allowed").asBoolean()).isTrue();
        assertThat(response.path("warnings").toString())
                .contains("has no tag: pin it, e.g. order:2.4.0-9f3c2ab1@sha256:...");
        assertThat(response(Hook.MUTATE, review("UPDATE", object, object)).has("warnings"))
                .isFalse();
    }

    @Test
    void aReplacedFileGetsBackWhatIsOurs() {
        ObjectNode object = file();
        JsonNode patched =
                PatchedObject.of(object, patch(response(Hook.MUTATE, review("UPDATE", object, deployment()))));
        assertThat(patched.at("/spec/replicas").asInt()).isEqualTo(1);
        assertThat(patched.at("/metadata/annotations/canary.io~1app").asString(""))
                .isEqualTo("order");
        assertThat(patched.at("/metadata/annotations/canary.io~1by").asString(""))
                .isEqualTo("bob");
        assertThat(patched.at("/spec/template/metadata/labels/version").asString(""))
                .isEqualTo("v2");
    }

    /// Clients ask again by themselves where the API server answers 503 with Retry-After, which it makes of this.
    @Test
    void rightsThatCouldNotBeAskedAreToBeAskedAgain() {
        AdmissionHandler unanswered = handler(AdmissionHandlerTest::shop, (_, _) -> Map.of());
        ObjectNode raised = deployment(d -> annotate(d, "canary.io/weight", "90"));
        for (Hook hook : Hook.values()) {
            JsonNode response = response(unanswered, hook, review("UPDATE", raised, deployment()));
            assertThat(response.path("allowed").asBoolean()).isFalse();
            assertThat(response.at("/status/code").asInt()).isEqualTo(503);
            assertThat(response.at("/status/details/retryAfterSeconds").asInt()).isEqualTo(1);
            assertThat(response.at("/auditAnnotations/rules").asString()).isEqualTo("rights-unknown");
        }
        ObjectNode lowered = deployment(d -> annotate(d, "canary.io/weight", "0"));
        assertThat(response(unanswered, Hook.VALIDATE, review("UPDATE", lowered, deployment()))
                        .path("allowed")
                        .asBoolean())
                .as("going back needs no right")
                .isTrue();
    }

    @Test
    void aRefusalSaysWhyWithCodeAndRule() {
        ObjectNode object = deployment(d -> annotate(d, "canary.io/weight", "ten"));
        JsonNode response = response(Hook.VALIDATE, review("UPDATE", object, deployment()));
        assertThat(response.path("allowed").asBoolean()).isFalse();
        assertThat(response.at("/status/code").asInt()).isEqualTo(422);
        assertThat(response.at("/status/message").asString())
                .isEqualTo("metadata.annotations[canary.io/weight]: \"ten\" is not a percentage 0–100 with at most two"
                        + " decimals (write e.g. \"10\")");
        assertThat(response.at("/auditAnnotations/rules").asString()).isEqualTo("value");
        assertThat(response.has("patch")).isFalse();
    }

    @Test
    void theDecisionIsNamedForMetrics() {
        ObjectNode object = deployment(d -> annotate(d, "canary.io/app", "x"));
        assertThat(answer(Hook.VALIDATE, review("UPDATE", object, deployment())).decision())
                .isEqualTo("denied-protected-key");
    }

    @Test
    void theSameReviewGetsTheSameBytes() {
        byte[] body = bytes(review("UPDATE", file(), deployment()));
        assertThat(HANDLER.answer(Hook.MUTATE, "application/json", body).body())
                .isEqualTo(HANDLER.answer(Hook.MUTATE, "application/json", body).body());
    }

    @Test
    void ourOwnServiceAccountIsKnownByItsExactName() {
        ObjectNode object = deployment(d -> annotate(d, "canary.io/spent", "10"));
        ObjectNode ours = review("UPDATE", object, deployment());
        at(ours, "request", "userInfo").put("username", OURSELVES);
        assertThat(response(Hook.VALIDATE, ours).path("allowed").asBoolean()).isTrue();
        at(ours, "request", "userInfo").put("username", OURSELVES + "2");
        assertThat(response(Hook.VALIDATE, ours).at("/status/code").asInt()).isEqualTo(403);
    }

    @Test
    void aDeletionIsJudgedByTheOldObject() {
        JsonNode response = response(Hook.VALIDATE, review("DELETE", null, deployment()));
        assertThat(response.path("allowed").asBoolean()).isTrue();
    }

    @Test
    void aLoneSurrogateOrNulInAValueIsRefused() {
        for (String value : List.of("\\ud800", "\\u0000")) {
            String body = new String(
                            bytes(review(
                                    "UPDATE", deployment(d -> annotate(d, "canary.io/weight", "HERE")), deployment())),
                            UTF_8)
                    .replace("HERE", value);
            JsonNode response = JSON.readTree(HANDLER.answer(Hook.VALIDATE, "application/json", body.getBytes(UTF_8))
                            .body())
                    .path("response");
            assertThat(response.at("/status/code").asInt()).as(value).isEqualTo(422);
        }
    }

    @Test
    void aMegabyteOfManagedFieldsIsNormal() {
        ObjectNode object = deployment();
        ObjectNode fields = (ObjectNode) object.at("/metadata/managedFields/0/fieldsV1");
        for (int i = 0; i < 40_000; i++) {
            fields.putObject("f:some-field-" + i).putObject(".");
        }
        ObjectNode review = review("UPDATE", object, object);
        assertThat(bytes(review)).hasSizeGreaterThan(2_000_000);
        assertThat(response(Hook.MUTATE, review).path("allowed").asBoolean()).isTrue();
    }

    @Test
    void aConvertedRequestIsJudgedByWhatItWasConvertedTo() {
        ObjectNode review = review("UPDATE", deployment(), deployment());
        at(review, "request")
                .putObject("requestKind")
                .put("group", "extensions")
                .put("kind", "Deployment");
        review.putObject("response").put("uid", "x").put("allowed", false);
        assertThat(response(Hook.VALIDATE, review).path("allowed").asBoolean()).isTrue();
    }

    @Test
    void reviewsThatContradictThemselvesAreRefusedInAReview() {
        List<Consumer<ObjectNode>> changes = List.of(
                r -> at(r, "request", "kind").put("kind", "Pod"),
                r -> at(r, "request", "object").put("kind", "Pod"),
                r -> at(r, "request", "object", "metadata").put("namespace", "other"),
                r -> at(r, "request", "oldObject", "metadata").put("namespace", "other"),
                r -> at(r, "request").put("subResource", "scale"),
                r -> at(r, "request").putNull("oldObject"),
                r -> at(r, "request", "object", "metadata").put("labels", "x"),
                r -> at(r, "request", "object", "metadata").putArray("annotations"),
                r -> at(r, "request", "object", "spec").put("replicas", "ten"),
                r -> at(r, "request", "object", "spec").put("replicas", 1e30),
                r -> at(r, "request", "userInfo").put("username", 3));
        for (Consumer<ObjectNode> change : changes) {
            ObjectNode review = review("UPDATE", deployment(), deployment());
            change.accept(review);
            JsonNode response = response(Hook.VALIDATE, review);
            assertThat(response.at("/status/code").asInt()).as("%s", response).isEqualTo(400);
            assertThat(response.path("uid").asString()).isEqualTo(UID);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "7", "\"x\""})
    void aPolicyThatIsNoObjectIsRefusedInAReview(String object) {
        ObjectNode review = review("CREATE", JSON.readTree(object), null);
        at(review, "request", "resource").put("group", "canary.io").put("resource", "canarypolicies");
        JsonNode response = response(Hook.VALIDATE, review);
        assertThat(response.at("/status/code").asInt()).isEqualTo(400);
        assertThat(response.path("uid").asString()).isEqualTo(UID);
    }

    @Test
    void whatIsNoReviewIsRefusedByStatus400() {
        List<Consumer<ObjectNode>> changes = List.of(
                r -> r.put("apiVersion", "admission.k8s.io/v1beta1"),
                r -> r.put("kind", "Foo"),
                r -> at(r, "request").remove("uid"),
                r -> at(r, "request").put("uid", 7),
                r -> at(r, "request").put("operation", "PATCH"),
                r -> at(r, "request", "resource").put("resource", "foos"),
                r -> r.remove("request"));
        for (Consumer<ObjectNode> change : changes) {
            ObjectNode review = review("UPDATE", deployment(), deployment());
            change.accept(review);
            HttpAnswer answer = answer(Hook.VALIDATE, review);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.contentType()).startsWith("text/plain");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "\"x\"",
                "{",
                "{} {}",
                "{}]",
                "{\"a\":1,\"a\":2}",
                "{\"a\":NaN}",
                "apiVersion: v1",
                "\ufeff{}",
                "{\"a\":01}",
                "{\"request\":{\"object\":{\"spec\":{\"rules\":[{\"weight\":1e999}]}}}}",
                "{'a':1}",
                "{\"a\":1,}",
                "// x\n{}",
                "{\"request\":{\"x\":{\"a\":1,\"a\":2}}}"
            })
    void whatIsNoStrictJsonIsRefusedByStatus400(String body) {
        assertThat(HANDLER.answer(Hook.MUTATE, "application/json", body.getBytes(UTF_8))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void whatIsNoStrictJsonIsNotQuotedAsItIs() {
        HttpAnswer answer = HANDLER.answer(Hook.MUTATE, "application/json", "x\u0002y".getBytes(UTF_8));
        assertThat(new String(answer.body(), UTF_8)).contains("'x^By'").doesNotContain("\u0002");
    }

    @Test
    void otherEncodingsAreRefused() {
        assertThat(HANDLER.answer(Hook.MUTATE, "application/json", "{ }".getBytes(UTF_16LE))
                        .status())
                .isEqualTo(400);
        assertThat(HANDLER.answer(Hook.MUTATE, "application/json", new byte[] {'{', '"', (byte) 0xff, '"'})
                        .status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "{\"request\":{\"object\":{\"metadata\":{\"labels\":{\"a\":[", "9", "{},"})
    @Timeout(5)
    void hugeNonsenseIsRefusedByStatus400(String part) {
        for (String start : List.of("", "[", "{\"request\":{\"object\":{\"spec\":{\"ports\":[", "{\"x\":[")) {
            int count = (6 << 20) / part.length();
            byte[] body = (start + part.repeat(part.equals("9") ? 10_000 : count)).getBytes(UTF_8);
            long before = System.nanoTime();
            assertThat(HANDLER.answer(Hook.MUTATE, "application/json", body).status())
                    .isEqualTo(400);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void aBugIsAnsweredWithTheUid() {
        for (Throwable bug : List.of(new StackOverflowError(), new IllegalStateException("x"))) {
            AdmissionHandler broken = handler(_ -> sneaky(bug));
            byte[] body = bytes(review("UPDATE", deployment(), deployment()));
            HttpAnswer validated = broken.answer(Hook.VALIDATE, "application/json", body);
            assertThat(validated.status()).isEqualTo(200);
            JsonNode response = JSON.readTree(validated.body()).path("response");
            assertThat(response.path("uid").asString()).isEqualTo(UID);
            assertThat(response.path("allowed").asBoolean()).isFalse();
            assertThat(response.at("/status/code").asInt()).isEqualTo(500);
            assertThat(broken.answer(Hook.MUTATE, "application/json", body).status())
                    .as("its policy is Ignore")
                    .isEqualTo(500);
        }
    }

    private static NamespaceView sneaky(Throwable bug) {
        if (bug instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) bug;
    }

    private static void annotate(ObjectNode deployment, String key, String value) {
        at(deployment, "metadata", "annotations").put(key, value);
    }

    private static HttpAnswer answer(Hook hook, JsonNode review) {
        return HANDLER.answer(hook, "application/json", bytes(review));
    }

    private static JsonNode response(Hook hook, JsonNode review) {
        return response(HANDLER, hook, review);
    }

    private static JsonNode response(AdmissionHandler handler, Hook hook, JsonNode review) {
        HttpAnswer answer = handler.answer(hook, "application/json", bytes(review));
        assertThat(answer.status()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
        assertThat(answer.contentType()).isEqualTo("application/json");
        return JSON.readTree(answer.body()).path("response");
    }

    private static JsonNode patch(JsonNode response) {
        return JSON.readTree(response.path("patch").binaryValue());
    }

    private static NamespaceView shop(String namespace) {
        ServiceFacts order = new ServiceFacts(
                namespace,
                "order",
                "u",
                Map.of(),
                Map.of(),
                Map.of("app", "order"),
                "ClusterIP",
                false,
                false,
                List.of(new ServiceFacts.Port("http", 80, "8080", "TCP", null)),
                List.of(),
                null,
                false,
                null);
        return new NamespaceView(
                namespace,
                List.of(),
                List.of(order),
                List.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                List.of(),
                Map.of());
    }
}
