// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MembershipTest {
    private static final DeploymentFacts V1 = TestDeployments.order("v1").facts();
    private static final DeploymentFacts MARKED =
            TestDeployments.order("v1").with("app", "order").facts();
    private static final ServiceFacts OTHER =
            TestServices.named("other", Map.of("app", "order")).facts();

    @Test
    void theOnlyServiceThatSelectsThePodsIsTheRoot() {
        assertThat(Membership.of(V1, List.of(OTHER))).isEqualTo(new Membership.Member("other"));
    }

    @Test
    void aVersionThatTakesPartWaitsForItsRootWhateverElseSelectsIt() {
        assertThat(Membership.of(MARKED, List.of(OTHER)))
                .isInstanceOfSatisfying(
                        Membership.Waits.class, waits -> assertThat(waits.app()).isEqualTo("order"));
    }

    @Test
    void aDeploymentOfAnotherControllerIsNoVersion() {
        DeploymentFacts owned = TestDeployments.order("v2")
                .with("weight", "10")
                .owned("Rollout/order")
                .facts();
        NamespaceView view = new NamespaceView(
                "shop",
                List.of(V1, owned),
                List.of(TestServices.order().facts()),
                List.of(),
                Map.of("order", Set.of("order-v1-7f9c-00001", "order-v2-7f9c-00001")),
                Map.of(),
                Map.of(),
                Map.of(RouteKind.HTTP, ""),
                List.of(),
                Map.of());
        App app = view.app("order");
        assertThat(app.versions()).extracting(Version::name).containsExactly("v1");
        assertThat(app.foreignReady()).isEqualTo(1);
    }

    @ParameterizedTest(name = "label version={0}: {1}")
    @CsvSource({"v1, true", "1.0.0, false", "V1, false"})
    void aLabelThatCannotEndAServicesNameTellsNoPodsApart(String label, boolean labelled) {
        DeploymentFacts facts =
                TestDeployments.of("order", "x").label("version", label).facts();
        assertThat(VersionName.of("order", facts)).isEqualTo(new VersionName(label, labelled));
    }
}
