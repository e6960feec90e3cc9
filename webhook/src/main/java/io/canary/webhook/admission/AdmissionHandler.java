// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.domain.admission.Admission;
import io.canary.domain.admission.Change;
import io.canary.domain.admission.Decision;
import io.canary.domain.admission.Governed;
import io.canary.domain.admission.Refusal;
import io.canary.domain.admission.Ruled;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Problem;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Policies;
import io.canary.domain.policy.PolicyReader;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
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
    private static final int INVALID = 422;
    private static final int UNAVAILABLE = 503;
    private static final String BUSY =
            "Canary is asked about more changes than it can answer at the moment (try again)";

    private final Function<String, NamespaceView> views;
    private final Function<String, Policies> policies;
    private final Rights rights;
    private final PolicyMetrics metrics;
    private final InstantSource clock;
    private final String own;

    /// @param views what the caches hold of a namespace
    /// @param policies those about a namespace
    /// @param clock the time on the wall, by which policies' windows go
    /// @param own the user name of our own service account, as `system:serviceaccount:canary-system:canary`
    public AdmissionHandler(
            Function<String, NamespaceView> views,
            Function<String, Policies> policies,
            Rights rights,
            PolicyMetrics metrics,
            InstantSource clock,
            String own) {
        this.views = views;
        this.policies = policies;
        this.rights = rights;
        this.metrics = metrics;
        this.clock = clock;
        this.own = own;
    }

    @Override
    public HttpAnswer answer(Hook hook, String contentType, byte[] body) {
        return switch (AdmissionCodec.decode(body, own)) {
            case AdmissionCodec.Decoded.NotAReview(String why) -> HttpAnswer.refused(BAD_REQUEST, why);
            case AdmissionCodec.Decoded.Contradictory(String uid, String why) ->
                json(OK, AdmissionCodec.refused(uid, BAD_REQUEST, why), "denied-review");
            case AdmissionCodec.Decoded.OfPolicy(String uid, JsonObject policy) -> ofPolicy(uid, policy);
            case AdmissionCodec.Decoded.Asked asked -> answer(hook, asked);
        };
    }

    /// The answer to a request for which there is no time. Where the API server goes on without us it is let to: what
    /// changes no key of ours never fails because of us. Else its client is told to ask again.
    static HttpAnswer busy(Hook hook, byte[] body) {
        AdmissionCodec.Head head = AdmissionCodec.head(body).orElse(null);
        return head == null || ignorable(hook, head)
                ? HttpAnswer.refused(UNAVAILABLE, "too many requests at once; try again")
                : json(OK, AdmissionCodec.notNow(head.uid(), BUSY), "busy");
    }

    /// Whether the API server may go on without us: where a key changes, its object would not be completed, and not
    /// say by whom.
    private static boolean ignorable(Hook hook, AdmissionCodec.Head head) {
        return head.operation() == Change.Operation.DELETE || (hook == Hook.MUTATE && !head.keysDiffer());
    }

    private static HttpAnswer ofPolicy(String uid, JsonObject policy) {
        List<Problem> problems;
        try {
            problems = PolicyReader.read(policy).problems();
        } catch (RuntimeException bug) {
            LOG.atError().setCause(bug).addKeyValue("uid", uid).log("a policy could not be read");
            return json(
                    OK,
                    AdmissionCodec.refused(uid, INTERNAL_ERROR, "Canary could not read this policy; its log says why"),
                    "error");
        }
        if (problems.isEmpty()) {
            Decision allow = new Decision.Allow(List.of());
            return json(
                    OK, AdmissionCodec.encode(uid, allow, JsonNodeFactory.instance.arrayNode(), Map.of()), word(allow));
        }
        String why = problems.stream().map(Problem::message).collect(Collectors.joining("; "));
        return json(OK, AdmissionCodec.refused(uid, INVALID, why), "denied-canarypolicy");
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
        Ruled ruled = ruled(asked.change(), view);
        Decision decision = switch (hook) {
            case MUTATE -> Admission.mutate(asked.change(), view, ruled);
            case VALIDATE -> Admission.validate(asked.change(), view, ruled);
        };
        if (hook == Hook.VALIDATE
                || decision instanceof Decision.Deny
                || !asked.change().userKeysDiffer()) {
            metrics.count(ruled.ruling()); // once per request: what the first hook lets pass, the second counts
        }
        ArrayNode patch = decision instanceof Decision.Mutate mutate && asked.object() != null
                ? JsonPatches.of(mutate.edits(), asked.object())
                : JsonNodeFactory.instance.arrayNode();
        byte[] body = AdmissionCodec.encode(asked.uid(), decision, patch, ruled.audit());
        return new HttpAnswer(OK, JSON, body, word(decision), elsewhere(decision));
    }

    /// A replica that cannot reach the API server is called until it is known not to be ready; another may be able to
    /// ask.
    private static boolean elsewhere(Decision decision) {
        return decision instanceof Decision.Deny deny
                && deny.refusals().stream().anyMatch(refusal -> refusal.rule() == Refusal.Rule.RIGHTS_UNKNOWN);
    }

    /// What policies and rights say: the API server is asked about rights, the rest is in caches.
    private Ruled ruled(Change change, NamespaceView view) {
        Governed governed = Governed.of(change, view, policies.apply(change.namespace()), clock.instant());
        return metrics.timed(() -> governed.answered(rights.of(change.user(), governed.questions())));
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
