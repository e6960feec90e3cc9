// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.app.Names;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.PolicyRule;
import io.canary.domain.policy.Verb;
import io.canary.kubectl.cli.Words;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A CanaryPolicyTest: changes by somebody at a time, and what policies are expected to say of them.
///
/// @param objects what is asked for; `standing` what stands before
public record TestCase(String name, Material objects, Material standing, Question question, List<Expected> expected) {
    private static final Set<String> FIELDS = Set.of(
            "apiVersion",
            "kind",
            "metadata",
            "objects",
            "old",
            "user",
            "groups",
            "allow",
            "at",
            "namespaceLabels",
            "expect");

    public TestCase {
        expected = List.copyOf(expected);
    }

    /// One result that is expected.
    ///
    /// @param policy, rule, object empty for any; `object` as `Deployment/order-v2`
    public record Expected(String policy, String rule, Judgement.Result result, String object) {
        private boolean is(ObjectKey key, Judgement.Row row) {
            return about(key, row) && row.result() == result;
        }

        private boolean about(ObjectKey key, Judgement.Row row) {
            return (policy.isEmpty() || row.policy().equals(policy))
                    && (rule.isEmpty() || row.rule().equals(rule))
                    && (object.isEmpty() || object.equals(key.kind() + "/" + key.name()));
        }

        private String text() {
            return Stream.of(object, policy, rule, result.text())
                    .filter(part -> !part.isEmpty())
                    .collect(Collectors.joining(" "));
        }
    }

    /// What came of a case.
    ///
    /// @param differences between what was expected and what came; none where it is as expected
    public record Outcome(String name, List<Judgement> judgements, List<String> differences) {
        public Outcome {
            judgements = List.copyOf(judgements);
            differences = List.copyOf(differences);
        }
    }

    /// Judges the case. Every result but Pass must be expected, and all that is expected must come.
    public Outcome run(List<Policy> policies) {
        List<Judgement> judgements = Trial.judge(policies, objects, standing, question);
        List<String> differences = new ArrayList<>();
        for (Expected each : expected) {
            boolean came =
                    judgements.stream().anyMatch(j -> j.rows().stream().anyMatch(row -> each.is(j.object(), row)));
            if (!came && each.result() != Judgement.Result.PASS) {
                differences.add("expected " + each.text() + ", which did not come");
            }
        }
        for (Judgement judgement : judgements) {
            for (Judgement.Row row : judgement.rows()) {
                if (expected.stream().noneMatch(each -> each.is(judgement.object(), row))) {
                    differences.add(judgement.object().text() + ": " + row.text() + " is not expected: " + row.value());
                }
            }
        }
        return new Outcome(name, judgements, differences);
    }

    /// Reads a case.
    ///
    /// @param asked what holds where it does not say otherwise
    /// @param problems gets what is wrong with it
    static TestCase of(
            Document document,
            PolicySchema schema,
            String namespace,
            Question asked,
            Set<String> policies,
            List<String> problems) {
        JsonObject object = document.object();
        Reader reader = new Reader(document, problems);
        object.fields().keySet().stream()
                .map(String::valueOf)
                .filter(field -> !FIELDS.contains(field))
                .forEach(field -> {
                    String nearest = Words.nearest(field, FIELDS);
                    reader.wrong(
                            field,
                            "there is no such field" + (nearest.isEmpty() ? "" : "; did you mean " + nearest + "?"));
                });
        Material objects = Material.of(reader.documents("objects"), schema, namespace);
        Material standing = Material.of(reader.documents("old"), schema, namespace);
        problems.addAll(objects.problems());
        problems.addAll(standing.problems());
        if (!objects.policies().isEmpty() || !objects.cases().isEmpty()) {
            reader.wrong("objects", "policies and other cases go into files of their own, by --filename");
        }
        if (objects.objects().isEmpty()) {
            reader.wrong("objects", "there is no Deployment, Service or route to judge");
        }
        if (!(object.fields().get("expect") instanceof List)) {
            reader.wrong("expect", "is missing; write [] where nothing is broken");
        }
        return new TestCase(
                document.name().isEmpty() ? document.where() : document.name(),
                objects,
                standing,
                reader.question(asked),
                reader.expected(policies));
    }

