// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /// The controllers cut what stands before the last five characters at 58: here a name of `length` with `rest`.
    @ParameterizedTest
    @CsvSource({
        "46, -v2-7f9c8d6b5-, false, true", // within the hash
        "53, -v2-7f9c8d6b5-, false, true", // behind the first character of the hash
        "54, -v2-7f9c8d6b5-, true, true", // behind the name: v2 might be a hash
        "56, -v2-7f9c8d6b5-, true, true", // within the name
        "47, -7f9c8d6b5-, true, false", // nowhere
        "50, -7f9c8d6b5-, true, false", // within the hash
    })
    void longNamesDoNotTakeThePodsOfLongerOnes(int length, String rest, boolean ofV1, boolean ofV2) {
        String name = "o".repeat(length);
        String pod = (name + rest).substring(0, 58) + "abcde";
        assertThat(NamespaceView.ownsPod(TestDeployments.order("v1").named(name).facts(), pod))
                .isEqualTo(ofV1);
        assertThat(NamespaceView.ownsPod(
                        TestDeployments.order("v2").named(name + "-v2").facts(), pod))
                .isEqualTo(ofV2);
    }

    /// Else the order of a map would decide, which changes with its size.
    @Test
    void theOrderOfVersionsDoesNotDependOnTheOrderOfReading() {
        Version blue = TestDeployments.order("v1").named("order-blue").version(1);
        Version green = TestDeployments.order("v1").named("order-green").version(1);
        assertThat(Version.NEWEST_FIRST.compare(blue, green)).isPositive();
        assertThat(Version.NEWEST_FIRST.compare(green, blue)).isNegative();
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
