// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.TestApps;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestServices;
import io.canary.domain.app.Version;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class VersionServicesTest {
    private static final Version V1 =
            TestDeployments.order("v1").with("app", "order").version(1);

    /// The API server refuses another first family, and routes would wait for that write.
    @Test
    void oneThatStandsKeepsItsFamiliesThoughTheRootWasMadeAnew() {
        ServiceFacts root = TestServices.order()
                .ports(List.of(new ServiceFacts.Port("http", 8080, "8080", "TCP", null)))
                .families("IPv6", "IPv4")
                .facts();
        TestServices present = TestServices.ofVersion("v1");

        Step.EnsureService mended = ensured(root, present.facts());
        assertThat(mended.ports()).isEqualTo(root.ports());
        assertThat(mended.ipFamilies()).containsExactly("IPv4");
        assertThat(mended.ipFamilyPolicy()).isEqualTo("SingleStack");

        Step.EnsureService made = ensured(root);
        assertThat(made.ipFamilies()).containsExactly("IPv6", "IPv4");
        assertThat(made.ipFamilyPolicy()).isEqualTo("PreferDualStack");

        Step.EnsureService restored = ensured(root, present.families().facts()); // it was an ExternalName, without any
        assertThat(restored.ipFamilies()).containsExactly("IPv6", "IPv4");
    }

    private static Step.EnsureService ensured(ServiceFacts root, ServiceFacts... present) {
        App app = TestApps.of(root, V1).services(present).app();
        return Objects.requireNonNull(VersionServices.ensure(app, root, V1));
    }
}