    /// The verbs in `words`; `wrong` is told of those that are none.
    public static Set<Verb> verbs(List<String> words, Consumer<String> wrong) {
        Set<Verb> verbs = new HashSet<>();
        for (String word : words) {
            Optional<Verb> verb = Arrays.stream(Verb.values())
                    .filter(each -> each.text().equals(word))
                    .findFirst();
            verb.ifPresent(verbs::add);
            if (verb.isEmpty()) {
                wrong.accept(Names.quoted(word) + " is none of start, advance, promote, override");
            }
        }
        return verbs;
    }

    private record Reader(Document document, List<String> problems) {
        void wrong(String field, String text) {
            problems.add(document.title() + " " + field + ": " + text);
        }

        /// The objects of a field: names of files, or whole objects.
        Documents documents(String field) {
            Object value = document.object().fields().get(field);
            List<?> items = value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
            List<String> names = new ArrayList<>();
            List<JsonObject> inline = new ArrayList<>();
            for (Object item : items) {
                switch (item) {
                    case String name when !name.equals("-") -> names.add(name);
                    case Map<?, ?> object -> inline.add(new JsonObject(object));
                    case null, default -> wrong(field, "an entry is neither an object nor the name of a file");
                }
            }
            return Documents.of(document.folder(), names, () -> "")
                    .and(Documents.inline(document.where() + " " + field, document.folder(), inline));
        }

        Question question(Question asked) {
            JsonObject object = document.object();
            Instant at = asked.at();
            if (object.has("at")) {
                Instant read = object.instant("at");
                if (read == null) {
                    wrong(
                            "at",
                            Names.shown(String.valueOf(object.fields().get("at")))
                                    + " is no time; write it in quotes, as \"2026-12-24T10:00:00Z\"");
                } else {
                    at = read;
                }
            }
            Map<String, String> labels = new HashMap<>(asked.labels());
            object.object("namespaceLabels").fields().forEach((key, value) -> {
                if (!(value instanceof String)) {
                    wrong("namespaceLabels[" + Names.shown(String.valueOf(key)) + "]", "is no text (quote it)");
                }
                labels.put(String.valueOf(key), String.valueOf(value));
            });
            return new Question(
                    object.has("user") ? object.text("user") : asked.user(),
                    object.has("groups") ? object.texts("groups") : asked.groups(),
                    object.has("allow") ? verbs(object.texts("allow"), text -> wrong("allow", text)) : asked.allowed(),
                    at,
                    labels);
        }

        List<Expected> expected(Set<String> policies) {
            List<Expected> expected = new ArrayList<>();
            List<JsonObject> objects = document.object().objects("expect");
            for (int i = 0; i < objects.size(); i++) {
                JsonObject object = objects.get(i);
                String field = "expect[" + i + "]";
                String policy = object.text("policy");
                String rule = object.text("rule");
                if (!policy.isEmpty() && !policies.contains(policy)) {
                    wrong(field + ".policy", "there is no CanaryPolicy " + Names.quoted(policy) + " in these files");
                }
                if (!rule.isEmpty() && !policy.isEmpty() && PolicyRule.of(rule).isEmpty()) {
                    wrong(field + ".rule", Names.quoted(rule) + " is no rule of a CanaryPolicy");
                }
                Optional<Judgement.Result> result = Stream.of(Judgement.Result.values())
                        .filter(each -> each.text().equals(object.text("result")))
                        .findFirst();
                if (result.isEmpty()) {
                    wrong(
                            field + ".result",
                            Names.quoted(object.text("result")) + " is none of "
                                    + Stream.of(Judgement.Result.values())
                                            .map(Judgement.Result::text)
                                            .collect(Collectors.joining(", ")));
                }
                expected.add(new Expected(policy, rule, result.orElse(Judgement.Result.PASS), object.text("object")));
            }
            return expected;
        }
    }
}
