// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.canary.e2e.story.Requester.Answer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The table of bad inputs (issue 3, 5.11; admission.md section 6), as far as it is about one object: refused with
/// what is wrong, the rule and an example.
@ReleaseStory
class BadInputIT {
    private static final String WEIGHT = " is not a percentage 0–100 with at most two decimals";
    private static final String NAME =
            " is not a name of lower case letters, digits and \"-\", a letter first, at most 63 characters";
    private static final String LOCAL = " is not the name of a Service in the same namespace";
    private static final String PATH = LOCAL + ": it may name no other namespace and no path (write e.g. \"order\")";
    private static final String COUNT = " is not a whole number 0–2147483647";
    private static final String DELAY = " is not a duration of whole hours, minutes and seconds";
    private static final String DEPLOYMENT = "deployment/order-v1";
    private static final String SERVICE = "service/order";

    /// An edit that is refused.
    ///
    /// @param wrong the message behind the annotation's path
    private record Bad(String object, String key, String value, String wrong) {}

    private static final List<Bad> BAD = List.of(
            weight("ten", "\"ten\"", ""),
            weight("true", "\"true\"", ""),
            weight("0x0A", "\"0x0A\"", ""),
            weight("", "\"\"", ": it is empty"),
            weight("101", "\"101\"", ": it is above 100"),
            weight("10.555", "\"10.555\"", ": it has more than two decimals"),
            weight(" 10 ", "\" 10 \"", ": it has spaces"),
            weight("１０", "\"\\uff11\\uff10\"", ": it has digits that are not ASCII"),
            weight("10\u200b", "\"10\\u200b\"", ": it has characters that are not ASCII"),
            weight("+10", "\"+10\"", ": it has a sign"),
            weight("-1", "\"-1\"", ": it has a sign"),
            weight("010", "\"010\"", ": it has a leading zero"),
            weight("10%", "\"10%\"", ": leave out the percent sign"),
            weight("10,20", "\"10,20\"", ": it has a comma; decimals follow a point"),
            weight("9".repeat(10_000), "\"" + "9".repeat(64) + "...\"", ": it is above 100"),
            weight("\u001b[31mred\r\n", "\"^[[31mred^M^J\"", ": it has spaces"),
            new Bad(DEPLOYMENT, "wieght", "10", "unknown key, did you mean canary.io/weight? (remove or correct it)"),
            new Bad(DEPLOYMENT, "status", "x", "unknown key, did you mean canary.io/stable? (remove or correct it)"),
            new Bad(DEPLOYMENT, "stable", "v1", "canary.io/stable belongs on the root Service (move it there)"),
            new Bad(DEPLOYMENT, "abort", "x", "canary.io/abort belongs on the root Service (move it there)"),
            new Bad(DEPLOYMENT, "replicas", "3", "canary.io/replicas belongs on the root Service (move it there)"),
            new Bad(SERVICE, "weight", "10", "canary.io/weight belongs on the Deployment (move it there)"),
            new Bad(SERVICE, "version", "v1", "canary.io/version belongs on the Deployment (move it there)"),
            new Bad("httproute/shop", "weight", "10", "canary.io/weight belongs on the Deployment (move it there)"),
            new Bad(
                    DEPLOYMENT,
                    "version",
                    "v".repeat(64),
                    quoted("v".repeat(64)) + NAME + ": it has 64 characters (write e.g. \"v2\")"),
            new Bad(
                    DEPLOYMENT,
                    "version",
                    "v1/β",
                    "\"v1/\\u03b2\"" + NAME + ": it has characters that are not ASCII (write e.g. \"v2\")"),
            new Bad(DEPLOYMENT, "version", "1.0", "\"1.0\"" + NAME + " (write e.g. \"v2\")"),
            new Bad(
                    DEPLOYMENT,
                    "version",
                    "v2",
                    "\"v2\" disagrees with the pods' label version=v1 (remove the" + " annotation; the label holds)"),
            new Bad(DEPLOYMENT, "service", "other/order", "\"other/order\"" + PATH),
            new Bad(DEPLOYMENT, "service", "../x", "\"../x\"" + PATH),
            new Bad(DEPLOYMENT, "service", "order.other", "\"order.other\"" + PATH),
            new Bad(DEPLOYMENT, "service", "Order", "\"Order\"" + LOCAL + " (write e.g. \"order\")"),
            new Bad(SERVICE, "stable", "v1/x", "\"v1/x\"" + NAME + " (write e.g. \"v2\")"),
            new Bad(SERVICE, "stable", "", "\"\"" + NAME + ": it is empty (write e.g. \"v2\")"),
            new Bad(SERVICE, "replicas", "ten", "\"ten\"" + COUNT + " (write e.g. \"10\")"),
            new Bad(SERVICE, "replicas", "-5", "\"-5\"" + COUNT + ": it has a sign (write e.g. \"10\")"),
            new Bad(SERVICE, "replicas", "10 ", "\"10 \"" + COUNT + ": it has spaces (write e.g. \"10\")"),
            new Bad(
                    SERVICE,
                    "replicas",
                    "2147483648",
                    "\"2147483648\"" + COUNT + ": it is too large (write e.g. \"10\")"),
            new Bad(SERVICE, "scale-down-delay", "30", "\"30\"" + DELAY + ": it has no unit (write e.g. \"30s\")"),
            new Bad(SERVICE, "scale-down-delay", "30 s", "\"30 s\"" + DELAY + ": it has spaces (write e.g. \"30s\")"),
            new Bad(SERVICE, "scale-down-delay", "soon", "\"soon\"" + DELAY + " (write e.g. \"30s\")"),
            new Bad(
                    "service/outside",
                    "stable",
                    "v1",
                    "Service outside is ExternalName: Canary cannot split it (set it" + " on the root Service)"),
            new Bad(
                    "service/headless",
                    "stable",
                    "v1",
                    "Service headless is headless: Canary cannot split it (set it" + " on the root Service)"),
            new Bad(
                    "service/order-v9",
                    "stable",
                    "v1",
                    "Service order-v9 is not a root Service: it is made for one"
                            + " version (set it on the root Service)"),
            hosts("x.com:443", "has a port: the name of the host alone is written"),
            hosts("EXAMPLE.com", "has capitals: names of hosts are written in lower case"),
            hosts("*.example.com", "has a wildcard: each host is named by itself"),
            users("alice", "\"alice\" does not say of which kind it is, header: or cookie:"),
            users("cookie:canary=.*", "\".*\" looks like a pattern, and values are compared exactly"),
            new Bad(
                    DEPLOYMENT,
                    "lane",
                    "Blue",
                    "\"Blue\" is not a name of lower case letters, digits and \"-\", at most 63 characters: it has other"
                            + " characters, or a \"-\" at an end (write e.g. \"blue\")"),
            new Bad("httproute/shop", "managed", "yes", "\"yes\" is not \"true\" or \"false\" (write e.g. \"true\")"));

