// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteFacts;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestServices;
import io.canary.domain.app.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Requests and namespaces for tests, and what edits make of an object.
final class Requests {
    static final Change.Requester ALICE = new Change.Requester("alice", "1", List.of("devs"), false);
    static final Change.Requester OURSELVES =
            new Change.Requester("system:serviceaccount:canary-system:canary", "2", List.of(), true);

    private Requests() {}

    /// Somebody else than [#ALICE].
    static Change.Requester user(String name) {
        return new Change.Requester(name, "3", List.of("devs"), false);
    }

    /// `view` in a cluster without the Gateway API.
    static NamespaceView without(NamespaceView view) {
        return new NamespaceView(
                view.namespace(),
                view.deployments(),
                view.services(),
                view.routes(),
                view.endpoints(),
                view.autoscalers(),
                view.releases(),
                Map.of(),
                view.elsewhere(),
                view.claims());
    }

    static Change creation(TestDeployments wanted) {
        return change(Change.Operation.CREATE, "", ALICE, null, workload(wanted));
    }

    static Change creation(TestServices wanted) {
        return change(Change.Operation.CREATE, "", ALICE, null, service(wanted));
    }

    static Change update(TestDeployments old, TestDeployments wanted) {
        return change(Change.Operation.UPDATE, "", ALICE, workload(old), workload(wanted));
    }

    static Change update(TestServices old, TestServices wanted) {
        return change(Change.Operation.UPDATE, "", ALICE, service(old), service(wanted));
    }

    static Change delete(TestDeployments old) {
        return change(Change.Operation.DELETE, "", ALICE, workload(old), null);
    }

    static Change change(
            Change.Operation operation,
            String subresource,
            Change.Requester user,
            @Nullable Subject before,
            @Nullable Subject after) {
        return new Change(operation, false, subresource, user, "shop", before, after);
    }

    static Change by(Change.Requester user, Change c) {
        return change(c.operation(), c.subresource(), user, c.before(), c.after());
    }

    static Change throughStatus(Change c) {
        return change(c.operation(), "status", c.user(), c.before(), c.after());
    }

    static Change dryRun(Change c) {
        return new Change(c.operation(), true, c.subresource(), c.user(), c.namespace(), c.before(), c.after());
    }

    static Subject.Workload workload(TestDeployments d) {
        return new Subject.Workload(d.facts(), Set.of(), false, List.of());
    }

    /// `d` with containers `c0`, `c1` and so on of these images.
    static Subject.Workload running(TestDeployments d, String... images) {
        return new Subject.Workload(
                d.images(images).facts(),
                Set.of(),
                false,
                IntStream.range(0, images.length)
                        .mapToObj(i -> new Subject.Container("c" + i, images[i]))
                        .toList());
    }

    static Subject.Service service(TestServices s) {
        return new Subject.Service(s.facts());
    }

    /// A namespace with Service `order` and these Deployments, each with all its pods ready.
    static NamespaceView shop(TestDeployments... deployments) {
        return shop(TestServices.order(), null, Map.of(), deployments);
    }

    static NamespaceView shop(
            @Nullable TestServices root,
            @Nullable Release release,
            Map<String, Integer> ready,
            TestDeployments... deployments) {
        Set<String> pods = new HashSet<>();
        Map<String, Set<String>> endpoints = new HashMap<>();
        List<DeploymentFacts> facts = new ArrayList<>();
        for (TestDeployments d : deployments) {
            String name = d.facts().name();
            int count = ready.getOrDefault(name, d.facts().replicas());
            Set<String> own = IntStream.range(0, count)
                    .mapToObj(i -> "%s-7f9c-%05d".formatted(name, i))
                    .collect(Collectors.toSet());
            pods.addAll(own);
            endpoints.put(name, own);
            facts.add(d.facts());
        }
        endpoints.put("order", pods);
        return new NamespaceView(
                "shop",
                facts,
                root == null ? List.of() : List.of(root.facts()),
                List.<RouteFacts.Named>of(),
                endpoints,
                Map.of(),
                release == null ? Map.of() : Map.of("order", release),
                Map.of(RouteKind.HTTP, ""),
                List.of(),
                Map.of());
    }

    static NamespaceView autoscaled(NamespaceView view, String deployment) {
        return new NamespaceView(
                view.namespace(),
                view.deployments(),
                view.services(),
                view.routes(),
                view.endpoints(),
                Map.of(deployment, new Version.Autoscaler("hpa", 2)),
                view.releases(),
                view.gatewayApi(),
                view.elsewhere(),
                view.claims());
    }

    static NamespaceView with(NamespaceView view, TestServices... services) {
        List<ServiceFacts> all = new ArrayList<>(view.services());
        for (TestServices s : services) {
            all.add(s.facts());
        }
        return new NamespaceView(
                view.namespace(),
                view.deployments(),
                all,
                view.routes(),
                view.endpoints(),
                view.autoscalers(),
                view.releases(),
                view.gatewayApi(),
                view.elsewhere(),
                view.claims());
    }

    /// `change` with what the mutating hook made of the object.
    static Change mutated(Change change, Decision decision) {
        List<FieldEdit> edits = decision instanceof Decision.Mutate m ? m.edits() : List.of();
        Subject after = change.after() == null ? null : applied(change.after(), edits);
        return new Change(
                change.operation(),
                change.dryRun(),
                change.subresource(),
                change.user(),
                change.namespace(),
                change.before(),
                after);
    }

    private static Subject applied(Subject subject, List<FieldEdit> edits) {
        Map<String, String> labels = new LinkedHashMap<>(subject.labels());
        Map<String, String> annotations = new LinkedHashMap<>(subject.annotations());
        Map<String, String> template = new LinkedHashMap<>();
        Map<String, String> selector = new LinkedHashMap<>();
        int replicas = 0;
        Map<String, Object> spec =
                subject instanceof Subject.Route route ? new LinkedHashMap<>(route.spec()) : Map.of();
        if (subject instanceof Subject.Workload workload) {
            DeploymentFacts facts = workload.facts();
            template.putAll(facts.templateLabels());
            selector.putAll(facts.selector());
            replicas = facts.replicas();
        }
        for (FieldEdit edit : edits) {
            switch (edit) {
                case FieldEdit.SetLabel(String key, String value) -> labels.put(key, value);
                case FieldEdit.RemoveLabel(String key) -> labels.remove(key);
                case FieldEdit.SetTemplateLabel(String key, String value) -> template.put(key, value);
                case FieldEdit.SetSelectorLabel(String key, String value) -> selector.put(key, value);
                case FieldEdit.SetReplicas(int count) -> replicas = count;
                case FieldEdit.SetRules(List<Object> rules) -> spec.put("rules", rules);
                case FieldEdit.SetAnnotation(String key, String value) -> annotations.put(key, value);
                case FieldEdit.RemoveAnnotation(String key) -> annotations.remove(key);
            }
        }
        return switch (subject) {
            case Subject.Workload made ->
                new Subject.Workload(
                        new TestDeployments(made.facts())
                                .annotated(annotations)
                                .labels(labels, selector, template)
                                .replicas(replicas)
                                .facts(),
                        made.templateKeys(),
                        made.hostPorts(),
                        made.containers());
            case Subject.Service service ->
                new Subject.Service(new TestServices(service.facts())
                        .annotated(annotations)
                        .labelled(labels)
                        .facts());
            case Subject.Route route ->
                new Subject.Route(route.kind(), route.name(), labels, annotations, spec, route.original());
        };
    }
}
