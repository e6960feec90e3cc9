// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.json.JsonObject;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.cluster.Json;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/// `kubectl canary policy test`, without any kubectl.
class PolicyTestTest {
    private static final String POLICY = """
            apiVersion: canary.io/v1
            kind: CanaryPolicy
            metadata: {name: prod}
            spec:
              match: {namespaceSelector: {matchLabels: {env: prod}}}
              actionOverrides: {requiredLabels: [Warn]}
              maxWeight: 50
              maxStep: 25
              weightByAge: [{after: 0s, max: 5}, {after: 30m, max: 25}, {after: 2h, max: 100}]
              requiredLabels: [team]
              minReplicas: 4
              breakGlass: Allowed
              authorization: Enforced
              windows:
              - {name: year-end, kind: Deny, from: 2026-12-18T00:00:00+01:00, to: 2027-01-04T08:00:00+01:00}
            """;
    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: order}
            spec: {selector: {app: order}, ports: [{port: 80}]}
            """;

    @TempDir
    private Path folder;

    private ScriptedKubectl plugin;

    @BeforeEach
    void policies() {
        plugin = new ScriptedKubectl(folder);
        plugin.file("policies/prod.yaml", POLICY);
    }

    private static String deployment(String version, String annotations) {
        return """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: order-%1$s, annotations: {%2$s}}
                spec:
                  replicas: 10
                  selector: {matchLabels: {app: order, version: %1$s}}
                  template:
                    metadata: {labels: {app: order, version: %1$s}}
                    spec: {containers: [{name: order, image: "order:%1$s"}]}
                """.formatted(version, annotations);
    }

    private static String app(String weight) {
        return String.join(
                "---\n", SERVICE, deployment("v1", ""), deployment("v2", "canary.io/weight: \"" + weight + "\""));
    }

    /// `policy test` of all policies and `file`, in a namespace of production.
    private Run test(String file, String... flags) {
        List<String> words = new ArrayList<>(List.of(
                "policy",
                "test",
                "-f",
                folder.resolve("policies").toString(),
                "-f",
                folder.resolve(file).toString(),
                "-n",
                "shop",
                "--namespace-labels=env=prod"));
        words.addAll(List.of(flags));
        return plugin.runAlone(words.toArray(String[]::new));
    }

    @Test
    void everyBrokenRuleIsTold() {
        plugin.file("new.yaml", app("60"));
        Run run = test("new.yaml", "--allow=start");
        assertThat(run.out()).isEqualTo("""
                OBJECT                     CHANGE   RESULT   POLICY   RULE             VALUE
                Service shop/order         create   Pass     <none>   <none>           nothing that policies are asked about
                Deployment shop/order-v1   create   Pass     <none>   <none>           nothing that policies are asked about
                Deployment shop/order-v2   create   Deny     prod     maxWeight        weight 60 > 50
                Deployment shop/order-v2   create   Deny     prod     maxStep          step 60 > 25 (from 0 to 60)
                Deployment shop/order-v2   create   Deny     prod     weightByAge      weight 60 > 5 at age 0s, possible at age 2h
                Deployment shop/order-v2   create   Warn     prod     requiredLabels   Deployment order-v2 has no label team

                Deployment shop/order-v2: allowed now 0..5 (weightByAge, 5 until age 30m)
                """);
        assertThat(run.err()).isEqualTo("1 of 3 objects denied; policies prod, as somebody at 2026-11-27T12:00:00Z\n");
        assertThat(run.code()).isEqualTo(ExitCode.ERROR);
    }

    @Test
    void warningsPass() {
        plugin.file("new.yaml", app("5"));
        Run run = test("new.yaml", "--allow=start,advance", "--as=alice");
        assertThat(run.out()).contains("Warn     prod     requiredLabels").doesNotContain("Deny");
        assertThat(run.err()).contains("0 of 3 objects denied; policies prod, as alice");
        assertThat(run.code()).isEqualTo(ExitCode.DONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--at=2026-12-17T22:00Z      | start    | 0 | requiredLabels",
                "--at=2026-12-17T23:00Z      | start    | 1 | frozen by window year-end until 2027-01-04T07:00Z",
                "--at=2026-12-17T23:30+01:00 | start    | 0 | requiredLabels",
                "--at=2026-11-27T12:00Z      | advance  | 1 | user \"somebody\" may not start order",
                "--namespace-labels=env=test | advance  | 0 | Pass"
            })
    void timeRightsAndNamespaceCount(String flag, String allowed, int code, String told) {
        plugin.file("new.yaml", app("5"));
        Run run = test("new.yaml", flag, "--allow=" + allowed);
        assertThat(run.out()).contains(told);
        assertThat(run.code()).isEqualTo(code);
    }

    @Test
    void labelsOfNamespacesInFilesCount() {
        String namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod}}\n---\n";
        plugin.file("new.yaml", namespace + app("60"));
        assertThat(test("new.yaml", "--namespace-labels=a=b").code()).isEqualTo(ExitCode.ERROR);
    }

    @Test
    void anOverrideCountsForWhoeverMay() {
        plugin.file(
                "new.yaml",
                SERVICE + "---\n" + deployment("v1", "") + "---\n"
                        + deployment(
                                "v2", "canary.io/weight: \"60\", canary.io/override: \"CHG-123: checkout is down\""));
        Run may = test("new.yaml", "--allow=start,override");
        assertThat(may.out()).contains("Overridden   prod     maxWeight        weight 60 > 50");
        assertThat(may.code()).isEqualTo(ExitCode.DONE);
        assertThat(test("new.yaml", "--allow=start").code()).isEqualTo(ExitCode.ERROR);
    }

    /// The Release leaves out uid and pod template: they are those of the Deployment.
    @Test
    void aChangeIsJudgedByWhatStoodThereAndByTheRelease() {
        plugin.file("old.yaml", app("5") + """
                ---
                apiVersion: canary.io/v1
                kind: Release
                metadata: {name: order}
                status:
                  stable: v1
                  total: 10
                  mode: Route
                  versions:
                  - {name: v1, deployment: order-v1, asked: "95", inForce: "95"}
                  - name: v2
                    deployment: order-v2
                    asked: "5"
                    inForce: "5"
                    begun: {by: alice, at: "2026-11-27T11:00:00Z"}
                """);
        plugin.file("new.yaml", app("25"));
        Run run = test("new.yaml", "--old", folder.resolve("old.yaml").toString(), "--allow=advance");
        assertThat(run.out())
                .contains("Deployment shop/order-v2   update   Warn     prod     requiredLabels")
                .doesNotContain("Deny");
        plugin.file("new.yaml", app("40"));
        assertThat(test("new.yaml", "--old", folder.resolve("old.yaml").toString(), "--allow=advance")
                        .out())
                .contains("step 35 > 25 (from 5 to 40)")
                .contains("weight 40 > 25 at age 1h, possible from 2026-11-27T13:00Z")
                .contains("allowed now 5..25 (weightByAge, 25 until 2026-11-27T13:00Z)");
    }

    @Test
    void whatIsUnchangedOrLoweredIsNeverAsked() {
        plugin.file("old.yaml", app("60"));
        plugin.file("same.yaml", app("60"));
        plugin.file("less.yaml", app("55"));
        for (String file : List.of("same.yaml", "less.yaml")) {
            Run run = test(file, "--old", folder.resolve("old.yaml").toString(), "--at=2026-12-24T10:00Z");
            assertThat(run.out()).doesNotContain("Deny").contains("update   Pass");
            assertThat(run.code()).isEqualTo(ExitCode.DONE);
        }
    }

    @Test
    void whatHoldsWithoutAnyPolicyIsToldToo() {
        plugin.file(
                "new.yaml", SERVICE + "---\n" + deployment("v2", "canary.io/wieght: \"5\", canary.io/weight: \"101\""));
        Run run = test("new.yaml", "--allow=start");
        assertThat(run.out())
                .contains("Deny     <none>   unknown-key   metadata.annotations[canary.io/wieght]: unknown key, did you"
                        + " mean canary.io/weight?")
                .contains("Deny     <none>   value");
        assertThat(run.code()).isEqualTo(ExitCode.ERROR);
    }

    @Test
    void routesAreJudgedByTheirGateways() {
        plugin.file("policies/gateways.json", """
                {"apiVersion": "canary.io/v1", "kind": "CanaryPolicy", "metadata": {"name": "gateways"},
                 "spec": {"gateways": {"allow": ["infra/public"]}}}
                """);
        plugin.file("new.yaml", SERVICE + """
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: shop, annotations: {canary.io/managed: "true"}}
                spec:
                  parentRefs: [{name: private, namespace: infra}]
                  rules: [{backendRefs: [{name: order, port: 80}]}]
                """);
        assertThat(test("new.yaml").out())
                .contains("HTTPRoute shop/shop   create   Deny     gateways   gateways")
                .contains("Gateway \"infra/private\" is none of infra/public");
    }

    @Test
    void asDataForPrograms() {
        plugin.file("new.yaml", app("60"));
        JsonObject tree = JsonObject.of(
                Json.read(test("new.yaml", "--allow=start", "-o", "json").out()));
        assertThat(tree.text("kind")).isEqualTo("PolicyTestResult");
        assertThat(tree.flag("passes")).isFalse();
        JsonObject object = tree.objects("objects").get(2);
        assertThat(object.text("result")).isEqualTo("Deny");
        assertThat(object.text("passes")).startsWith("allowed now 0..5");
        assertThat(object.objects("findings"))
                .extracting(each -> each.text("policy") + " " + each.text("rule") + " " + each.text("result"))
                .containsExactly(
                        "prod maxWeight Deny",
                        "prod maxStep Deny",
                        "prod weightByAge Deny",
                        "prod requiredLabels Warn");
    }

    @Test
    void asJUnitWithEverythingEscaped() throws Exception {
        plugin.file("new.yaml", SERVICE + "---\n" + deployment("v2", "canary.io/weight: \"\\u0001<&\\\"'>\\u263a\""));
        Run run = test("new.yaml", "--as=<a&b>", "-o", "junit");
        Element suite = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(run.out())))
                .getDocumentElement();
        assertThat(suite.getAttribute("tests")).isEqualTo("2");
        assertThat(suite.getAttribute("failures")).isEqualTo("1");
        assertThat(suite.getElementsByTagName("failure").item(0).getTextContent())
                .contains("value Deny:")
                .contains("<&");
        assertThat(run.code()).isEqualTo(ExitCode.ERROR);
    }

    @Test
    void casesSayWhatTheyExpect() {
        plugin.file("cases/order-v2.yaml", deployment("v2", "canary.io/weight: \"60\""));
        plugin.file("cases/stands.yaml", SERVICE + "---\n" + deployment("v1", ""));
        plugin.file("cases/cases.yaml", """
                kind: CanaryPolicyTest
                metadata: {name: too much}
                objects: [order-v2.yaml]
                old: [stands.yaml]
                user: alice
                allow: [start]
                expect:
                - {policy: prod, rule: maxWeight, result: Deny}
                - {policy: prod, rule: maxStep, result: Deny}
                - {policy: prod, rule: weightByAge, result: Deny}
                - {rule: requiredLabels, result: Warn, object: Deployment/order-v2}
                ---
                kind: CanaryPolicyTest
                metadata: {name: frozen}
                at: "2026-12-24T10:00:00Z"
                allow: [start]
                old: [stands.yaml]
                objects:
                - apiVersion: apps/v1
                  kind: Deployment
                  metadata: {name: order-v2, labels: {team: a}, annotations: {canary.io/weight: "5"}}
                  spec:
                    selector: {matchLabels: {app: order, version: v2}}
                    template:
                      metadata: {labels: {app: order, version: v2}}
                      spec: {containers: [{name: order, image: "order:2"}]}
                expect:
                - {policy: prod, rule: maxStep, result: Deny}
                """);
        Run run = test("cases/cases.yaml");
        assertThat(run.out()).isEqualTo("""
                CASE       RESULT        WHY
                too much   as expected   prod maxWeight Deny, prod maxStep Deny, prod weightByAge Deny, prod requiredLabels Warn
                frozen     differs       expected prod maxStep Deny, which did not come
                frozen     differs       Deployment shop/order-v2: prod windows Deny is not expected: frozen by window year-end until 2027-01-04T07:00Z
                """);
        assertThat(run.err()).startsWith("1 of 2 cases differ; policies prod, as somebody");
        assertThat(run.code()).isEqualTo(ExitCode.ERROR);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "expect: [{policy: prd, rule: maxStep, result: Deny}] | expect[0].policy: there is no CanaryPolicy \"prd\"",
                "expect: [{policy: prod, rule: maxStpe, result: Deny}] | expect[0].rule: \"maxStpe\" is no rule",
                "expect: [{policy: prod, rule: maxStep, result: deny}] | expect[0].result: \"deny\" is none of Pass, Deny",
                "expcet: [] | expcet: there is no such field; did you mean expect?",
                "at: tomorrow | at: tomorrow is no time",
                "allow: [delete] | allow: \"delete\" is none of start, advance, promote, override",
                "old: [7] | old: an entry is neither an object nor the name of a file",
                "old: [nowhere.yaml] | \"nowhere.yaml\" does not exist"
            })
    void aCaseThatCannotBeReadIsBadInput(String line, String told) {
        plugin.file("case.yaml", "kind: CanaryPolicyTest\nmetadata: {name: odd}\n" + line + "\n");
        Run run = test("case.yaml");
        assertThat(run.err()).contains(told);
        assertThat(run.code()).isEqualTo(ExitCode.BAD_INPUT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "maxWieght: 50 | spec.maxWieght: there is no such field (did you mean maxWeight?)",
                "maxStep: \"25\" | spec.maxStep: \"25\" is no number (write it without quotes)",
                "maxWeight: 12.345 | spec.maxWeight: 12.345 is not a percentage",
                "maxWeight: .nan | spec.maxWeight: NaN is not a percentage",
                "minReplicas: -1 | spec.minReplicas: -1 is less than 0",
                "validationActions: [Deny, Warn] | spec.validationActions: Deny and Warn exclude each other",
                "validationActions: [] | spec.validationActions: names no action",
                "actionOverrides: {maxStpe: [Warn]} | spec.actionOverrides[maxStpe]: \"maxStpe\" is no rule",
                "authorization: on | spec.authorization: true is no string (quote it)",
                "requiredLabels: [a, a] | spec.requiredLabels[1]: \"a\" stands there twice",
                "windows: [{name: a, kind: Deny}] | spec.windows[0]: has no time",
                "windows: [{name: a, kind: Deny, schedule: 0 17 * * 5, duration: 63h, timeZone: Mars/Base}] |"
                        + " spec.windows[0].timeZone: \"Mars/Base\" is no time zone (write e.g. Europe/Amsterdam or UTC)",
                "windows: [{name: a, kind: Deny, schedule: 0 25 * * 5, duration: 63h, timeZone: UTC}] |"
                        + " spec.windows[0].schedule: \"0 25 * * 5\" is no schedule of cron",
                "exemptions: [{name: e, namespaces: [a], rules: [maxStep], until: never}] |"
                        + " spec.exemptions[0].reason: is required and missing",
                "gateways: {allow: [public]} | spec.gateways.allow[0]: \"public\" does not match"
            })
    void aPolicyThatWouldNotBeAdmittedIsBadInput(String line, String told) {
        plugin.file("new.yaml", app("5"));
        plugin.file(
                "policies/odd.yaml",
                "apiVersion: canary.io/v1\nkind: CanaryPolicy\nmetadata: {name: odd}\nspec:\n  " + line + "\n");
        Run run = test("new.yaml");
        assertThat(run.err()).contains("error: FOLDER/policies/odd.yaml: CanaryPolicy \"odd\" " + told);
        assertThat(run.code()).isEqualTo(ExitCode.BAD_INPUT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a: [1 | is not YAML: expected ',' or ']', but got <stream end>",
                "{\"kind\": \"Deployment\" | is not YAML",
                "a: 1 | kind is missing: it is no object of Kubernetes",
                "[1, 2] | kind is missing",
                "{kind: CanaryPolicyTset, apiVersion: canary.io/v1} | did you mean kind: CanaryPolicyTest",
                "{kind: CanaryPolicy, apiVersion: canary.io/v2, metadata: {name: a}} | \"canary.io/v2\" is not served",
                "{kind: CanaryPolicy, apiVersion: canary.io/v1, metadata: {name: prod}, spec: {}} | stands there twice",
                "{kind: CanaryPolicy, apiVersion: canary.io/v1, metadata: {name: a}} | spec: is required and missing",
                "{kind: Deployment, apiVersion: apps/v1, metadata: {name: a, annotations: {canary.io/weight: 60}}} |"
                        + " metadata.annotations[canary.io/weight]: 60 is no text (quote it)",
                "{kind: Deployment, apiVersion: apps/v1, metadata: {name: a}, spec: []} | spec: [] is no object",
                "{kind: Service, apiVersion: v1, metadata: {}} | metadata.name: is required and missing",
                "{kind: Service, apiVersion: v1, metadata: {name: a, namespace: A_B}} | A_B names no namespace",
                "a: &a [*a] | is nested too deeply, or too large",
                "!!javax.script.ScriptEngineManager {} | is not YAML"
            })
    void whatIsNoObjectIsBadInput(String text, String told) {
        plugin.file("odd.yaml", text);
        Run run = test("odd.yaml");
        assertThat(run.err()).contains(told).doesNotContain("bug");
        assertThat(run.code()).isEqualTo(ExitCode.BAD_INPUT);
    }

    @Test
    void deepOrEmptyOrBinaryFilesAreToldToo() {
        plugin.file("deep.yaml", "[".repeat(100_000));
        plugin.file("empty.yaml", "");
        plugin.file("nothing/readme.txt", "");
        assertThat(test("deep.yaml").err()).contains("nested too deeply");
        assertThat(test("nothing").err()).contains("has no .yaml, .yml or .json file");
        assertThat(test("nowhere").err()).contains("does not exist");
        Run empty = plugin.runAlone(
                "policy", "test", "-f", folder.resolve("empty.yaml").toString());
        assertThat(empty.err()).contains("there is no CanaryPolicy in FOLDER/empty.yaml");
        assertThat(empty.code()).isEqualTo(ExitCode.BAD_INPUT);
    }

    @Test
    void otherKindsAreIgnoredAndNamed() {
        plugin.file("new.yaml", "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: k}\n");
        Run run = test("new.yaml");
        assertThat(run.err()).contains("ignored FOLDER/new.yaml: Service \"k\"").contains("nothing to judge");
        assertThat(run.code()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void standardInputAndListsAreRead() {
        String list = "{\"kind\": \"List\", \"items\": [{\"kind\": \"CanaryPolicy\", \"apiVersion\": \"canary.io/v1\","
                + " \"metadata\": {\"name\": \"all\"}, \"spec\": {\"maxWeight\": 10}}]}";
        plugin.file("new.yaml", app("20"));
        Run run = plugin.reads(list)
                .runAlone(
                        "policy",
                        "test",
                        "-f",
                        "-",
                        "-f",
                        folder.resolve("new.yaml").toString());
        assertThat(run.out()).contains("Deployment default/order-v2   create   Deny     all      maxWeight");
    }

    /// The example of the document.
    @Test
    void theDocumentsCaseIsAsItExpects() throws IOException {
        String document = Files.readString(Path.of("../docs/plugin.md"));
        String example = document.split("```yaml\n", -1)[1].split("```", -1)[0];
        Run run = plugin.runAlone("policy", "test", "-f", plugin.file("example.yaml", example));
        assertThat(run.out())
                .contains("nothing starts on a Friday night   as expected   prod windows Deny, prod maxWeight Deny");
        assertThat(run.code()).isEqualTo(ExitCode.DONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--at=now | --at: \"now\" is no time with an offset",
                "--allow=rollback | --allow: \"rollback\" is none of start, advance, promote, override",
                "--namespace-labels=prod | --namespace-labels: \"prod\" is not KEY=VALUE",
                "--output=yaml | --output: \"yaml\" is not one of table, json, junit"
            })
    void wrongFlagsAreUsage(String flag, String told) {
        Run run = test("policies", flag);
        assertThat(run.err()).contains(told);
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    }
}
