// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import io.canary.domain.admission.Change;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Right;
import io.canary.webhook.logging.Pace;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the API server what a requester may do (SubjectAccessReview). Answers are good for two seconds, in which
/// the hooks ask about the same request again, and its client does if it was sent away. What could not be asked has
/// no answer: rights are neither given nor denied by an error.
public final class AccessReviews {
    private static final Logger LOG = LoggerFactory.getLogger(AccessReviews.class);
    private static final String PATH = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    private static final Duration GOOD = Duration.ofSeconds(2);
    private static final int MOST = 10_000;

    /// Each that times out costs a connection, and those behind it another handshake: few at a time.
    private static final int AT_ONCE = 32;

    private final Asking api;
    private final Duration patience;
    private final InstantSource clock;
    private final Semaphore calls = new Semaphore(AT_ONCE, true);
    private final Map<Question, Answer> answers = new ConcurrentHashMap<>();
    private final Pace pace = new Pace(Duration.ofSeconds(1), System::nanoTime);
    private final Executor threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("access-review-", 0).factory());

    private record Question(Change.Requester user, Right right) {}

    private static final class Answer {
        private final CompletableFuture<Optional<Boolean>> allowed = new CompletableFuture<>();
        private volatile @Nullable Instant at; // when it came
    }

    /// Has the API server answer a SubjectAccessReview.
    @FunctionalInterface
    interface Asking {
        Map<?, ?> answer(Map<String, Object> review);
    }

    /// @param api with a timeout well below that of the hooks; what takes longer than that is unknown
    /// @param clock must not go back, or an answer would be good for as long as it did
    public AccessReviews(Api api, InstantSource clock) {
        this(review -> api.create(PATH, review, Map.class), api.timeout(), clock);
    }

    AccessReviews(Asking api, Duration patience, InstantSource clock) {
        this.api = api;
        this.patience = patience;
        this.clock = clock;
    }

    /// The answers to `questions` about `user`, but for those that could not be asked. Blocks the (virtual) thread.
    public Map<Right, Boolean> of(Change.Requester user, Set<Right> questions) {
        Map<Right, CompletableFuture<Optional<Boolean>>> asked = new HashMap<>();
        for (Right right : questions) {
            asked.put(right, allowed(user, right));
        }
        long until = System.nanoTime() + patience.toNanos();
        Map<Right, Boolean> known = new HashMap<>();
        asked.forEach((right, answer) -> answer.copy()
                .completeOnTimeout(Optional.empty(), Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS)
                .join()
                .ifPresent(allowed -> known.put(right, allowed)));
        return known;
    }

    /// Who may do it to all objects may do it to each: so a burst of requests of one user asks a few questions, not one
    /// for each object.
    private CompletableFuture<Optional<Boolean>> allowed(Change.Requester user, Right right) {
        CompletableFuture<Optional<Boolean>> all = ask(new Question(user, right.ofAll()));
        return right.name().isEmpty()
                ? all
                : all.thenCompose(may -> may.isPresent() && !may.get() ? ask(new Question(user, right)) : all);
    }

    /// The answer that is awaited, or came a moment ago.
    private CompletableFuture<Optional<Boolean>> ask(Question question) {
        if (answers.size() >= MOST) {
            answers.values().removeIf(this::old);
        }
        Answer fresh = new Answer();
        Answer used = answers.compute(question, (_, last) -> last != null && !old(last) ? last : fresh);
        if (used.equals(fresh)) {
            threads.execute(() -> answer(question, fresh));
        }
        return used.allowed;
    }

    private boolean old(Answer answer) {
        Instant at = answer.at;
        return at != null && !clock.instant().isBefore(at.plus(GOOD));
    }

    private void answer(Question question, Answer answer) {
        Optional<Boolean> allowed = Optional.empty();
        try {
            allowed = reviewed(question);
        } finally {
            if (allowed.isEmpty()) {
                answers.remove(question, answer); // the next request asks anew
            }
            answer.at = clock.instant();
            answer.allowed.complete(allowed);
        }
    }

    private Optional<Boolean> reviewed(Question question) {
        try {
            if (!calls.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                return unknown(question, AT_ONCE + " others are asked at the moment");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unknown(question, "interrupted");
        }
        try {
            return Optional.of(
                    JsonObject.of(api.answer(review(question))).object("status").flag("allowed"));
        } catch (RuntimeException e) { // what a proxy says need not be a review
            return unknown(question, String.valueOf(e.getMessage()));
        } finally {
            calls.release();
        }
    }

    private Optional<Boolean> unknown(Question question, String cause) {
        if (pace.worthALine()) {
            LOG.atWarn()
                    .addKeyValue("user", question.user().name())
                    .addKeyValue("right", question.right().text())
                    .addKeyValue("cause", cause)
                    .log("a right could not be asked about: the request is refused for now");
        }
        return Optional.empty();
    }

    private static Map<String, Object> review(Question question) {
        Change.Requester user = question.user();
        Right right = question.right();
        Map<String, Object> attributes = new HashMap<>();
        attributes.put("namespace", right.namespace());
        attributes.put("verb", right.verb());
        attributes.put("group", right.group());
        attributes.put("resource", right.resource());
        attributes.put("subresource", right.subresource());
        attributes.put("name", right.name());
        Map<String, Object> spec = new HashMap<>();
        spec.put("user", user.name());
        spec.put("uid", user.uid());
        spec.put("groups", user.groups());
        spec.put("extra", user.extra());
        spec.put("resourceAttributes", attributes);
        return Map.of("apiVersion", "authorization.k8s.io/v1", "kind", "SubjectAccessReview", "spec", spec);
    }
}
