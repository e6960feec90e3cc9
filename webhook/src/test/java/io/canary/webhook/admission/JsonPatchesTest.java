// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.admission.FieldEdit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonPatchesTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<FieldEdit> EDITS = List.of(
            new FieldEdit.SetLabel("version", "v2"),
            new FieldEdit.RemoveLabel("canary.io/app"),
            new FieldEdit.SetTemplateLabel("version", "v2"),
            new FieldEdit.SetSelectorLabel("version", "v2"),
            new FieldEdit.SetReplicas(0),
            new FieldEdit.SetAnnotation("canary.io/by", "alice"),
            new FieldEdit.RemoveAnnotation("canary.io/total"));

    @Test
    void valuesAreTestedBeforeTheyAreReplacedOrRemoved() {
        JsonNode object = JSON.readTree(
                "{'metadata':{'annotations':{'canary.io/by':'bob','canary.io/total':'3'}},'spec':{'replicas':10}}"
                        .replace('\'', '"'));
        assertThat(JsonPatches.of(List.of(EDITS.get(4), EDITS.get(5), EDITS.get(6)), object)
                        .toString())
                .isEqualTo(("[{'op':'test','path':'/spec/replicas','value':10},"
                                + "{'op':'replace','path':'/spec/replicas','value':0},"
                                + "{'op':'test','path':'/metadata/annotations/canary.io~1by','value':'bob'},"
                                + "{'op':'replace','path':'/metadata/annotations/canary.io~1by','value':'alice'},"
                                + "{'op':'test','path':'/metadata/annotations/canary.io~1total','value':'3'},"
                                + "{'op':'remove','path':'/metadata/annotations/canary.io~1total'}]")
                        .replace('\'', '"'));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'metadata':{},'spec':{}}",
                "{'metadata':{'labels':null,'annotations':null},'spec':{'template':{}}}",
                "{'metadata':{'labels':{'canary.io/app':'x'},'annotations':{'canary.io/by':'eve','a~/b':'c'}},"
                        + "'spec':{'replicas':3,'selector':{'matchLabels':{}},'template':{'metadata':{'labels':{'version':'v1'}}}}}",
            })
    void whatIsPatchedIsAsWantedAndItsPatchIsEmpty(String text) {
        JsonNode object = JSON.readTree(text.replace('\'', '"'));
        JsonNode patched = PatchedObject.of(object, JsonPatches.of(EDITS, object));
        assertThat(patched.at("/metadata/labels/version").asString("")).isEqualTo("v2");
        assertThat(patched.at("/metadata/labels").has("canary.io/app")).isFalse();
        assertThat(patched.at("/spec/template/metadata/labels/version").asString(""))
                .isEqualTo("v2");
        assertThat(patched.at("/spec/selector/matchLabels/version").asString(""))
                .isEqualTo("v2");
        assertThat(patched.at("/spec/replicas").asInt(-1)).isZero();
        assertThat(patched.at("/metadata/annotations/canary.io~1by").asString(""))
                .isEqualTo("alice");
        assertThat(JsonPatches.of(EDITS, patched)).isEmpty();
    }
}
