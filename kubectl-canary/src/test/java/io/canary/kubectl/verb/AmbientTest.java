// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.kubectl.cluster.Snapshot;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AmbientTest {
    private static final Map<String, String> AMBIENT = Map.of("istio.io/dataplane-mode", "ambient");

    private static App order(String serviceLabels, String podLabels) {
        return Snapshot.of("""
                        {"kind": "List", "items": [
                          {"kind": "Service", "metadata": {"name": "order", "namespace": "shop", "labels": {%s}},
                           "spec": {"selector": {"app": "order"}, "ports": [{"name": "http", "port": 80}]}},
                          {"kind": "Deployment", "metadata": {"name": "order-v1", "namespace": "shop"},
                           "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "order"}},
                            "template": {"metadata": {"labels": {"app": "order"%s}}, "spec": {"containers": []}}}}]}
                        """.formatted(serviceLabels, podLabels), "").view().app("order");
    }

    @Test
    void withoutAWaypointRoutesDoNothing() {
        assertThat(Ambient.of(order("", ""), AMBIENT)).hasValueSatisfying(finding -> {
            assertThat(finding.code()).isEqualTo("CAN112");
            assertThat(finding.level()).isEqualTo(Finding.Level.ERROR);
        });
        assertThat(Ambient.of(order("\"istio.io/use-waypoint\": \"none\"", ""), AMBIENT))
                .hasValueSatisfying(finding -> assertThat(finding.level()).isEqualTo(Finding.Level.ERROR));
    }

    @Test
    void aWaypointOfTheServiceOrTheNamespaceWillDo() {
        assertThat(Ambient.of(order("\"istio.io/use-waypoint\": \"way\"", ""), AMBIENT))
                .hasValueSatisfying(finding -> assertThat(finding.level()).isEqualTo(Finding.Level.OK));
        assertThat(Ambient.of(
                        order("", ""), Map.of("istio.io/dataplane-mode", "ambient", "istio.io/use-waypoint", "way")))
                .hasValueSatisfying(finding -> assertThat(finding.level()).isEqualTo(Finding.Level.OK));
    }

    @Test
    void otherwiseThereIsNothingToSay() {
        assertThat(Ambient.of(order("", ""), Map.of())).isEmpty();
        assertThat(Ambient.of(order("", ", \"istio.io/dataplane-mode\": \"none\""), AMBIENT))
                .isEmpty();
    }
}
