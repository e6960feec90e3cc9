// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.domain.admission.Admission;
import io.canary.domain.admission.Change;
import io.canary.domain.admission.Decision;
import io.canary.domain.app.NamespaceView;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// Answers one hook call: bytes in, decision, bytes out. Reads caches and writes nothing, so a dry-run is exact.
public final class AdmissionHandler implements AdmissionEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(AdmissionHandler.class);
    private static final String JSON = "application/json";
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int INTERNAL_ERROR = 500;

    private final Function<String, NamespaceView> views;
    private final String own;

    /// @param views what the caches hold of a namespace
    /// @param own the user name of our own service account, as `system:serviceaccount:canary-system:canary`
    public AdmissionHandler(Function<String, NamespaceView> views, String own) {
        this.views = views;
        this.own = own;
    }

    @Override
    public HttpAnswer answer(Hook hook, String contentType, byte[] body) {
        return switch (AdmissionCodec.decode(body, own)) {
            case AdmissionCodec.Decoded.NotAReview(String why) -> HttpAnswer.refused(BAD_REQUEST, why);
            case AdmissionCodec.Decoded.Contradictory(String uid, String why) ->
                json(OK, AdmissionCodec.refused(uid, BAD_REQUEST, why), "denied-review");
            case AdmissionCodec.Decoded.Asked asked -> answer(hook, asked);
        };
    }

    private HttpAnswer answer(Hook hook, AdmissionCodec.Decoded.Asked asked) {
        try {
            return decided(hook, asked);
        } catch (Throwable bug) { // an exhausted stack too (CVE-2022-24726)
            LOG.atError()
                    .setCause(bug)
                    .addKeyValue("hook", hook)
                    .addKeyValue("uid", asked.uid())
                    .log("an admission request could not be decided");
            // Where the policy is Ignore the call has to fail for it to hold; where it is Fail, both refuse.
            boolean ignorable = hook == Hook.MUTATE || asked.change().operation() == Change.Operation.DELETE;
            return json(
                    ignorable ? INTERNAL_ERROR : OK,
                    AdmissionCodec.refused(
                            asked.uid(), INTERNAL_ERROR, "Canary could not decide this request; its log says why"),
                    "error");
        }
    }

    private HttpAnswer decided(Hook hook, AdmissionCodec.Decoded.Asked asked) {
        NamespaceView view = views.apply(asked.change().namespace());
        Decision decision = switch (hook) {
            case MUTATE -> Admission.mutate(asked.change(), view);
            case VALIDATE -> Admission.validate(asked.change(), view);
        };
        ArrayNode patch = decision instanceof Decision.Mutate mutate && asked.object() != null
                ? JsonPatches.of(mutate.edits(), asked.object())
                : JsonNodeFactory.instance.arrayNode();
        return json(OK, AdmissionCodec.encode(asked.uid(), decision, patch), word(decision));
    }

    private static String word(Decision decision) {
        return switch (decision) {
            case Decision.Allow _ -> "allowed";
            case Decision.Mutate _ -> "mutated";
            case Decision.Deny deny ->
                "denied-" + deny.refusals().getFirst().rule().id();
        };
    }

    private static HttpAnswer json(int status, byte[] body, String decision) {
        return new HttpAnswer(status, JSON, body, decision);
    }
}
