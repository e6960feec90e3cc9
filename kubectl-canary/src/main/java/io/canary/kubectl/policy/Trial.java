// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.admission.Admission;
import io.canary.domain.admission.Change;
import io.canary.domain.admission.Decision;
import io.canary.domain.admission.Governed;
import io.canary.domain.admission.Refusal;
import io.canary.domain.admission.Ruled;
import io.canary.domain.admission.Subject;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Policies;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.Right;
import io.canary.domain.policy.Verb;
import io.canary.kubectl.cluster.KubeJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Judges objects of files as the webhook judges requests, by its code: each as one change of a namespace in which all
/// others stand already.
public final class Trial {
    private final List<Policy> policies;
    private final Material wanted;
    private final Material standing;
    private final Question question;

    private Trial(List<Policy> policies, Material wanted, Material standing, Question question) {
        this.policies = policies;
        this.wanted = wanted;
        this.standing = standing;
        this.question = question;
    }

    /// What comes of each object of `wanted`.
    ///
    /// @param standing the objects as they are in the cluster; one that is there is changed, else it is created
    public static List<Judgement> judge(List<Policy> policies, Material wanted, Material standing, Question question) {
        Trial trial = new Trial(policies, wanted, standing, question);
        List<Judgement> judgements = new ArrayList<>();
        wanted.objects().forEach((key, object) -> judgements.add(trial.judge(key, object)));
        return judgements;
    }

    private Judgement judge(ObjectKey key, JsonObject object) {
        JsonObject old = standing.objects().get(key);
        Subject after = Objects.requireNonNull(KubeJson.subject(Standing.judged(key, object, old)));
        Subject before = old == null ? null : KubeJson.subject(Standing.judged(key, old, old));
        Change change = change(key.namespace(), before, after);
        NamespaceView view = view(key);
        Policies about = Policies.of(key.namespace(), labels(key.namespace()), policies);
        Governed governed = Governed.of(change, view, about, question.at());
        Ruled ruled = governed.answered(answers(governed));
        return new Judgement(
                key,
                old == null,
                !governed.moves().isEmpty(),
                Admission.mutate(change, view) instanceof Decision.Deny deny ? rows(deny) : List.of(),
                ruled.ruling());
    }

    private Change change(String namespace, @Nullable Subject before, Subject after) {
        return new Change(
                before == null ? Change.Operation.CREATE : Change.Operation.UPDATE,
                false,
                "",
                new Change.Requester(question.user(), "", question.groups(), false),
                namespace,
                before,
                after);
    }

    private static List<Judgement.Row> rows(Decision.Deny deny) {
        return deny.refusals().stream()
                .filter(refusal -> refusal.rule() != Refusal.Rule.POLICY)
                .map(refusal -> new Judgement.Row(
                        "",
                        refusal.rule().id(),
                        Judgement.Result.DENY,
                        refusal.problem().message()))
                .toList();
    }

    /// The namespace before the change: what stands there, and all that comes with the object.
    private NamespaceView view(ObjectKey changed) {
        Map<ObjectKey, JsonObject> objects = new LinkedHashMap<>(standing.objects());
        wanted.objects().forEach((key, object) -> {
            if (!key.equals(changed)) {
                objects.put(key, object);
            }
        });
        Map<ObjectKey, JsonObject> releases = new LinkedHashMap<>(standing.releases());
        releases.putAll(wanted.releases());
        return Standing.view(changed.namespace(), in(changed.namespace(), objects), in(changed.namespace(), releases));
    }

    private static List<JsonObject> in(String namespace, Map<ObjectKey, JsonObject> objects) {
        List<JsonObject> in = new ArrayList<>();
        objects.forEach((key, object) -> {
            if (key.namespace().equals(namespace)) {
                in.add(object);
            }
        });
        return in;
    }

    private Map<String, String> labels(String namespace) {
        Map<String, String> labels = new HashMap<>();
        labels.putAll(standing.namespaces().getOrDefault(namespace, Map.of()));
        labels.putAll(wanted.namespaces().getOrDefault(namespace, Map.of()));
        labels.putAll(question.labels());
        labels.put(Scope.NAME, namespace);
        return labels;
    }

    private Map<Right, Boolean> answers(Governed governed) {
        return governed.questions().stream().collect(Collectors.toMap(right -> right, this::may));
    }

    /// Whether whoever asks may do it: a verb if it is among theirs, all else.
    private boolean may(Right right) {
        return Stream.of(Verb.values())
                .filter(verb -> verb.on(right.namespace(), right.name()).equals(right))
                .allMatch(question.allowed()::contains);
    }
}