    private static final String FIXTURES = """
            apiVersion: v1
            kind: Service
            metadata: {name: outside}
            spec: {type: ExternalName, externalName: example.com}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: headless}
            spec: {clusterIP: None, selector: {app: headless}, ports: [{port: 80}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: order-v9}
            spec: {selector: {app: order, version: v9}, ports: [{port: 8080}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: shop}
            spec: {rules: [{backendRefs: [{name: order, port: 8080}]}]}
            """;

    @TestFactory
    Stream<DynamicTest> aWrongEditIsRefusedWithWhatIsWrong(Story story) {
        story.apply(
                Workload.rootService("order", Map.of()),
                Workload.of("order", "v1", 0).yaml(),
                FIXTURES);
        Requester alice = Requester.in(story).as("alice");
        return BAD.stream()
                .map(bad -> dynamicTest("%s on %s: %s".formatted(bad.key, bad.object, quoted(bad.value)), () -> {
                    Answer answer = alice.annotate(bad.object, "canary.io/" + bad.key + "=" + bad.value);
                    assertThat(answer.said())
                            .isEqualTo("metadata.annotations[canary.io/" + bad.key + "]: " + bad.wrong);
                    assertThat(answer.code()).isEqualTo(422);
                }));
    }

    @Test
    void allThatIsWrongInANewObjectIsSaidAtOnce(Story story) {
        Workload wrong = Workload.of("order", "v2", 1)
                .weight("ten")
                .with("canary.io/hosts", "X")
                .with("canary.io/wieght", "1");

        String said = story.refused(story.tryApply(wrong.yaml()));

        assertThat(said)
                .contains(
                        "metadata.annotations[canary.io/hosts]: \"X\" is not a list of hosts: \"X\" has capitals: names"
                                + " of hosts are written in lower case (write e.g. \"canary.shop.example, beta.shop.example\"); "
                                + "metadata.annotations[canary.io/weight]: \"ten\"" + WEIGHT + " (write e.g. \"10\"); "
                                + "metadata.annotations[canary.io/wieght]: unknown key, did you mean canary.io/weight? (remove"
                                + " or correct it)");
        assertThat(story.cluster().kubectl("get", "deployments", "-o", "name").stdout())
                .isEmpty();
    }

