// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventsTest {
    /// The API server counts bytes.
    @ParameterizedTest
    @ValueSource(strings = {"a", "\u00e4", "\u6a4b", "\ud83d\udc26"})
    void aNoteIsCutBetweenCharacters(String character) {
        String note = Events.cut("x" + character.repeat(2_000));
        assertThat(note.getBytes(UTF_8)).hasSizeBetween(1_021, 1_024);
        assertThat(note).isEqualTo("x" + character.repeat((note.length() - 1) / character.length()));
        assertThat(Events.cut("x" + character)).isEqualTo("x" + character);
    }
}
