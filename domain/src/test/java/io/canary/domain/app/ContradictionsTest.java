// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ContradictionsTest {
    private static final TestDeployments V1 = TestDeployments.order("v1");
    private static final TestDeployments V2 = TestDeployments.order("v2");
    private static final TestDeployments V3 = TestDeployments.order("v3");

    @Test
    void oneVersionHasEverythingWhateverItAsks() {
        assertThat(problems(null, null, V1.with("weight", "10"))).isEmpty();
    }

    @Test
    void theOnlyVersionWithoutAWeightIsStable() {
        assertThat(problems(null, null, V1, V2.with("weight", "60"), V3.with("weight", "40")))
                .isEmpty();
    }

    @Test
    void aSumAboveAHundredIsToldWithTheHolders() {
        assertThat(problems(null, null, V1, V2.with("weight", "60"), V3.with("weight", "60.5")))
                .containsExactly("metadata.annotations[canary.io/weight]: sum is 120.5, at most 100: order-v2 60,"
                        + " order-v3 60.5 (lower one of them)");
    }

    @Test
    void whoEditsIsToldWhatIsLeft() {
        App app = app(null, null, V1, V2.with("weight", "60"), V3.with("weight", "60"));
        assertThat(Contradictions.sumSeenFrom(app, "order-v2"))
                .map(Problem::text)
                .hasValue("sum would be 120: order-v3 holds 60, 40 is left");
    }

    @Test
    void theWeightOfTheStableIsNotCounted() {
        assertThat(problems("v1", null, V1.with("weight", "90"), V2.with("weight", "60")))
                .isEmpty();
    }

    @Test
    void theWeightOfTheStableOfRecordIsNotCountedWhileAnotherIsPromoted() {
        assertThat(problems("v2", "v1", V1.with("weight", "90"), V2.with("weight", "60"), V3.with("weight", "20")))
                .isEmpty();
    }

    @Test
    void aSpentWeightIsNotCounted() {
        assertThat(problems("v1", null, V1, V2.with("weight", "60").with("spent", "60"), V3.with("weight", "60")))
                .isEmpty();
    }

    @Test
    void noStableIsToldWithTheChoicesAndTheCommand() {
        assertThat(problems(null, null, V1, V2, V3.with("weight", "10")))
                .containsExactly("metadata.annotations[canary.io/stable]: cannot tell which version of order is stable:"
                        + " v1, v2 and v3 (kubectl annotate --overwrite service order canary.io/stable=v1)");
    }

    @Test
    void aStableThatDoesNotExistIsToldWithThoseThatDo() {
        assertThat(problems("v9", "v1", V1, V2.with("weight", "10")))
                .containsExactly("metadata.annotations[canary.io/stable]: \"v9\" is no version of order, which has v1"
                        + " and v2 (kubectl annotate --overwrite service order canary.io/stable=v1)");
    }

    @Test
    void theReleaseTellsTheStable() {
        assertThat(problems(null, "v2", V1, V2, V3.with("weight", "10"))).isEmpty();
    }

    @Test
    void aStableOfRecordThatWasDeletedIsForgotten() {
        assertThat(problems(null, "v9", V1, V2.with("weight", "10"))).isEmpty();
    }

    @Test
    void theSumIsTooLargeWhicheverBecomesStable() {
        assertThat(problems(null, null, V1.with("weight", "60"), V2.with("weight", "60")))
                .hasSize(1);
        assertThat(problems(null, null, V1.with("weight", "60"), V2.with("weight", "60"), V3.with("weight", "60")))
                .hasSize(2);
    }

    @Test
    void twoDeploymentsOfOneVersionAreTold() {
        assertThat(problems("v1", null, V1, V2, V2.named("order-canary")))
                .containsExactly("metadata.annotations[canary.io/version]: Deployments order-canary and order-v2 are"
                        + " all version \"v2\" of order (give one of them another version label)");
    }

    @Test
    void anAppWithoutVersionsContradictsNothing() {
        assertThat(problems("v1", null)).isEmpty();
    }

    private static List<String> problems(
            @Nullable String stable, @Nullable String recorded, TestDeployments... deployments) {
        return Contradictions.of(app(stable, recorded, deployments)).stream()
                .map(Problem::message)
                .toList();
    }

    private static App app(@Nullable String stable, @Nullable String recorded, TestDeployments... deployments) {
        List<Version> versions = new ArrayList<>();
        for (TestDeployments d : deployments) {
            versions.add(d.version(10));
        }
        Map<String, String> keys = stable == null ? Map.of() : Map.of("canary.io/stable", stable);
        return TestApps.of(TestServices.order().annotated(keys).facts())
                .versions(versions.stream())
                .gatewayApi(Map.of())
                .release(recorded == null ? null : TestReleases.stable(recorded))
                .app();
    }
}
