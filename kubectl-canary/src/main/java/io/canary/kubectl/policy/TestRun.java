// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.policy.Policy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A whole run of `policy test`: files in, judgements out.
public sealed interface TestRun {
    /// What came of it.
    ///
    /// @param ignored titles of objects that have nothing to do with it
    record Judged(
            Question question,
            List<String> policies,
            List<Judgement> objects,
            List<TestCase.Outcome> cases,
            List<String> ignored)
            implements TestRun {
        public Judged {
            policies = List.copyOf(policies);
            objects = List.copyOf(objects);
            cases = List.copyOf(cases);
            ignored = List.copyOf(ignored);
        }

        /// Whether nothing is denied, and each case is as it expects.
        public boolean passes() {
            return objects.stream().noneMatch(Judgement::denied)
                    && cases.stream().allMatch(each -> each.differences().isEmpty());
        }
    }

    /// Something cannot be judged by.
    record BadInput(List<String> problems) implements TestRun {
        public BadInput {
            problems = List.copyOf(problems);
        }
    }

    /// What is given.
    ///
    /// @param namespace of objects that name none
    record Given(List<String> files, List<String> old, String namespace, Question question, Supplier<String> input) {
        public Given {
            files = List.copyOf(files);
            old = List.copyOf(old);
        }
    }

    static TestRun of(Given given, PolicySchema schema) {
        Path here = Path.of("");
        Material wanted = Material.of(Documents.of(here, given.files(), given.input()), schema, given.namespace());
        Material standing = Material.of(Documents.of(here, given.old(), given.input()), schema, given.namespace());
        Map<String, Policy> policies = new LinkedHashMap<>();
        Stream.concat(standing.policies().stream(), wanted.policies().stream())
                .forEach(policy -> policies.put(policy.name(), policy));
        List<String> problems = Stream.concat(wanted.problems().stream(), standing.problems().stream())
                .collect(Collectors.toCollection(ArrayList::new));
        if (policies.isEmpty() && problems.isEmpty()) {
            problems.add("there is no CanaryPolicy in " + String.join(", ", given.files()));
        }
        Set<String> names = new TreeSet<>(policies.keySet());
        List<TestCase> cases = wanted.cases().stream()
                .map(document -> TestCase.of(document, schema, given.namespace(), given.question(), names, problems))
                .toList();
        if (!problems.isEmpty()) {
            return new BadInput(problems);
        }
        List<Policy> all = List.copyOf(policies.values());
        return new Judged(
                given.question(),
                List.copyOf(names),
                Trial.judge(all, wanted, standing, given.question()),
                cases.stream().map(each -> each.run(all)).toList(),
                wanted.ignored());
    }
}
