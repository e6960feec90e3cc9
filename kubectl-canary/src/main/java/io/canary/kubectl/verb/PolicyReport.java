// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.App;
import io.canary.domain.policy.Compliance;
import io.canary.domain.policy.Policy;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.cluster.Reading;
import io.canary.kubectl.cluster.Snapshot;
import io.canary.kubectl.policy.Judgement;
import io.canary.kubectl.policy.Scope;
import io.canary.kubectl.view.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// `policy report`: what breaks policies as it stands, by the code of the controller's own audit.
final class PolicyReport {

    private final Session session;
    private final boolean all;
    private final List<Compliance.Breach> breaches = new ArrayList<>();
    private final Set<String> assumed = new TreeSet<>();
    private int apps;

    private PolicyReport(Session session) {
        this.session = session;
        this.all = session.arguments().on("all-namespaces");
    }

    static int run(Session session) {
        return switch (ClusterPolicies.read(session)) {
            case ClusterPolicies.Found.Not(var why) -> Apps.told(session, why);
            case ClusterPolicies.Found.All found -> new PolicyReport(session).run(found.rules());
        };
    }

    private int run(List<Policy> policies) {
        Apps.Listed listed = list(Apps.KINDS + "," + Apps.ROUTES);
        if (listed.reading() instanceof Reading.Denied) {
            listed = list(Apps.KINDS); // without the right to read routes
        }
        if (!(listed.reading() instanceof Reading.Got(String json))) {
            return Apps.told(session, listed.reading());
        }
        Map<String, Map<String, String>> labels = all ? ClusterPolicies.labels(session) : null;
        Snapshot.byNamespace(json, listed.kinds()).forEach((namespace, snapshot) -> {
            Map<String, String> own = all
                    ? labels == null ? null : labels.getOrDefault(namespace, Map.of())
                    : ClusterPolicies.labels(session, namespace);
            audit(namespace, own, snapshot, policies);
        });
        breaches.sort(Comparator.comparing(Compliance.Breach::namespace)
                .thenComparing(Compliance.Breach::app)
                .thenComparing(Compliance.Breach::version)
                .thenComparing(breach -> breach.finding().policy())
                .thenComparing(breach -> breach.finding().rule()));
        print(policies);
        return code();
    }

    private Apps.Listed list(String kinds) {
        return all
                ? Apps.list(session, kinds, () -> {}, "--output=json", "--all-namespaces")
                : Apps.list(session, kinds, () -> {}, "--output=json");
    }

    private void audit(
            String namespace, @Nullable Map<String, String> labels, Snapshot snapshot, List<Policy> policies) {
        Scope scope = Scope.of(namespace, labels, policies);
        if (scope.policies().isEmpty()) {
            return;
        }
        for (String name : snapshot.view().apps()) {
            App app = snapshot.view().app(name);
            List<Compliance.Breach> found =
                    Compliance.of(app, scope.policies(), session.terminal().now());
            breaches.addAll(found);
            apps += app.managed() ? 1 : 0;
            found.stream()
                    .map(breach -> breach.finding().policy())
                    .filter(scope.assumed()::contains)
                    .forEach(assumed::add);
        }
    }

    private void print(List<Policy> policies) {
        String summary = "%d of %d apps break policies; %d policies were asked"
                .formatted(
                        breaches.stream()
                                .map(breach -> breach.namespace() + "/" + breach.app())
                                .distinct()
                                .count(),
                        apps,
                        policies.size());
        if (session.arguments().given("output")) {
            Output.tree(session, tree());
        } else if (!breaches.isEmpty()) {
            Table table = new Table("NAMESPACE", "APP", "VERSION", "POLICY", "RULE", "ACTION", "VALUE");
            breaches.forEach(breach -> table.add(
                    breach.namespace(),
                    breach.app(),
                    breach.version(),
                    breach.finding().policy(),
                    breach.finding().rule().text(),
                    action(breach).text(),
                    breach.finding().value()));
            session.terminal().print(table.lines());
        }
        session.terminal().note(summary);
        if (!assumed.isEmpty()) {
            session.terminal()
                    .note("warning: the labels of namespaces cannot be read, so these are taken to be about all: "
                            + String.join(", ", assumed));
        }
    }

    private static Judgement.Result action(Compliance.Breach breach) {
        return Judgement.Result.of(breach.finding().outcome());
    }

    private Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("apiVersion", "cli.canary.io/v1");
        tree.put("kind", "PolicyReport");
        tree.put("apps", apps);
        tree.put("assumed", List.copyOf(assumed));
        tree.put(
                "violations",
                breaches.stream()
                        .map(breach -> {
                            Map<String, Object> each = new LinkedHashMap<>();
                            each.put("namespace", breach.namespace());
                            each.put("app", breach.app());
                            each.put("version", breach.version());
                            each.put("policy", breach.finding().policy());
                            each.put("rule", breach.finding().rule().text());
                            each.put("action", action(breach).text());
                            each.put("value", breach.finding().value());
                            return each;
                        })
                        .toList());
        return tree;
    }

    private int code() {
        Judgement.Result least = switch (session.arguments().value("fail-on")) {
            case "deny" -> Judgement.Result.DENY;
            case "warn" -> Judgement.Result.WARN;
            case "audit" -> Judgement.Result.AUDIT;
            default -> Judgement.Result.PASS;
        };
        return breaches.stream().anyMatch(breach -> action(breach).compareTo(least) <= 0)
                ? ExitCode.CHECK_FAILED
                : ExitCode.DONE;
    }
}
