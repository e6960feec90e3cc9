// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.edit;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.DeploymentFacts;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Problem;
import io.canary.domain.app.Release;
import io.canary.domain.app.RouteKind;
import io.canary.domain.app.ServiceFacts;
import io.canary.domain.app.TestServices;
import io.canary.domain.json.JsonObject;
import io.canary.domain.json.ReleaseJson;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EditsTest {
    private static DeploymentFacts version(String name, String... annotations) {
        Map<String, String> labels = Map.of("app", "order", "version", name);
        return new DeploymentFacts(
                "shop",
                "order-" + name,
                "uid-" + name,
                Instant.EPOCH,
                labels,
                map(annotations),
                labels,
                labels,
                10,
                "",
                List.of(),
                Duration.ofMinutes(10),
                false,
                false,
                null,
                null,
                null);
    }

    private static Map<String, String> map(String... pairs) {
        Map<String, String> map = new TreeMap<>();
        Arrays.stream(pairs).forEach(pair -> map.put("canary.io/" + pair.split("=", 2)[0], pair.split("=", 2)[1]));
        return map;
    }

    private static Edits order(List<String> onService, DeploymentFacts... versions) {
        return order(Map.of(), onService, versions);
    }

    private static Edits order(Map<String, Release> releases, List<String> onService, DeploymentFacts... versions) {
        ServiceFacts root = TestServices.order()
                .annotated(map(onService.toArray(String[]::new)))
                .facts();
        NamespaceView view = new NamespaceView(
                "shop",
                List.of(versions),
                List.of(root),
                List.of(),
                Map.of(),
                Map.of(),
                releases,
                Map.of(RouteKind.HTTP, ""),
                List.of(),
                Map.of());
        return new Edits(view, "order");
    }

    /// `order` with v1 and v2, where `record` is stable and `before` was it.
    private static Edits recorded(String record, String before, List<String> onService, DeploymentFacts... versions) {
        Release release = ReleaseJson.read(new JsonObject(Map.of(
                "phase", "Progressing", "stable", record, "line", before.isEmpty() ? List.of() : List.of(before))));
        return order(Map.of("order", release), onService, versions);
    }

    private static final DeploymentFacts V1 = version("v1");

    private static List<AnnotationEdit> written(Outcome outcome) {
        return ((Outcome.Write) outcome).edits();
    }

    private static AnnotationEdit onRoot(CanaryKey key, String value) {
        return AnnotationEdit.set(AnnotationEdit.Kind.SERVICE, "order", key, value);
    }

    @Test
    void promoteNamesTheOnlyVersionWithAWeight() {
        Outcome outcome =
                order(List.of("stable=v1"), V1, version("v2", "weight=50")).promote(null);
        assertThat(written(outcome)).containsExactly(onRoot(CanaryKey.STABLE, "v2"));
    }

    @Test
    void promoteAsksWhichOfSeveral() {
        Outcome outcome = order(List.of("stable=v1"), V1, version("v2", "weight=10"), version("v3", "weight=20"))
                .promote(null);
        assertThat(outcome)
                .isEqualTo(new Outcome.Refused(
                        "several versions of order have a weight: v2, v3", "promote order --version=v2"));
    }

    @Test
    void promoteWaitsForTheEndOfAnAbort() {
        Outcome outcome = order(List.of("stable=v1", "abort=5xx"), V1, version("v2", "weight=50"))
                .promote("v2");
        assertThat(outcome)
                .isEqualTo(new Outcome.Refused(
                        "order is aborted (5xx): a promotion waits until that ends", "retry order"));
    }

    @Test
    void unknownVersionIsRefusedWithThoseThatExist() {
        assertThat(order(List.of("stable=v1"), V1, version("v2", "weight=10")).promote("v9"))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.error()).isEqualTo("order has no version \"v9\"; it has v1, v2"));
    }

    @Test
    void sumAboveAHundredIsRefusedWithTheWeightThatFits() {
        Outcome outcome = order(List.of("stable=v1"), V1, version("v2", "weight=10"), version("v3", "weight=60"))
                .weights(Map.of("v2", "60"));
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Contradicts.class, contradicts -> {
            assertThat(contradicts.problems())
                    .extracting(Problem::text)
                    .containsExactly("sum would be 120: order-v3 holds 60, 40 is left");
            assertThat(contradicts.hint()).isEqualTo("set weight order v2=40");
        });
    }

    @Test
    void sameWeightIsNoChange() {
        assertThat(order(List.of("stable=v1"), V1, version("v2", "weight=10")).weights(Map.of("v2", "10")))
                .isEqualTo(new Outcome.Unchanged(
                        "the weights are so already",
                        List.of(AnnotationEdit.set(
                                AnnotationEdit.Kind.DEPLOYMENT, "order-v2", CanaryKey.WEIGHT, "10"))));
    }

    @Test
    void spentWeightIsWrittenAsAnotherTextOfTheSameValue() {
        Outcome outcome = order(List.of("stable=v1"), V1, version("v2", "weight=10", "spent=10"))
                .weights(Map.of("v2", "10"));
        assertThat(written(outcome))
                .containsExactly(
                        AnnotationEdit.set(AnnotationEdit.Kind.DEPLOYMENT, "order-v2", CanaryKey.WEIGHT, "10.0"));
    }

    @Test
    void stablesOwnWeightIsRefused() {
        assertThat(order(List.of("stable=v1"), V1, version("v2", "weight=10")).weights(Map.of("v1", "50")))
                .isEqualTo(new Outcome.Refused(
                        "v1 is stable: it takes what the others leave", "set weight order VERSION=PERCENT"));
    }

    @Test
    void weightThatIsNoneIsToldAsAdmissionDoes() {
        assertThat(order(List.of("stable=v1"), V1, version("v2")).weights(Map.of("v2", "ten")))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.error())
                                .startsWith("metadata.annotations[canary.io/weight]: \"ten\" is not a percentage"));
    }

    @Test
    void retryNamesTheWeightsThatComeBack() {
        Outcome outcome = order(List.of("stable=v1", "abort=x"), V1, version("v2", "weight=10"))
                .retry();
        assertThat(outcome)
                .isEqualTo(new Outcome.Write(
                        List.of(AnnotationEdit.remove(AnnotationEdit.Kind.SERVICE, "order", CanaryKey.ABORT)),
                        List.of("these weights come back: v2 10")));
    }

    @Test
    void undoWithoutAnEarlierStableSaysWhatToType() {
        assertThat(order(List.of("stable=v1"), V1, version("v2", "weight=10")).undo(null))
                .isEqualTo(new Outcome.Refused(
                        "no earlier stable version of order is known", "promote order --version=v2"));
    }

    @Test
    void detachRemovesEveryKeyOfUsersAndNoneOfOurs() {
        Outcome outcome = order(List.of("stable=v1", "paused=x"), V1, version("v2", "weight=10", "app=order"))
                .detach();
        assertThat(written(outcome))
                .containsExactly(
                        AnnotationEdit.remove(AnnotationEdit.Kind.DEPLOYMENT, "order-v2", CanaryKey.WEIGHT),
                        AnnotationEdit.remove(
                                AnnotationEdit.Kind.SERVICE, "order", CanaryKey.STABLE, CanaryKey.PAUSED));
    }

    // ---- while a promotion is under way: canary.io/stable says v2, the Release still v1

    private static Edits promoting(String... onService) {
        List<String> all = new java.util.ArrayList<>(List.of("stable=v2"));
        all.addAll(List.of(onService));
        return recorded("v1", "v0", all, V1, version("v2", "weight=50"), version("v3", "weight=10"));
    }

    @Test
    void undoOfAPromotionUnderWayGoesBackToTheOneOfRecord() {
        assertThat(written(promoting().undo(null))).containsExactly(onRoot(CanaryKey.STABLE, "v1"));
    }

    @Test
    void undoOfAnUndoUnderWayIsNoChange() {
        Edits undoing = recorded("v2", "v1", List.of("stable=v1"), V1, version("v2", "weight=50"));
        assertThat(undoing.undo(null))
                .isEqualTo(
                        new Outcome.Unchanged("the undo to v1 is under way", List.of(onRoot(CanaryKey.STABLE, "v1"))));
    }

    @Test
    void promotionUnderWayIsNoChange() {
        assertThat(promoting().promote("v2"))
                .isEqualTo(new Outcome.Unchanged(
                        "the promotion to v2 is under way", List.of(onRoot(CanaryKey.STABLE, "v2"))));
    }

    @Test
    void weightOfTheVersionThatTakesOverIsRefused() {
        assertThat(promoting().weights(Map.of("v2", "20"))).isInstanceOf(Outcome.Refused.class);
        assertThat(promoting().weights(Map.of("v1", "20")))
                .isEqualTo(new Outcome.Refused("v1 gives all to v2, which is being promoted", "undo order"));
        assertThat(promoting().besideStable()).as("v1 has no weight").contains("v3");
    }

    @Test
    void retrySaysThatThePromotionGoesOnAndWhatComesBack() {
        assertThat(promoting("abort=5xx").retry())
                .isInstanceOfSatisfying(
                        Outcome.Write.class,
                        write -> assertThat(write.notes())
                                .containsExactly("the promotion to v2 goes on", "these weights come back: v3 10"));
    }

    @Test
    void promoteOnceMoreIsNoChange() {
        Edits done = recorded("v2", "v1", List.of("stable=v2"), V1, version("v2", "weight=50"));
        assertThat(done.promote(null))
                .isEqualTo(new Outcome.Unchanged("v2 is stable already", List.of(onRoot(CanaryKey.STABLE, "v2"))));
        Edits another = recorded("v2", "v1", List.of("stable=v2"), V1, version("v2"), version("v3", "weight=0"));
        assertThat(another.promote(null)).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void stableMayBeNamedWithJustWhatIsLeft() {
        Edits order = order(List.of("stable=v1"), V1, version("v3", "weight=20"));
        Map<String, String> weights = new java.util.LinkedHashMap<>();
        weights.put("v1", "80");
        weights.put("v3", "10");
        assertThat(order.weights(weights))
                .isEqualTo(new Outcome.Refused(
                        "v1 is stable: it takes what the others leave, 90 and not 80", "set weight order v3=10"));
        weights.put("v1", "90");
        assertThat(written(order.weights(weights)))
                .containsExactly(
                        AnnotationEdit.set(AnnotationEdit.Kind.DEPLOYMENT, "order-v3", CanaryKey.WEIGHT, "10"));
    }

    @Test
    void whatGoesDownIsWrittenFirst() {
        Edits order = order(List.of("stable=v1"), V1, version("v2", "weight=10"), version("v3", "weight=80"));
        Map<String, String> weights = new java.util.LinkedHashMap<>();
        weights.put("v2", "60");
        weights.put("v3", "20");
        assertThat(written(order.weights(weights)))
                .extracting(AnnotationEdit::name)
                .containsExactly("order-v3", "order-v2");
    }

    @Test
    void abortThatHoldsKeepsItsReason() {
        Edits aborted = order(List.of("stable=v1", "abort=5xx"), V1, version("v2", "weight=10"));
        assertThat(aborted.abort("")).isEqualTo(new Outcome.Unchanged("canary.io/abort is set already: 5xx"));
        assertThat(written(aborted.abort("worse"))).containsExactly(onRoot(CanaryKey.ABORT, "worse"));
    }
}
