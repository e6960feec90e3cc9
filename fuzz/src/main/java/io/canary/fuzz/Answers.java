// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.canary.webhook.admission.Hook;
import io.canary.webhook.admission.HttpAnswer;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What every answer of a hook promises, whatever was asked (admission.md section 6).
final class Answers {
    private static final Duration LONGEST = Duration.ofSeconds(2); // an API server waits for three
    private static final int LONGEST_WARNING = 120;
    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();

    static {
        // The first of all loads classes; later ones are timed, by the processor's clock, whoever else is busy.
        byte[] first =
                World.JSON.writeValueAsBytes(World.review("CREATE", World.object(World.V2), World.JSON.nullNode()));
        for (Hook hook : Hook.values()) {
            World.HANDLER.answer(hook, "application/json", first);
        }
    }

    private Answers() {}

    /// Asks both hooks, as an API server does: what the first patches, the second is shown.
    static void check(byte[] body) {
        Optional<JsonNode> mutated = response(Hook.MUTATE, body);
        Optional<JsonNode> validated = response(Hook.VALIDATE, body);
        validated.ifPresent(
                response -> Promise.kept(!response.has("patch"), () -> "a patch of the validating hook: " + response));
        mutated.filter(response -> response.has("patch")).ifPresent(response -> patched(body, response));
    }

    /// The patch applies, the result is not patched again, and is not said to lack what the patch does.
    private static void patched(byte[] body, JsonNode response) {
        Promise.kept(
                response.path("allowed").asBoolean()
                        && response.path("patchType").asString("").equals("JSONPatch"),
                () -> "a patch with " + response);
        JsonNode patch = World.JSON.readTree(response.path("patch").binaryValue());
        ObjectNode review = (ObjectNode) World.JSON.readTree(body);
        ObjectNode request = (ObjectNode) review.path("request");
        request.set("object", Patch.apply(patch, request.path("object")));
        byte[] again = World.JSON.writeValueAsBytes(review);
        response(Hook.MUTATE, again)
                .ifPresent(second -> Promise.kept(
                        !second.has("patch"),
                        () -> "patched again: " + patch + " then "
                                + new String(second.path("patch").binaryValue(), UTF_8)));
        response(Hook.VALIDATE, again)
                .ifPresent(second -> Promise.kept(
                        !second.at("/status/message").asString("").contains("the mutation was skipped"),
                        () -> "after " + patch + ": " + second));
    }

    /// The response in the answer; empty where the body was no review.
    private static Optional<JsonNode> response(Hook hook, byte[] body) {
        long begun = THREAD.getCurrentThreadCpuTime();
        HttpAnswer answer = World.HANDLER.answer(hook, "application/json", body);
        Duration took = Duration.ofNanos(THREAD.getCurrentThreadCpuTime() - begun);
        Promise.kept(took.compareTo(LONGEST) < 0, () -> "an answer took " + took);
        String text = new String(answer.body(), UTF_8);
        Promise.kept(!answer.decision().equals("error"), () -> "a bug: " + text);
        if (answer.status() == 400) {
            Promise.kept(answer.contentType().startsWith("text/plain"), () -> "400 as " + answer.contentType());
            Promise.readable(text.strip());
            return Optional.empty();
        }
        Promise.kept(answer.status() == 200, () -> "status " + answer.status() + ": " + text);
        JsonNode review = json(answer.body());
        Promise.kept(
                review.path("apiVersion").asString("").equals("admission.k8s.io/v1")
                        && review.path("kind").asString("").equals("AdmissionReview"),
                () -> "no review: " + text);
        JsonNode response = review.path("response");
        JsonNode asked = World.JSON.readTree(body).path("request").path("uid");
        Promise.kept(response.path("uid").equals(asked), () -> "another uid than " + asked + ": " + text);
        Promise.kept(response.path("allowed").isBoolean(), () -> "neither allowed nor refused: " + text);
        if (!response.path("allowed").booleanValue()) {
            int code = response.at("/status/code").asInt(0);
            boolean again = response.at("/status/details/retryAfterSeconds").asInt(0) > 0;
            Promise.kept(
                    again ? code == 503 : code >= 400 && code < 500, () -> "refused by code " + code + ": " + text);
            Promise.readable(response.at("/status/message").asString(""));
        }
        response.path("warnings").forEach(warning -> {
            Promise.readable(warning.asString(""));
            Promise.kept(
                    warning.asString("").codePointCount(0, warning.asString("").length()) <= LONGEST_WARNING,
                    () -> "a warning that is cut: " + warning);
        });
        return Optional.of(response);
    }

    private static JsonNode json(byte[] body) {
        try {
            return World.JSON.readTree(body);
        } catch (JacksonException e) {
            throw new AssertionError("no JSON: " + new String(body, UTF_8), e);
        }
    }
}
