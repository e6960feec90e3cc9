// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.Names;
import io.canary.domain.json.JsonObject;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.PolicyRule;
import io.canary.domain.policy.Times;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.Session;
import io.canary.kubectl.view.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// `policy list`: all CanaryPolicies, with what Canary tells of them in their status.
final class PolicyList {
    private PolicyList() {}

    static int run(Session session) {
        boolean wide = session.arguments().value("output").equals("wide");
        if (Output.byKubectl(session)) {
            return Output.kubectl(session, List.of("get", ClusterPolicies.RESOURCE));
        }
        return switch (ClusterPolicies.read(session)) {
            case ClusterPolicies.Found.All(var policies) -> print(session, policies, wide);
            case ClusterPolicies.Found.Not(var why) -> Apps.told(session, why);
        };
    }

    private static int print(Session session, List<ClusterPolicies.Stored> policies, boolean wide) {
        if (policies.isEmpty()) {
            session.terminal().note("There is no CanaryPolicy: only rights limit canaries.");
            return ExitCode.DONE;
        }
        Table table = wide
                ? new Table(
                        "NAME", "ACTIONS", "FROZEN", "MATCHED", "VIOLATIONS", "ACCEPTED", "ENFORCED", "AGE", "RULES")
                : new Table("NAME", "ACTIONS", "FROZEN", "MATCHED", "VIOLATIONS", "ACCEPTED", "RULES");
        for (ClusterPolicies.Stored each : policies) {
            JsonObject status = each.object().object("status");
            Policy policy = each.read().policy();
            Instant created = each.object().object("metadata").instant("creationTimestamp");
            List<String> row = new ArrayList<>(List.of(
                    policy.name(),
                    actions(policy),
                    frozen(session, policy, status),
                    number(status, "matched"),
                    number(status, "totalViolations"),
                    condition(status, "Accepted")));
            if (wide) {
                row.add(condition(status, "Enforced"));
                row.add(created == null ? "" : session.terminal().screen().age(created));
            }
            row.add(policy.rules().stream().map(rule -> rule(policy, rule)).collect(Collectors.joining(",")));
            table.add(row.toArray(String[]::new));
        }
        session.terminal().print(table.lines());
        for (ClusterPolicies.Stored each : policies) {
            String title = "warning: CanaryPolicy \"" + each.read().policy().name() + "\" ";
            each.read()
                    .problems()
                    .forEach(problem -> session.terminal().note(Names.printable(title + problem.message())));
            each.object()
                    .object("status")
                    .texts("expiredExemptions")
                    .forEach(name ->
                            session.terminal().note(Names.printable(title + "exemption " + name + " has ended")));
        }
        return ExitCode.DONE;
    }

    private static String actions(Policy policy) {
        return policy.actions().stream().sorted().map(each -> each.text()).collect(Collectors.joining(","));
    }

    /// The rule, with what is done about it where that is something else.
    private static String rule(Policy policy, PolicyRule rule) {
        return policy.actionsOf(rule).equals(policy.actions())
                ? rule.text()
                : rule.text() + "="
                        + policy.actionsOf(rule).stream()
                                .sorted()
                                .map(each -> each.text())
                                .collect(Collectors.joining("+"));
    }

    /// By the status, which the API server judges by; by the clock here where none was written yet.
    private static String frozen(Session session, Policy policy, JsonObject status) {
        JsonObject told = status.object("freeze");
        var freeze = policy.freezeAt(session.terminal().now());
        boolean active = status.has("freeze") ? told.flag("active") : freeze.active();
        String window = status.has("freeze") ? told.text("window") : freeze.window();
        Instant until = status.has("freeze") ? told.instant("until") : freeze.until();
        return active ? window + (until == null ? "" : " until " + Times.text(until)) : "no";
    }

    private static String number(JsonObject status, String field) {
        return status.has(field) ? Integer.toString(status.count(field, 0)) : "";
    }

    private static String condition(JsonObject status, String type) {
        return status.objects("conditions").stream()
                .filter(condition -> condition.text("type").equals(type))
                .map(condition -> condition.text("status"))
                .findFirst()
                .orElse("");
    }
}
