// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeshStatusTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Map<String, Object> PARENT =
            Map.of("group", "", "kind", "Service", "name", "order", "port", 80);
    private static final Map<String, Set<Integer>> SERVICES =
            Map.of("shop/order", Set.of(80), "shop/order-v1", Set.of(80), "shop/order-v2", Set.of(8080));

    @Test
    void gatewayParentIsNoneOfTheMeshs() {
        assertThat(MeshStatus.concerns(Map.of("parentRefs", List.of(Map.of("name", "gateway")))))
                .isFalse();
        assertThat(MeshStatus.concerns(spec(PARENT, "order-v1", 100))).isTrue();
    }

    @Test
    void parentIsCopiedWithPortAndGeneration() {
        Map<String, Object> entry = next(spec(PARENT, "order-v1", 100), List.of(), MeshMode.PROMPT)
                .orElseThrow()
                .getFirst();
        assertThat(entry).containsEntry("parentRef", PARENT).containsEntry("controllerName", MeshStatus.CONTROLLER);
        assertThat(conditions(entry)).containsExactly("Accepted True Accepted 7", "ResolvedRefs True ResolvedRefs 7");
    }

    @ParameterizedTest
    @CsvSource({
        "order-v1, 1, True ResolvedRefs",
        "order-v2, 1, False BackendNotFound",
        "order-v3, 1, False BackendNotFound",
        "order-v3, 0, True ResolvedRefs"
    })
    void refsResolveByServiceAndPortUnlessTheyHaveNoWeight(String service, int weight, String expected) {
        Map<String, Object> entry = next(spec(PARENT, service, weight), List.of(), MeshMode.PROMPT)
                .orElseThrow()
                .getFirst();
        assertThat(conditions(entry)).containsExactly("Accepted True Accepted 7", "ResolvedRefs " + expected + " 7");
    }

    @Test
    void missingParentIsNoMatchingParent() {
        Map<String, Object> parent = Map.of("group", "", "kind", "Service", "name", "nobody");
        assertThat(conditions(next(spec(parent, "order-v1", 1), List.of(), MeshMode.PROMPT)
                        .orElseThrow()
                        .getFirst()))
                .contains("Accepted False NoMatchingParent 7");
    }

    @Test
    void unchangedStatusIsNotWritten() {
        Map<String, Object> spec = spec(PARENT, "order-v1", 100);
        List<Map<String, Object>> written =
                next(spec, List.of(), MeshMode.PROMPT).orElseThrow();
        assertThat(MeshStatus.next(
                        "shop", 7, spec, written, MeshStatusTest::ports, MeshMode.PROMPT, NOW.plusSeconds(60)))
                .isEmpty();
    }

    @Test
    void entriesOfOtherControllersStay() {
        Map<String, Object> other = Map.of("controllerName", "traefik.io/gateway", "parentRef", Map.of("name", "g"));
        assertThat(next(spec(PARENT, "order-v1", 100), List.of(other), MeshMode.PROMPT)
                        .orElseThrow())
                .hasSize(2)
                .contains(other);
    }

    @Test
    void modesTellOtherThanTheTruth() {
        Map<String, Object> spec = spec(PARENT, "order-v1", 100);
        List<Map<String, Object>> old = MeshStatus.next(
                        "shop", 3, spec, List.of(), MeshStatusTest::ports, MeshMode.PROMPT, NOW)
                .orElseThrow();
        assertThat(next(spec, old, MeshMode.OFF)).isEmpty();
        assertThat(next(spec, old, MeshMode.GONE)).contains(List.of());
        assertThat(next(spec, old, MeshMode.STALE)).isEmpty();
        assertThat(conditions(
                        next(spec, List.of(), MeshMode.STALE).orElseThrow().getFirst()))
                .contains("Accepted True Accepted 6");
        assertThat(conditions(
                        next(spec, old, MeshMode.NOT_ACCEPTED).orElseThrow().getFirst()))
                .contains("Accepted False NoMatchingParent 7");
        assertThat(conditions(next(spec, old, MeshMode.REFS_FALSE).orElseThrow().getFirst()))
                .contains("ResolvedRefs False BackendNotFound 7", "Accepted True Accepted 7");
    }

    private static Optional<List<Map<String, Object>>> next(
            Map<String, Object> spec, List<Map<String, Object>> old, MeshMode mode) {
        return MeshStatus.next("shop", 7, spec, old, MeshStatusTest::ports, mode, NOW);
    }

    private static @Nullable Set<Integer> ports(String namespace, String name) {
        return SERVICES.get(namespace + "/" + name);
    }

    private static Map<String, Object> spec(Map<String, Object> parent, String service, int weight) {
        Map<String, Object> ref = Map.of("name", service, "port", 80, "weight", weight);
        return Map.of("parentRefs", List.of(parent), "rules", List.of(Map.of("backendRefs", List.of(ref))));
    }

    private static List<String> conditions(Map<String, Object> entry) {
        return MeshStatus.maps(entry.get("conditions")).stream()
                .map(c -> "%s %s %s %s"
                        .formatted(c.get("type"), c.get("status"), c.get("reason"), c.get("observedGeneration")))
                .toList();
    }
}