    @Test
    void kubectlShowsTheSameAnswerForEachOfItsVerbs(Story story) {
        story.apply(
                Workload.rootService("order", Map.of()),
                Workload.of("order", "v1", 0).yaml());
        String message = "metadata.annotations[canary.io/weight]: \"ten\"" + WEIGHT + " (write e.g. \"10\")";
        String patch = "{\"metadata\":{\"annotations\":{\"canary.io/weight\":\"ten\"}}}";

        assertThat(story.refused(story.cluster().kubectl("annotate", DEPLOYMENT, "canary.io/weight=ten")))
                .contains(message);
        assertThat(story.refused(story.cluster().kubectl("patch", DEPLOYMENT, "-p", patch)))
                .contains(message);
        assertThat(story.refused(story.tryApply(
                        Workload.of("order", "v1", 0).weight("ten").yaml())))
                .contains(message);
    }

    @Test
    void aKeyIsNoLabel(Story story) {
        story.apply(Workload.of("order", "v1", 0).yaml());

        Answer answer = Requester.in(story).label(DEPLOYMENT, "canary.io/weight=10");

        assertThat(answer.code()).isEqualTo(422);
        assertThat(answer.said())
                .isEqualTo("metadata.labels[canary.io/weight]: canary.io/weight is an annotation, not a label"
                        + " (move it to annotations)");
    }

    /// Abort and pause do not reach the validating hook.
    @Test
    void noKeyHoldsANul(Story story) {
        story.apply(
                Workload.rootService("order", Map.of()),
                Workload.of("order", "v1", 0).yaml());
        Map.of(DEPLOYMENT, "weight", SERVICE, "abort").forEach((object, key) -> {
            Answer answer = Requester.in(story).annotate(object, "canary.io/" + key + "=1\u0000");
            assertThat(answer.code()).isEqualTo(422);
            assertThat(answer.said())
                    .isEqualTo("metadata.annotations[canary.io/" + key
                            + "]: \"1^@\" holds a NUL or half a character (write plain text in UTF-8)");
        });
    }

    @Test
    void percentagesWithTwoDecimalsAreTaken(Story story) {
        story.apply(
                Workload.rootService("order", Map.of()),
                Workload.of("order", "v1", 0).yaml(),
                Workload.of("order", "v2", 0).yaml());
        for (String weight : List.of("10.5", "0.5", "12.25", "0", "50.0")) {
            Answer answer = Requester.in(story).annotate("deployment/order-v2", "canary.io/weight=" + weight);
            assertThat(answer.allowed()).as(weight).isTrue();
            assertThat(answer.warnings()).as(weight).isEmpty();
        }
    }

