// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.json.JsonObject;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.cluster.Json;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `kubectl canary policy list`, `explain` and `report`.
class PolicyVerbsTest {
    private static final String BASELINE = """
            {"kind": "CanaryPolicy", "metadata": {"name": "baseline", "creationTimestamp": "2026-11-01T00:00:00Z"},
             "spec": {"validationActions": ["Warn", "Audit"], "maxWeight": 30, "requiredLabels": ["team"]},
             "status": {"freeze": {"active": false}, "matched": 3, "totalViolations": 2,
                        "conditions": [{"type": "Accepted", "status": "True"}, {"type": "Enforced", "status": "True"}]}}
            """;
    private static final String PROD = """
            {"kind": "CanaryPolicy", "metadata": {"name": "prod", "creationTimestamp": "2026-11-20T00:00:00Z"},
             "spec": {
               "match": {"namespaceSelector": {"matchLabels": {"env": "prod"}}},
               "actionOverrides": {"maxStep": ["Warn"]},
               "maxWeight": 50, "maxStep": 25, "minReplicas": 4,
               "weightByAge": [{"after": "0s", "max": 5}, {"after": "30m", "max": 25}, {"after": "2h", "max": 100}],
               "hosts": {"allow": ["*.canary.{namespace}.example.com"]},
               "images": {"requireTag": true, "registries": ["ghcr.io/acme"]},
               "authorization": "Enforced", "breakGlass": "Allowed",
               "exemptions": [{"name": "migration", "namespaces": ["shop"], "rules": ["minReplicas"],
                               "until": "2026-12-01T00:00:00Z", "reason": "CHG-123"}],
               "windows": [{"name": "weekend", "kind": "Deny", "schedule": "0 17 * * 5", "duration": "63h",
                            "timeZone": "Europe/Amsterdam"}]},
             "status": {"freeze": {"active": true, "window": "weekend", "until": "2026-11-30T06:00:00Z"}, "matched": 1,
                        "totalViolations": 0, "expiredExemptions": ["old"],
                        "conditions": [{"type": "Accepted", "status": "True"}]}}
            """;
    private static final String STRICT = """
            {"kind": "CanaryPolicy", "metadata": {"name": "strict"},
             "spec": {"maxWeight": 20, "minReplicas": 12, "requiredLabels": ["cost", "team"],
                      "separationOfDuties": {"above": 15},
                      "hosts": {"allow": ["a.example.com"]},
                      "weightByAge": [{"after": "0s", "max": 10}, {"after": "1h", "max": 100}]}}
            """;
    private static final String NAMESPACE =
            "{\"kind\": \"Namespace\", \"metadata\": {\"name\": \"shop\", \"labels\": {\"env\": \"prod\"}}}";

    @TempDir
    private Path folder;

    private ScriptedKubectl kubectl;

    @BeforeEach
    void newKubectl() {
        kubectl = new ScriptedKubectl(folder);
    }

    private static String list(String... items) {
        return "{\"kind\": \"List\", \"items\": [" + String.join(",", items) + "]}";
    }

    private static String deployment(String namespace, String version, String annotations) {
        return """
                {"kind": "Deployment",
                 "metadata": {"name": "order-%2$s", "namespace": "%1$s", "uid": "%2$s", "labels": {"app": "order"},
                              "annotations": %3$s},
                 "spec": {"replicas": 5, "selector": {"matchLabels": {"app": "order", "version": "%2$s"}},
                          "template": {"metadata": {"labels": {"app": "order", "version": "%2$s"}}}}}
                """.formatted(namespace, version, annotations);
    }

    /// The hash of the pod template above.
    private static String hash(String version) {
        return io.canary.domain.app.Fingerprint.of(java.util.Map.of(
                "metadata", java.util.Map.of("labels", java.util.Map.of("app", "order", "version", version))));
    }

    private static String app(String namespace, String weight, String standing) {
        return String.join(
                ",",
                deployment(namespace, "v1", "{}"),
                deployment(namespace, "v2", "{\"canary.io/weight\": \"" + weight + "\"}"),
                """
                {"kind": "Service", "metadata": {"name": "order", "namespace": "%s"},
                 "spec": {"selector": {"app": "order"}, "ports": [{"port": 80}]}}
                """.formatted(namespace),
                """
                {"kind": "Release", "metadata": {"name": "order", "namespace": "%s"},
                 "status": {"phase": "Canary", "stable": "v1", "line": [], "total": 10, "mode": "Route",
                  "versions": [{"name": "v1", "uid": "v1", "deployment": "order-v1", "asked": "90", "inForce": "90"},
                   {"name": "v2", "uid": "v2", "deployment": "order-v2", "asked": "%s", "inForce": "10"%s}]}}
                """.formatted(namespace, weight, standing));
    }

