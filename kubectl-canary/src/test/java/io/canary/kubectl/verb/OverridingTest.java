// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.json.JsonObject;
import io.canary.kubectl.ExitCode;
import io.canary.kubectl.cluster.Json;
import io.canary.kubectl.cluster.Yaml;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `--override`, and what becomes of a write that is refused.
class OverridingTest {
    private static final String REASON = "CHG-123: checkout is down";

    @TempDir
    private Path folder;

    private ScriptedKubectl kubectl;

    @BeforeEach
    void newKubectl() {
        kubectl = new ScriptedKubectl(folder);
    }

    private static String namespace(String ofService, String ofV2) {
        return """
                {"kind": "List", "items": [
                  {"kind": "Deployment", "metadata": {"name": "order-v1", "namespace": "shop", "resourceVersion": "1"},
                   "spec": {"selector": {"matchLabels": {"app": "order", "version": "v1"}},
                            "template": {"metadata": {"labels": {"app": "order", "version": "v1"}},
                                         "spec": {"containers": [{"name": "order", "image": "order:1"}]}}}},
                  {"kind": "Deployment", "metadata": {"name": "order-v2", "namespace": "shop", "resourceVersion": "2",
                                                      "annotations": {%s}},
                   "spec": {"selector": {"matchLabels": {"app": "order", "version": "v2"}},
                            "template": {"metadata": {"labels": {"app": "order", "version": "v2"}},
                                         "spec": {"containers": [{"name": "order", "image": "order:2"}]}}}},
                  {"kind": "Service", "metadata": {"name": "order", "namespace": "shop", "resourceVersion": "3",
                                                   "annotations": {%s}},
                   "spec": {"selector": {"app": "order"}, "ports": [{"port": 80}]}},
                  {"kind": "Release", "metadata": {"name": "order", "namespace": "shop"},
                   "status": {"phase": "Canary", "stable": "v1", "line": [], "versions": []}}]}
                """.formatted(ofV2, ofService);
    }

    private ScriptedKubectl shop(String ofService, String ofV2) {
        return kubectl.answers("*get*deployments.apps*", namespace(ofService, ofV2))
                .answers("*patch*", "patched")
                .answers("*create*", "{\"kind\": \"Deployment\", \"metadata\": {\"name\": \"order-v3\"}}");
    }

    private List<String> writes() {
        return kubectl.calls().stream().filter(call -> !call.startsWith("get")).toList();
    }