    // ---- names

    @Test
    void aLabelThatContradictsTheAnnotationIsRefusedAndElseKept(Story story) {
        story.apply(Workload.rootService("order", Map.of()));
        Workload v3 = Workload.of("order", "v3", 1);
        Answer refused =
                Requester.in(story).create(v3.with("canary.io/version", "v2").yaml());
        assertThat(refused.code()).isEqualTo(422);
        assertThat(refused.said())
                .isEqualTo("metadata.annotations[canary.io/version]: \"v2\" disagrees with the pods' label"
                        + " version=v3 (remove the annotation; the label holds)");

        story.apply(v3.weight("0").yaml().replace("name: order-v3", "name: order-two"));
        assertThat(story.deployment("order-two")
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels())
                .containsEntry("version", "v3");
    }

    @Test
    void aGeneratedNameIsRefused(Story story) {
        Answer answer = Requester.in(story)
                .create(Workload.of("order", "v2", 1)
                        .unlabelled()
                        .weight("10")
                        .yaml()
                        .replace("name: order-v2", "generateName: order-"));

        assertThat(answer.code()).isEqualTo(422);
        assertThat(answer.said())
                .endsWith("metadata.name: needs metadata.name: generateName gives a new one at each"
                        + " apply (write e.g. \"order-v2\")");
    }

    @Test
    void aVersionThatIsTooLongForItsServiceIsRefusedWithTheLongestAllowed(Story story) {
        story.apply(Workload.rootService("order", Map.of()));
        String sixty = "v" + "9".repeat(59);
        Answer labelled = Requester.in(story)
                .create(Workload.of("order", sixty, 1).weight("10").yaml());
        assertThat(labelled.code()).isEqualTo(422);
        assertThat(labelled.said())
                .isEqualTo("spec.template.metadata.labels[version]: " + quoted(sixty)
                        + " is too long: Service order-" + sixty.substring(0, 58) + "... would have more than 63"
                        + " characters (at most 57 characters for a version of order)");

        Answer named = Requester.in(story)
                .create(Workload.of("order", sixty, 1).unlabelled().weight("10").yaml());
        assertThat(named.said()).startsWith("metadata.name: ");
    }

    @Test
    void anAppThatEndsLikeAVersionHasVersionsOfItsOwn(Story story) {
        story.apply(Workload.rootService("order-v2", Map.of()));
        story.apply(Workload.of("order-v2", "v2", 0).unlabelled().weight("0").yaml());

        assertThat(story.deployment("order-v2-v2").getMetadata().getLabels()).containsEntry("version", "v2");
    }

    @Test
    void theVersionOfWhatTakesPartCannotBeRenamed(Story story) {
        Requester alice = inAdoption(story);

        Answer renamed = alice.patch("deployment/order-v1", template(Map.of("labels", Map.of("version", "v9"))));

        assertThat(renamed.code()).isEqualTo(422);
        assertThat(renamed.said())
                .isEqualTo("spec.template.metadata.labels[version]: \"v9\" renames version \"v1\", which"
                        + " takes part in a release (leave it, and make another Deployment for another version)");
    }

    @Test
    void aRunningVersionWithoutLabelWaitsUntilItIsAskedFor(Story story) {
        Workload bare = Workload.of("order", "v1", 0).unlabelled();
        story.apply(Workload.rootService("order", Map.of()), bare.yaml());
        Requester alice = Requester.in(story).as("alice");

        Answer waits = alice.annotate("deployment/order-v1", "canary.io/weight=0");
        assertThat(waits.warnings())
                .contains("routes wait: the pods of order-v1 have no version label; kubectl canary adopt order");
        assertThat(story.deployment("order-v1")
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels())
                .containsExactlyEntriesOf(Map.of("app", "order"));

        Answer adopted = alice.annotate("deployment/order-v1", "canary.io/version=v1");
        assertThat(adopted.warnings()).contains("pods get the label version=v1: this rolls the pods once");
        var spec = story.deployment("order-v1").getSpec();
        assertThat(spec.getTemplate().getMetadata().getLabels()).containsEntry("version", "v1");
        assertThat(spec.getSelector().getMatchLabels())
                .as("a selector is never patched")
                .containsExactlyEntriesOf(Map.of("app", "order"));
    }

