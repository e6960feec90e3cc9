// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.canary.domain.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "True",
                "yes",
                "on",
                "OFF",
                "n",
                "y",
                "~",
                "null",
                "",
                "0644",
                "0o17",
                "0x1F",
                "1_000",
                "1e3",
                ".5",
                ".inf",
                "12:30:45",
                "2026-11-24",
                "<<",
                "=",
                "-1",
                "+1",
                "10",
                "10.0",
                "0b11"
            })
    void textsThatLookLikeSomethingElseAreQuoted(String text) {
        assertThat(Yaml.write(Map.of("key", text))).isEqualTo("key: \"" + text + "\"\n");
        assertThat(Yaml.read(Yaml.write(Map.of("key", text))).getFirst().text("key"))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"order", "order:2.4.0", "v2", "yesterday", "--port=80", "/healthz", "10m", "128Mi", "a b"})
    void plainTextsStayPlain(String text) {
        assertThat(Yaml.write(Map.of("key", text))).isEqualTo("key: " + text + "\n");
    }

    @Test
    void readsAsKubectlDoes() {
        JsonObject read = Yaml.read("""
                        mode: 0644
                        hex: 0x1F
                        binary: 0b11
                        true1: yes
                        false1: Off
                        nothing: ~
                        text: "yes"
                        large: 5_000_000_000
                        half: .5
                        negative: -3
                        """).getFirst();
        Map<String, Object> wanted = new LinkedHashMap<>(Map.of(
                "mode",
                420,
                "hex",
                31,
                "binary",
                3,
                "true1",
                true,
                "false1",
                false,
                "text",
                "yes",
                "large",
                5_000_000_000L,
                "half",
                0.5,
                "negative",
                -3));
        wanted.forEach(
                (key, value) -> assertThat(read.fields().get(key)).as(key).isEqualTo(value));
        assertThat(read.fields().containsKey("nothing")).isTrue();
        assertThat(read.fields().get("nothing")).isNull();
    }

    @Test
    void listsAndSeveralDocuments() {
        assertThat(Yaml.read("a: [1, two]\n---\nb: {}\n---\n"))
                .extracting(JsonObject::fields)
                .containsExactly(Map.of("a", List.of(1, "two")), Map.of("b", Map.of()));
    }

    @Test
    void whatIsNoYamlIsToldInOneLine() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Yaml.read("a: [1"))
                .withMessageStartingWith("not YAML: ");
        assertThatIllegalArgumentException().isThrownBy(() -> Yaml.read("a: 99999999999999999999"));
    }
}