    private static String begun(String at) {
        return ", \"begun\": {\"by\": \"alice\", \"at\": \"" + at + "\", \"template\": \"" + hash("v2") + "\"}";
    }

    private ScriptedKubectl shop(String policies) {
        return kubectl.answers("*canarypolicies*", policies)
                .answers("*'get namespace shop'*", NAMESPACE)
                .answers("*deployments.apps*", list(app("shop", "10", begun("2026-11-27T11:00:00Z"))))
                .answers("*can-i*start*|*can-i*advance*", "yes\n")
                .on("*can-i*", "no\n", "", 1)
                .answers("*whoami*", "{\"status\": {\"userInfo\": {\"username\": \"alice\"}}}");
    }

    @Test
    void listShowsRulesFreezeAndCompliance() {
        Run run = kubectl.answers("*canarypolicies*", list(BASELINE, PROD)).run("policy", "list");
        assertThat(run.out()).isEqualTo("""
                NAME       ACTIONS      FROZEN                            MATCHED   VIOLATIONS   ACCEPTED   RULES
                baseline   Warn,Audit   no                                3         2            True       maxWeight,requiredLabels
                prod       Deny         weekend until 2026-11-30T06:00Z   1         0            True       windows,authorization,maxWeight,maxStep=Warn,weightByAge,minReplicas,hosts,images
                """);
        assertThat(run.err()).isEqualTo("warning: CanaryPolicy \"prod\" exemption old has ended\n");
        assertThat(run.code()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void listHandsOtherFormatsToKubectl() {
        Run run = kubectl.answers("*", "names\n").run("policy", "list", "-o", "name");
        assertThat(run.out()).isEqualTo("names\n");
        assertThat(kubectl.calls()).containsExactly("get canarypolicies.canary.io --output=name");
    }

    @Test
    void listTellsOfAPolicyThatCannotBeRead() {
        String odd = """
                {"kind": "CanaryPolicy", "metadata": {"name": "odd\\u001b[31m"},
                 "spec": {"windows": [{"name": "a", "kind": "Deny", "schedule": "* * * * *", "duration": "1h",
                                       "timeZone": "Mars/Base"}]}}
                """;
        Run run = kubectl.answers("*", list(odd)).run("policy", "list");
        assertThat(run.out()).contains("odd^[[31m").doesNotContain("\033");
        assertThat(run.err())
                .contains("spec.windows[0].timeZone: \"Mars/Base\" is no time zone")
                .doesNotContain("\033");
    }

    @Test
    void listWithoutPoliciesOrWithoutThatKind() {
        assertThat(kubectl.answers("*", list()).run("policy", "list").err())
                .isEqualTo("There is no CanaryPolicy: only rights limit canaries.\n");
        Run older = new ScriptedKubectl(folder.resolve("older"))
                .fails("*", "error: the server doesn't have a resource type \"canarypolicies\"\n")
                .run("policy", "list");
        assertThat(older.err()).contains("Canary is not installed in this cluster, or is older than this plugin");
        assertThat(older.code()).isEqualTo(ExitCode.ERROR);
    }

    @Test
    void explainTellsLimitsRightsAndWhatPasses() {
        Run run = shop(list(BASELINE, PROD)).run("policy", "explain", "order");
        assertThat(run.out()).isEqualTo("""
                order  shop  policies baseline, prod
                  freeze:   prod: not now, the next begins 2026-11-27T16:00Z
                  exempt:   minReplicas of prod until 2026-12-01T00:00Z: CHG-123 (migration)

                RULE             LIMIT                                    SET BY     ACTION
                windows          weekend                                  prod       Deny
                authorization    verbs on releases.canary.io              prod       Deny
                maxWeight        50%                                      prod       Deny
                maxWeight        30%                                      baseline   Warn
                maxStep          25%                                      prod       Warn
                weightByAge      5% from 0s, 25% from 30m, 100% from 2h   prod       Deny
                minReplicas      4                                        prod       exempt until 2026-12-01T00:00Z
                requiredLabels   team                                     baseline   Warn
                hosts            *.canary.shop.example.com                prod       Deny
                images           a tag or digest; from ghcr.io/acme       prod       Deny

                VERB       NEEDED BY   YOU
                start      prod        may
                advance    prod        may
                promote    prod        may not: kubectl auth can-i promote releases.canary.io/order -n shop
                override   prod        may not: kubectl auth can-i override releases.canary.io/order -n shop

                VERSION     AGE      ASKED    LIMIT         MORE FROM           PASSES NOW   PROMOTION
                v1          <none>   stable   <none>        <none>              <none>       <none>
                v2          60m      10%      25% by prod   2026-11-27T13:00Z   up to 25%    refused
                a new one   <none>   0%       5% by prod    <none>              up to 5%     <none>
                  refused:  v2 promotion: CanaryPolicy "prod" authorization: user "you" may not promote order (verb promote on releases.canary.io)
                  refused:  v2 promotion: CanaryPolicy "prod" weightByAge: promotion of v2 > 25 at age 1h, possible from 2026-11-27T13:00Z
                """);
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isEqualTo(ExitCode.DONE);
        assertThat(kubectl.calls())
                .filteredOn(call -> call.startsWith("auth"))
                .containsExactly(
                        "auth can-i start releases.canary.io/order",
                        "auth can-i advance releases.canary.io/order",
                        "auth can-i promote releases.canary.io/order",
                        "auth can-i override releases.canary.io/order");
    }

    @Test
    void explainTakesTheStrictestOfSeveralPolicies() {
        Run run = shop(list(STRICT, PROD.replace("0 17 * * 5", "0 17 * * 6"))).run("policy", "explain", "order");
        assertThat(run.out())
                .contains(
                        "maxWeight            20%                                                      strict         Deny")
                .contains("5% from 0s, 10% from 30m, 25% from 1h, 100% from 2h      prod, strict   Deny")
                .contains(
                        "minReplicas          12                                                       strict         Deny")
                .contains("cost, team")
                .contains("*.canary.shop.example.com; and of these: a.example.com")
                .contains("v2          60m      10%      20% by strict   <none>      no raise     refused")
                .contains("refused:  v2 more weight: CanaryPolicy \"strict\" minReplicas: total of 10 replicas < 12")
                .contains("refused:  a new one more weight: CanaryPolicy \"strict\" requiredLabels: Deployment"
                        + " order-vN has no label cost, team")
                .contains("v2 promotion: CanaryPolicy \"strict\" separationOfDuties: promotion of v2 > 15: \"alice\""
                        + " started v2, another must raise it");
    }

    @Test
    void explainAsData() {
        Run run = shop(list(STRICT)).run("policy", "explain", "order", "-o", "json");
        JsonObject tree = JsonObject.of(Json.read(run.out()));
        assertThat(tree.text("kind")).isEqualTo("PolicyExplanation");
        assertThat(tree.objects("limits"))
                .extracting(limit -> limit.text("rule") + " " + limit.text("limit"))
                .contains("maxWeight 20%", "minReplicas 12", "weightByAge 10% from 0s, 100% from 1h");
        JsonObject v2 = tree.objects("versions").get(1);
        assertThat(v2.object("begun").text("by")).isEqualTo("alice");
        assertThat(v2.fields().get("asked")).isEqualTo(10.0);
    }

    @Test
    void explainWithoutAnyPolicy() {
        Run run = shop(list()).run("policy", "explain", "order");
        assertThat(run.out()).isEqualTo("""
                order  shop  no policy is about it

                VERSION     AGE      ASKED    LIMIT    MORE FROM   PASSES NOW   PROMOTION
                v1          <none>   stable   <none>   <none>      <none>       <none>
                v2          60m      10%      none     <none>      up to 100%   passes
                a new one   <none>   0%       none     <none>      up to 100%   <none>
                """);
    }

    @Test
    void withoutTheNamespacesLabelsMoreIsTakenToHold() {
        Run run = kubectl.fails(
                        "*'get namespace shop'*", "Error from server (Forbidden): namespaces \"shop\" is forbidden\n")
                .answers("*canarypolicies*", list(BASELINE, PROD))
                .answers("*deployments.apps*", list(app("shop", "10", begun("2026-11-27T11:00:00Z"))))
                .on("*can-i*", "yes\n", "", 0)
                .run("policy", "explain", "order");
        assertThat(run.out()).startsWith("order  shop  policies baseline, prod\n");
        assertThat(run.err())
                .isEqualTo("warning: namespace shop cannot be read, so these are taken to be about it: prod\n");
        assertThat(run.code()).isEqualTo(ExitCode.DENIED);
    }

    @Test
    void withoutPoliciesTheReleaseIsTold() {
        String standing = begun("2026-11-27T11:00:00Z")
                + ", \"weightLimit\": {\"max\": \"25\", \"policy\": \"prod\", \"until\": \"2026-11-27T13:00:00Z\"},"
                + " \"override\": {\"by\": \"bob\", \"at\": \"2026-11-27T11:30:00Z\", \"reason\": \"CHG-1 outage\","
                + " \"wish\": \"10/" + hash("v2") + "\"}";
        Run run = kubectl.fails(
                        "*canarypolicies*",
                        "Error from server (Forbidden): canarypolicies.canary.io is forbidden: User \"alice\" cannot"
                                + " list resource\n")
                .answers("*deployments.apps*", list(app("shop", "10", standing)))
                .run("policy", "explain", "order");
        assertThat(run.out()).isEqualTo("""
                v2  began 60m ago by alice
                v2  at most 25% by CanaryPolicy prod, more from 2026-11-27T13:00Z
                v2  override by bob: CHG-1 outage
                """);
        assertThat(run.err())
                .startsWith("warning: you may not read CanaryPolicies; this is what the Release tells of them\n"
                        + "Error from server (Forbidden): canarypolicies.canary.io is forbidden");
        assertThat(run.code()).isEqualTo(ExitCode.DENIED);
    }

    private ScriptedKubectl cluster() {
        return kubectl.answers("*canarypolicies*", list(BASELINE, PROD))
                .answers(
                        "*'get namespaces'*",
                        list(NAMESPACE, "{\"kind\": \"Namespace\", \"metadata\": {\"name\": \"test\"}}"))
                .answers("*'get namespace shop'*", NAMESPACE)
                .answers(
                        "*deployments.apps*all-namespaces*",
                        list(app("shop", "60", begun("2026-11-27T11:00:00Z")), app("test", "40", "")))
                .answers("*deployments.apps*", list(app("shop", "60", begun("2026-11-27T11:00:00Z"))));
    }

    @Test
    void reportTellsWhatBreaksPoliciesAsItStands() {
        Run run = cluster().run("policy", "report", "-A");
        assertThat(run.out()).isEqualTo("""
                NAMESPACE   APP     VERSION   POLICY     RULE             ACTION   VALUE
                shop        order   v2        baseline   maxWeight        Warn     weight 60 > 30
                shop        order   v2        baseline   requiredLabels   Warn     Deployment order-v2 has no label team
                shop        order   v2        prod       maxWeight        Deny     weight 60 > 50
                shop        order   v2        prod       weightByAge      Deny     weight 60 > 25 at age 1h, possible from 2026-11-27T13:00Z
                test        order   v2        baseline   maxWeight        Warn     weight 40 > 30
                test        order   v2        baseline   requiredLabels   Warn     Deployment order-v2 has no label team
                """);
        assertThat(run.err()).isEqualTo("2 of 2 apps break policies; 2 policies were asked\n");
        assertThat(run.code()).isEqualTo(ExitCode.DONE);
        Run one = cluster().run("policy", "report", "-n", "shop", "-o", "json");
        assertThat(JsonObject.of(Json.read(one.out())).objects("violations"))
                .extracting(each -> each.text("namespace"))
                .containsOnly("shop");
    }

    @ParameterizedTest
    @CsvSource({"none, 0, 0", "deny, 5, 0", "warn, 5, 5", "audit, 5, 5"})
    void reportFailsOnWhatItIsAskedTo(String least, int denied, int warned) {
        assertThat(cluster().run("policy", "report", "-A", "--fail-on=" + least).code())
                .isEqualTo(denied);
        assertThat(new ScriptedKubectl(folder)
                        .answers("*canarypolicies*", list(BASELINE))
                        .answers("*'get namespace shop'*", NAMESPACE)
                        .answers("*deployments.apps*", list(app("shop", "60", "")))
                        .run("policy", "report", "--fail-on=" + least)
                        .code())
                .isEqualTo(warned);
    }

    @Test
    void reportGoesOnWithoutRoutesAndNamespaces() {
        Run run = kubectl.answers("*canarypolicies*", list(PROD))
                .fails("*httproutes*", "Error from server (Forbidden): httproutes is forbidden\n")
                .fails("*namespaces*--output*", "Error from server (Forbidden): namespaces is forbidden\n")
                .answers("*deployments.apps*", list(app("shop", "60", "")))
                .run("policy", "report", "-A");
        assertThat(run.out()).contains("shop        order   v2        prod     maxWeight");
        assertThat(run.err())
                .contains("warning: the labels of namespaces cannot be read, so these are taken to be about all: prod");
    }

    @Test
    void reportKnowsClustersWithoutSomeKindOfRoute() {
        Run run = kubectl.answers("*canarypolicies*", list(PROD))
                .fails("*grpcroutes*", "error: the server doesn't have a resource type \"grpcroutes\"\n")
                .answers("*'get namespace shop'*", NAMESPACE)
                .answers("*httproutes*", list(app("shop", "60", "")))
                .run("policy", "report");
        assertThat(run.out()).contains("weight 60 > 50");
        assertThat(run.code()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void namesOfAppsAreChecked() {
        Run run = kubectl.run("policy", "explain", "Order!");
        assertThat(run.err()).contains("names no app");
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(kubectl.calls()).isEqualTo(List.of());
    }
}