    /// The annotations of the only write, which must be of `object`.
    private JsonObject annotations(String object) {
        assertThat(writes()).singleElement().asString().startsWith("patch " + object + " --type=merge --patch=");
        String call = writes().getFirst();
        String patch = call.substring(call.indexOf('{'), call.lastIndexOf('}') + 1);
        return JsonObject.of(Json.read(patch)).object("metadata").object("annotations");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "set weight order 60           | deployment order-v2 | canary.io/weight   | 60",
                "set hosts order c.example.com | deployment order-v2 | canary.io/hosts    | c.example.com",
                "set users order header:x=y    | deployment order-v2 | canary.io/users    | header:x=y",
                "promote order                 | service order       | canary.io/stable   | v2",
                "scale order 2                 | service order       | canary.io/replicas | 2",
                "resume order                  | service order       | canary.io/paused   | ",
                "retry order                   | service order       | canary.io/abort    | "
            })
    void theReasonGoesOnTheSameObjectInTheSameEdit(String words, String object, String key, String value) {
        String ofService = switch (words.split(" ", -1)[0]) {
            case "resume" -> "\"canary.io/paused\": \"lunch\"";
            case "retry" -> "\"canary.io/abort\": \"5xx\"";
            default -> "";
        };
        List<String> line = new ArrayList<>(List.of(words.split(" ", -1)));
        line.add("--override=" + REASON);
        Run run = shop(ofService, "\"canary.io/weight\": \"10\"").run(line.toArray(String[]::new));
        assertThat(run.err()).doesNotContain("error");
        assertThat(run.code()).isEqualTo(ExitCode.DONE);
        JsonObject written = annotations(object);
        assertThat(written.fields().keySet().stream().map(String::valueOf))
                .containsExactlyInAnyOrder(key, "canary.io/override");
        assertThat(written.textOrNull(key)).isEqualTo(value);
        assertThat(written.text("canary.io/override")).isEqualTo(REASON);
    }

    @Test
    void startWritesTheReasonIntoTheNewDeployment() {
        Run run = shop("", "")
                .run("start", "order", "--image=order:3", "--weight=60", "--as-version=v3", "--override", REASON);
        assertThat(run.code()).isEqualTo(ExitCode.DONE);
        JsonObject sent = JsonObject.of(Json.read(kubectl.sent()));
        assertThat(sent.object("metadata").object("annotations").fields().toString())
                .isEqualTo("{canary.io/weight=60, canary.io/override=" + REASON + "}");
    }

    @Test
    void startOfAFileToo() {
        String file = kubectl.file("v3.yaml", """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: order-v3, annotations: {canary.io/weight: "60", canary.io/override: "short"}}
                spec: {template: {spec: {containers: [{name: order, image: "order:3"}]}}}
                """);
        Run run = kubectl.runAlone(
                "start", "order", "-f", file, "--override=" + REASON, "--dry-run=client", "-o", "yaml");
        assertThat(run.err()).contains("\"short\" is not a reason of at least 10 characters");
        String other = kubectl.file("v4.yaml", """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: order-v4, annotations: {canary.io/weight: "60"}}
                spec: {template: {spec: {containers: [{name: order, image: "order:3"}]}}}
                """);
        Run written = kubectl.runAlone(
                "start", "order", "-f", other, "--override=" + REASON, "--dry-run=client", "-o", "yaml");
        assertThat(Yaml.read(written.out())
                        .getFirst()
                        .object("metadata")
                        .object("annotations")
                        .text("canary.io/override"))
                .isEqualTo(REASON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "too short", "         x         "})
    void whatIsNoReasonIsUsageBeforeAnythingIsRead(String reason) {
        Run run = shop("", "\"canary.io/weight\": \"10\"").run("set", "weight", "order", "60", "--override=" + reason);
        assertThat(run.err())
                .startsWith("error: --override: \"" + reason
                        + "\" is not a reason of at least 10 characters\nhint: say why");
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(kubectl.calls()).isEmpty();
    }

    @Test
    void theSameTextAgainIsNoNewOverride() {
        String weight = "\"canary.io/weight\": \"10\", \"canary.io/override\": \"" + REASON + "\"";
        Run run = shop("", weight).run("set", "weight", "order", "60", "--override=" + REASON);
        assertThat(run.err())
                .isEqualTo(
                        "error: canary.io/override of deployment/order-v2 is this text already, and an override counts"
                                + " once: write what is new since\n");
        assertThat(run.code()).isEqualTo(ExitCode.ERROR);
        assertThat(writes()).isEmpty();
    }

    @Test
    void withoutAChangeThereIsNoOverride() {
        Run run = shop("", "\"canary.io/weight\": \"10\"").run("set", "weight", "order", "10", "--override=" + REASON);
        assertThat(run.out())
                .isEqualTo(
                        "order unchanged: the weights are so already; canary.io/override is for a change, and was not"
                                + " written\n");
        assertThat(writes()).isEmpty();
    }

    /// It would ask for a right that an undo does not need.
    @Test
    void backToTheVersionBeforeNothingIsToOverride() {
        Run run = shop("", "").run("undo", "order", "--yes", "--override=" + REASON);
        assertThat(run.err()).isEqualTo("""
                error: back to the version before no policy stands in the way: nothing is to override
                hint: kubectl canary undo order, or with --to-version=VERSION
                """);
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(writes()).isEmpty();
    }

    @Test
    void detachRemovesWhatIsLeftOfIt() {
        Run run = shop("\"canary.io/override\": \"" + REASON + "\"", "").run("detach", "order");
        assertThat(run.code()).isEqualTo(ExitCode.DONE);
        assertThat(annotations("service order").fields().toString()).isEqualTo("{canary.io/override=null}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Error from server (Forbidden): admission webhook \"validate.canary.io\" denied the request: CanaryPolicy"
                        + " \"prod\" maxWeight: weight 60 > 50; allowed now 10..25. See: kubectl canary policy explain order"
                        + " -n shop",
                "Error from server (Conflict): admission webhook \"validate.canary.io\" denied the request: (NotFound) here",
                "Error from server: admission webhook \"mutate.canary.io\" denied the request: user \"bob\": may not do",
                "The deployments \"order-v2\" is invalid: : ValidatingAdmissionPolicy 'canary-policy' with binding"
                        + " 'canary-prod' denied request: CanaryPolicy \"prod\" maxWeight: weight 60 > 50",
                "deployments.apps \"order-v2\" is forbidden: ValidatingAdmissionPolicy 'canary-policy' with binding 'x'"
                        + " denied request: CanaryPolicy \"prod\" maxStep: step to weight 60 > 25",
                "Error from server (Forbidden): deployments.apps \"order-v2\" is forbidden: User \"bob\" cannot patch"
            })
    void aRefusalIsToldAsTheApiServerSaysIt(String said) {
        Run run = kubectl.answers("*get*deployments.apps*", namespace("", "\"canary.io/weight\": \"10\""))
                .fails("*patch*", said + "\n")
                .run("set", "weight", "order", "60");
        assertThat(run.err()).isEqualTo(said + "\n");
        assertThat(run.out()).isEmpty();
        assertThat(run.code()).isEqualTo(ExitCode.DENIED);
        assertThat(writes()).hasSize(1);
    }
}
