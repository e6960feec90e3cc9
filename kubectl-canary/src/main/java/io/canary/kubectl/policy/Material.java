// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.app.Names;
import io.canary.domain.app.Problem;
import io.canary.domain.app.RouteKind;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.PolicyReader;
import io.canary.kubectl.cli.Words;
import io.canary.kubectl.cluster.KubeJson;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Documents sorted by what they are for in a test.
///
/// @param objects Deployments, Services and routes, in the order in which they came
/// @param releases what the cluster knows
/// @param namespaces labels by name
/// @param cases of kind CanaryPolicyTest
/// @param ignored titles of what has nothing to do with it
/// @param problems what is wrong, one line each
public record Material(
        List<Policy> policies,
        Map<ObjectKey, JsonObject> objects,
        Map<ObjectKey, JsonObject> releases,
        Map<String, Map<String, String>> namespaces,
        List<Document> cases,
        List<String> ignored,
        List<String> problems) {
    private static final String OWN_GROUP = "canary.io";
    static final String CASE = "CanaryPolicyTest";
    private static final Set<String> OWN_KINDS = Set.of("CanaryPolicy", "Release", CASE);

    public Material {
        policies = List.copyOf(policies);
        objects = Collections.unmodifiableMap(new LinkedHashMap<>(objects));
        releases = Collections.unmodifiableMap(new LinkedHashMap<>(releases));
        namespaces = Map.copyOf(namespaces);
        cases = List.copyOf(cases);
        ignored = List.copyOf(ignored);
        problems = List.copyOf(problems);
    }

    /// Sorts `documents`.
    ///
    /// @param namespace of objects that name none
    public static Material of(Documents documents, PolicySchema schema, String namespace) {
        Sorting sorting = new Sorting(schema, namespace);
        sorting.problems.addAll(documents.problems());
        documents.documents().forEach(sorting::take);
        return sorting.material();
    }

    private static final class Sorting {
        private final PolicySchema schema;
        private final String namespace;
        private final Map<String, Policy> policies = new LinkedHashMap<>();
        private final Map<ObjectKey, JsonObject> objects = new LinkedHashMap<>();
        private final Map<ObjectKey, JsonObject> releases = new LinkedHashMap<>();
        private final Map<String, Map<String, String>> namespaces = new TreeMap<>();
        private final List<Document> cases = new ArrayList<>();
        private final List<String> ignored = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();

        Sorting(PolicySchema schema, String namespace) {
            this.schema = schema;
            this.namespace = namespace;
        }

        Material material() {
            return new Material(
                    List.copyOf(policies.values()), objects, releases, namespaces, cases, ignored, problems);
        }

        void take(Document document) {
            switch (document.group() + "/" + document.kind()) {
                case "canary.io/CanaryPolicy" -> policy(document);
                case "canary.io/Release" -> keep(document, releases);
                case "apps/Deployment", "/Service" -> keep(document, objects);
                case "/Namespace" -> namespaces.put(document.name(), KubeJson.labels(document.object()));
                default -> other(document);
            }
        }

        private void other(Document document) {
            boolean ours =
                    document.group().equals(OWN_GROUP) || document.group().endsWith("." + OWN_GROUP);
            if (document.kind().equals(CASE) && (ours || document.group().isEmpty())) {
                cases.add(document);
            } else if (document.group().equals(RouteKind.GROUP)
                    && Stream.of(RouteKind.values())
                            .anyMatch(kind -> kind.text().equals(document.kind()))) {
                keep(document, objects);
            } else if (ours || OWN_KINDS.contains(document.kind())) {
                String nearest = Words.nearest(document.kind(), OWN_KINDS);
                problems.add(
                        document.title() + ": " + Names.quoted(document.object().text("apiVersion"))
                                + " has no such kind"
                                + (nearest.isEmpty()
                                        ? ""
                                        : "; did you mean kind: " + nearest + ", of apiVersion: canary.io/v1?"));
            } else {
                ignored.add(document.title());
            }
        }

        private void policy(Document document) {
            PolicyReader.Read read = PolicyReader.read(document.object());
            List<Problem> wrong = new ArrayList<>(read.problems());
            for (Problem problem : schema.check(document.object())) {
                if (read.problems().stream().noneMatch(known -> known.field().startsWith(problem.field()))) {
                    wrong.add(problem);
                }
            }
            if (document.name().isEmpty()) {
                wrong.add(new Problem("metadata.name", "is required and missing", ""));
            }
            if (!document.object().text("apiVersion").equals("canary.io/v1")) {
                wrong.add(new Problem(
                        "apiVersion",
                        Names.quoted(document.object().text("apiVersion")) + " is not served",
                        "write canary.io/v1"));
            }
            wrong.forEach(problem -> problems.add(document.title() + " " + problem.message()));
            if (policies.put(document.name(), read.policy()) != null) {
                problems.add(document.title() + " stands there twice");
            }
        }

        private void keep(Document document, Map<ObjectKey, JsonObject> into) {
            List<String> odd = ObjectShape.problems(document.object());
            odd.forEach(problem -> problems.add(document.title() + " " + problem));
            if (!odd.isEmpty()) {
                return;
            }
            String named = document.object().object("metadata").text("namespace");
            ObjectKey key = new ObjectKey(named.isEmpty() ? namespace : named, document.kind(), document.name());
            if (into.put(key, document.object()) != null) {
                problems.add(document.title() + " stands there twice in namespace " + key.namespace());
            }
        }
    }
}
