// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    @Test
    void whatTranslatorsWriteDifferentlyDoesNotCount() {
        Object one = Map.of(
                "a", 1, "b", List.of("x"), "c", Map.of(), "d", List.of(), "e", Collections.singletonMap("f", null));
        Object other = Map.of("b", List.of("x"), "a", "1");
        assertThat(Fingerprint.of(one)).isEqualTo(Fingerprint.of(other)).hasSize(16);
    }

    @Test
    void everythingElseCounts() {
        assertThat(List.of(
                        Fingerprint.of(null),
                        Fingerprint.of(Map.of("a", "b")),
                        Fingerprint.of(Map.of("ab", "")),
                        Fingerprint.of(Map.of("a", List.of("b"))),
                        Fingerprint.of(Map.of("a", List.of("b", "c"))),
                        Fingerprint.of(Map.of("a", List.of("c", "b"))),
                        Fingerprint.of(Map.of("a", List.of("bc"))),
                        Fingerprint.of(Map.of("a", false))))
                .doesNotHaveDuplicates();
    }
}
