// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestServices;
import io.canary.domain.app.Version;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VersionServicesTest {
    private static final Version V1 =
            TestDeployments.order("v1").with("app", "order").version(1);

    /// The API server refuses another first family, and routes would wait for that write.
    @Test
    void oneThatStandsKeepsItsFamiliesThoughTheRootWasMadeAnew() {
        ServiceFacts root = facts(TestServices.order().facts(), 8080, "IPv6", "IPv4");
        ServiceFacts present = facts(TestServices.ofVersion("v1").facts(), 80, "IPv4");

        Step.EnsureService mended = ensured(root, present);
        assertThat(mended.ports()).isEqualTo(root.ports());
        assertThat(mended.ipFamilies()).containsExactly("IPv4");
        assertThat(mended.ipFamilyPolicy()).isEqualTo("SingleStack");

        Step.EnsureService made = ensured(root, null);
        assertThat(made.ipFamilies()).containsExactly("IPv6", "IPv4");
        assertThat(made.ipFamilyPolicy()).isEqualTo("PreferDualStack");

        Step.EnsureService restored = ensured(root, facts(present, 80)); // it was an ExternalName, without any
        assertThat(restored.ipFamilies()).containsExactly("IPv6", "IPv4");
    }

    private static Step.EnsureService ensured(ServiceFacts root, @Nullable ServiceFacts present) {
        return Objects.requireNonNull(VersionServices.ensure(app(root, present), root, V1));
    }

    private static ServiceFacts facts(ServiceFacts from, int port, String... families) {
        return new ServiceFacts(
                from.namespace(),
                from.name(),
                from.uid(),
                from.labels(),
                from.annotations(),
                from.selector(),
                from.type(),
                from.headless(),
                from.sticky(),
                List.of(new ServiceFacts.Port("http", port, "8080", "TCP", null)),
                List.of(families),
                families.length == 1 ? "SingleStack" : "PreferDualStack",
                from.deleting(),
                from.tool());
    }

    private static App app(ServiceFacts root, @Nullable ServiceFacts present) {
        return new App(
                "shop",
                "order",
                root,
                List.of(V1),
                present == null ? Map.of() : Map.of("order-v1", present),
                List.of(),
                Set.of(),
                List.of(),
                List.of(),
                Map.of(RouteKind.HTTP, ""),
                List.of(),
                Map.of(),
                null,
                0);
    }
}