    @Test
    void aVersionKeyThatTheSelectorContradictsIsLeftToTheApiServer(Story story) {
        Requester alice = inAdoption(story);

        Answer answer = alice.patch(
                "deployment/order-v1",
                Map.of("spec", Map.of("selector", Map.of("matchLabels", Map.of("version", "v1")))));

        assertThat(answer.code()).isEqualTo(422);
        assertThat(answer.said()).contains("field is immutable").doesNotContain("webhook");
    }

    // ---- the API server's own answers, and what is not ours

    @Test
    void whatTheApiServerRefusesItselfIsLeftToIt(Story story) {
        story.apply(
                Workload.rootService("order", Map.of()),
                Workload.of("order", "v1", 0).yaml());
        Requester alice = Requester.in(story).as("alice");
        String yaml = Workload.of("order", "v2", 1).weight("10").yaml();
        List<Answer> answers = List.of(
                alice.create(yaml.replace("\"canary.io/weight\": \"10\"", "canary.io/weight: 10")),
                alice.annotate(SERVICE, "canary.io/paused=" + "x".repeat(256 * 1024)),
                alice.create(yaml.replace("version: v2", "version: 'v 2'")),
                alice.create(yaml.replaceFirst("version: v2", "version: v3")));

        assertThat(answers).allMatch(a -> !a.allowed()).noneMatch(a -> a.said().contains("webhook"));
        assertThat(answers).extracting(Answer::code).containsExactly(400, 422, 422, 422);
    }

    @Test
    void aStatefulSetIsNotJudged(Story story) {
        Answer answer = Requester.in(story).create("""
                apiVersion: apps/v1
                kind: StatefulSet
                metadata: {name: order, annotations: {canary.io/weight: ten}}
                spec:
                  replicas: 0
                  selector: {matchLabels: {app: order}}
                  template: {metadata: {labels: {app: order}}, spec: {containers: [{name: order, image: order}]}}
                """);

        assertThat(answer.allowed()).isTrue();
        assertThat(answer.warnings()).isEmpty();
    }

    /// `order-v1` whose pods got their label by `canary.io/version`, so that its selector does not know it.
    private static Requester inAdoption(Story story) {
        story.apply(
                Workload.rootService("order", Map.of()),
                Workload.of("order", "v1", 0).unlabelled().yaml());
        Requester alice = Requester.in(story).as("alice");
        assertThat(alice.annotate("deployment/order-v1", "canary.io/version=v1").allowed())
                .isTrue();
        return alice;
    }

    static Map<String, ?> template(Map<String, ?> metadata) {
        return Map.of("spec", Map.of("template", Map.of("metadata", metadata)));
    }

    private static Bad weight(String value, String shown, String why) {
        return new Bad(DEPLOYMENT, "weight", value, shown + WEIGHT + why + " (write e.g. \"10\")");
    }

    private static Bad hosts(String value, String why) {
        return new Bad(
                DEPLOYMENT,
                "hosts",
                value,
                quoted(value) + " is not a list of hosts: " + quoted(value) + " " + why
                        + " (write e.g. \"canary.shop.example, beta.shop.example\")");
    }

    private static Bad users(String value, String why) {
        return new Bad(
                DEPLOYMENT,
                "users",
                value,
                quoted(value) + " is not a list of header:NAME=VALUE and cookie:NAME=VALUE: " + why
                        + " (write e.g. \"header:x-user-id=alice, cookie:canary=always\")");
    }

    private static String quoted(String text) {
        return '"' + (text.length() > 64 ? text.substring(0, 64) + "..." : text) + '"';
    }
}
