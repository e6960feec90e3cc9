// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.route.Reading;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecognitionTest {
    private static final Map<String, String> VERSIONS =
            Map.of("v1", "order-v1", "v1-fix", "order-v1-fix", "v2", "order-canary");

    private static By by(String text) {
        return ((Reading.Value<By>) By.read(text)).value();
    }

    private static String version(By by, Reply reply) {
        return new Recognition(by, VERSIONS).version(reply).orElse("");
    }

    @ParameterizedTest
    @CsvSource({
        "v1, v1",
        "v2, v2",
        "order-v2, v2",
        "order/v2:8080, v2",
        "'served by v2.', v2",
        "'Version v1 (order)', v1",
        "v1-fix, v1-fix",
        "order-v1-fix, v1-fix",
        "order-v1-fix-6d4f9c7b8-x2k9p, v1-fix",
        "order-v1-6d4f9c7b8-x2k9p, v1",
        "order-canary, v2",
        "order-canary-6d4f9c7b8-x2k9p, v2",
        "' v1 ', v1",
        "v1.2.0, ''",
        "v12, ''",
        "xv1, ''",
        "v1_a, ''",
        "2.v1, ''",
        "'v1 then v2', ''",
        "order-canary-old, ''",
        "V1, ''",
        "'', ''"
    })
    void namesAVersion(String text, String version) {
        assertThat(new Recognition(new By.KnownHeaders(), VERSIONS).named(text).orElse(""))
                .isEqualTo(version);
    }

    @Test
    void knownHeadersAreTriedInTurn() {
        Reply reply = new Reply(200, Map.of("X-Version", "v2", "x-app-version", "build 7", "version", "v1"), "");
        assertThat(version(new By.KnownHeaders(), reply)).isEqualTo("v2");
        assertThat(version(new By.KnownHeaders(), new Reply(200, Map.of("server", "v1"), "")))
                .isEmpty();
    }

    @Test
    void aHeaderOrTheBodyMayBeNamed() {
        Reply reply = new Reply(200, Map.of("Server", "order-v2"), "{\"app\":\"v1\",\"version\":\"v1-fix\"}");
        assertThat(version(by("header:SERVER"), reply)).isEqualTo("v2");
        assertThat(version(by("header:x-version"), reply)).isEmpty();
        assertThat(version(by("body:\"version\":\"([^\"]*)\""), reply)).isEqualTo("v1-fix");
        assertThat(version(by("body:v[0-9]"), reply)).isEqualTo("v1");
        assertThat(version(by("body:(no)?v9"), reply)).isEmpty();
        assertThat(version(by("body:app(x)?"), reply)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x-version", "header:", "header:a b", "body:", "body:(", "cookie:a"})
    void whatIsNeither(String text) {
        assertThat(By.read(text)).isInstanceOf(Reading.Wrong.class);
    }
}
