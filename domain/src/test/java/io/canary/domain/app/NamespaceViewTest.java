// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NamespaceViewTest {
    private static final TestDeployments V1 = TestDeployments.order("v1").with("app", "order");
    private static final TestDeployments V2 = TestDeployments.order("v2").with("weight", "10");

    @Test
    void aDeploymentThatIsBeingDeletedIsNoVersionAndItsPodsAreNobodyElses() {
        App app = app(V1, V2.deleting());
        assertThat(app.versions()).extracting(Version::name).containsExactly("v1");
        assertThat(app.foreignReady()).isZero();
    }

    @Test
    void readyEndpointsOfNoDeploymentAreForeign() {
        assertThat(app(V1).foreignReady()).isEqualTo(1);
    }

    private static App app(TestDeployments... deployments) {
        Set<String> pods = Set.of("order-v1-7f9c-00000", "order-v2-7f9c-00000");
        return new NamespaceView(
                        "shop",
                        List.of(deployments).stream()
                                .map(TestDeployments::facts)
                                .toList(),
                        List.of(TestServices.order().facts()),
                        List.of(),
                        Map.of("order", pods),
                        Map.of(),
                        Map.of(),
                        Map.of(RouteKind.HTTP, ""),
                        List.of(),
                        Map.of())
                .app("order");
    }
}
