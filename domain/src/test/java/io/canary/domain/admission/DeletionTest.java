// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import static io.canary.domain.admission.Requests.by;
import static io.canary.domain.admission.Requests.delete;
import static io.canary.domain.admission.Requests.shop;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Release;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestReleases;
import io.canary.domain.app.TestServices;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeletionTest {
    private static final TestDeployments V1 = TestDeployments.order("v1").with("app", "order");
    private static final TestDeployments V2 =
            TestDeployments.order("v2").with("app", "order").with("weight", "10");

    @ParameterizedTest(name = "{0} % of 10 on v2, v1 has {1} ready: {2}")
    @CsvSource({
        "10, 9, true",
        "90, 1, false",
        "50, 5, false",
        "50, 8, true",
        "20, 7, false",
        "0, 0, true",
    })
    void aVersionGoesWhenStableCanCarryItsShare(int percent, int stableReady, boolean allowed) {
        NamespaceView view = view(percent, stableReady, Math.max(1, percent / 10));
        assertThat(Admission.validate(delete(V2), view) instanceof Decision.Allow)
                .isEqualTo(allowed);
    }

    @Test
    void theRefusalSaysTheWayOut() {
        Decision decision = Admission.validate(delete(V2), view(90, 1, 9));
        assertThat(decision).isInstanceOfSatisfying(Decision.Deny.class, deny -> {
            assertThat(deny.code()).isEqualTo(409);
            assertThat(deny.message())
                    .isEqualTo("Deployment order-v2: carries 90 % of the traffic of order, and the versions that would"
                            + " take it have 1 of 10 pods ready (take its traffic away first: kubectl annotate"
                            + " --overwrite deployment order-v2 canary.io/weight=0; delete it when its share is 0; to"
                            + " delete the whole app, delete Service order first)");
        });
    }

    @Test
    void theStableGoesOnlyWhenTheOthersCanCarryAll() {
        assertThat(Admission.validate(delete(V1), view(10, 9, 1)))
                .isInstanceOfSatisfying(
                        Decision.Deny.class,
                        deny -> assertThat(deny.message())
                                .contains("promote another first: kubectl annotate --overwrite service order"
                                        + " canary.io/stable=v2"));
        assertThat(Admission.validate(delete(V1), view(90, 1, 9))).isInstanceOf(Decision.Allow.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "system:serviceaccount:kube-system:generic-garbage-collector",
                "system:serviceaccount:kube-system:namespace-controller"
            })
    void sweepersAreNotHeldUp(String user) {
        Change.Requester sweeper = new Change.Requester(user, "", List.of(), false);
        assertThat(Admission.validate(by(sweeper, delete(V2)), view(90, 1, 9))).isInstanceOf(Decision.Allow.class);
    }

    @Test
    void theLastVersionGoes() {
        assertThat(Admission.validate(delete(V1), shop(V1))).isInstanceOf(Decision.Allow.class);
    }

    @Test
    void anyVersionGoesWhenTheRootIsGone() {
        NamespaceView view = shop(null, TestReleases.stable("v1"), Map.of(), V1, V2);
        assertThat(Admission.validate(delete(V2), view)).isInstanceOf(Decision.Allow.class);
    }

    @Test
    void aVersionThatServesNobodyGoes() {
        assertThat(Admission.validate(delete(V2), view(90, 1, 0))).isInstanceOf(Decision.Allow.class);
    }

    @Test
    void aPlainDeploymentGoes() {
        TestDeployments plain = TestDeployments.order("v2");
        assertThat(Admission.validate(delete(plain), shop(V1, plain))).isInstanceOf(Decision.Allow.class);
    }

    @Test
    void aDeletionIsNeverPatched() {
        assertThat(Admission.mutate(delete(V2), view(90, 1, 9))).isEqualTo(new Decision.Allow(List.of()));
    }

    /// v2 has `percent` of the traffic and `ready` pods, v1 the rest.
    private static NamespaceView view(int percent, int stableReady, int ready) {
        Release release = TestReleases.of(
                "v1",
                10,
                TestReleases.version("v1", 10_000 - percent * 100, stableReady),
                TestReleases.version("v2", percent * 100, ready));
        return shop(
                TestServices.order().with("stable", "v1"),
                release,
                Map.of("order-v1", stableReady, "order-v2", ready),
                V1,
                V2);
    }
}
