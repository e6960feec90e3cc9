// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import static io.canary.domain.admission.Requests.autoscaled;
import static io.canary.domain.admission.Requests.by;
import static io.canary.domain.admission.Requests.creation;
import static io.canary.domain.admission.Requests.dryRun;
import static io.canary.domain.admission.Requests.mutated;
import static io.canary.domain.admission.Requests.shop;
import static io.canary.domain.admission.Requests.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestReleases;
import io.canary.domain.app.TestServices;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MutateTest {
    private static final TestDeployments V1 = TestDeployments.order("v1");
    /// Without a version label, as people write it.
    private static final TestDeployments V2 = TestDeployments.of("order", "v2").with("weight", "10");
    /// As it stands after admission, taking part.
    private static final TestDeployments V2_STORED = TestDeployments.order("v2")
            .with("weight", "10")
            .with("by", "bob")
            .with("app", "order")
            .with("total", "10")
            .replicas(1);

    private static final FieldEdit STAMP = new FieldEdit.SetAnnotation("canary.io/by", "alice");

    @Test
    void aNewVersionIsLabelledInThreePlacesHeldAndStamped() {
        assertThat(edits(creation(V2), shop(V1)))
                .containsExactlyInAnyOrder(
                        new FieldEdit.SetLabel("version", "v2"),
                        new FieldEdit.SetTemplateLabel("version", "v2"),
                        new FieldEdit.SetSelectorLabel("version", "v2"),
                        new FieldEdit.SetReplicas(0),
                        STAMP);
    }

    @Test
    void aFirstVersionKeepsItsReplicas() {
        assertThat(edits(creation(V2), shop())).doesNotContain(new FieldEdit.SetReplicas(0));
        assertThat(edits(creation(V2), shop(V1.replicas(0)))).doesNotContain(new FieldEdit.SetReplicas(0));
    }

    @Test
    void theStampGoesWithTheLastKeyOfOneThatTakesNoPart() {
        TestDeployments keyed = V1.with("weight", "10").with("by", "bob");
        assertThat(edits(update(keyed, keyed.without("weight")), shop(V1)))
                .contains(new FieldEdit.RemoveAnnotation("canary.io/by"));
        assertThat(edits(
                        update(
                                keyed.with("app", "order"),
                                keyed.with("app", "order").without("weight")),
                        shop(V1)))
                .contains(STAMP);
    }

    @Test
    void heldReplicasAreToldOf() {
        assertThat(warnings(creation(V2), shop(V1)))
                .contains("order-v2 starts with 0 replicas: Canary starts its pods when their turn comes");
    }

    @Test
    void aVersionIsNamedByItsLabelFirst() {
        TestDeployments labelled = V2.templateLabel("version", "v9");
        assertThat(edits(creation(labelled), shop()))
                .contains(new FieldEdit.SetLabel("version", "v9"), new FieldEdit.SetSelectorLabel("version", "v9"));
    }

    @Test
    void anAppCalledLikeAVersionIsNotMistaken() {
        TestDeployments d = TestDeployments.of("order-v2", "v2").with("weight", "10");
        NamespaceView view = Requests.with(shop(), TestServices.named("order-v2", Map.of("app", "order-v2")));
        assertThat(edits(creation(d), view)).contains(new FieldEdit.SetLabel("version", "v2"));
    }

    @Test
    void aPlainDeploymentIsLeftAlone() {
        TestDeployments plain = TestDeployments.of("order", "v2");
        assertThat(edits(creation(plain), shop(V1))).isEmpty();
        assertThat(edits(update(plain, plain.replicas(3)), shop(V1))).isEmpty();
    }

    @Test
    void aDeploymentOfAnotherControllerIsLeftAlone() {
        TestDeployments owned = V2.owned("Rollout/order");
        assertThat(edits(creation(owned), shop(V1))).containsExactly(STAMP);
        assertThat(warnings(creation(owned), shop(V1)))
                .containsExactly("order-v2 is not managed: it belongs to Rollout/order");
    }

    @Test
    void protectedKeysAreDroppedAtCreate() {
        Change copied = creation(
                V2.with("app", "order").with("total", "3").with("spent", "10").with("by", "eve"));
        assertThat(edits(copied, shop()))
                .contains(
                        new FieldEdit.RemoveAnnotation("canary.io/app"),
                        new FieldEdit.RemoveAnnotation("canary.io/total"),
                        new FieldEdit.RemoveAnnotation("canary.io/spent"),
                        STAMP);
    }

    @Test
    void aCopyWithoutUserKeysBecomesPlain() {
        Change copied =
                creation(TestDeployments.of("order", "v2").with("app", "order").with("by", "eve"));
        assertThat(edits(copied, shop(V1)))
                .containsExactlyInAnyOrder(
                        new FieldEdit.RemoveAnnotation("canary.io/app"),
                        new FieldEdit.RemoveAnnotation("canary.io/by"));
    }

    @Test
    void ourLabelOnACopiedServiceIsDropped() {
        Change copied = creation(TestServices.named("order-v2", Map.of("app", "order", "version", "v2"))
                .labelled(Map.of("canary.io/app", "order")));
        assertThat(edits(copied, shop())).containsExactly(new FieldEdit.RemoveLabel("canary.io/app"));
    }

    @Test
    void protectedKeysAreRestoredAtUpdate() {
        TestDeployments file = V2_STORED.without("app").without("total").without("by");
        assertThat(edits(update(V2_STORED, file), shop(V1, V2_STORED)))
                .containsExactlyInAnyOrder(
                        new FieldEdit.SetAnnotation("canary.io/app", "order"),
                        new FieldEdit.SetAnnotation("canary.io/total", "10"),
                        new FieldEdit.SetAnnotation("canary.io/by", "bob"));
    }

    @Test
    void changedProtectedKeysAreRefused() {
        for (String key : List.of("app", "total", "by")) {
            Decision decision = Admission.mutate(update(V2_STORED, V2_STORED.with(key, "x")), shop(V1, V2_STORED));
            assertThat(decision)
                    .isInstanceOfSatisfying(
                            Decision.Deny.class, d -> assertThat(d.code()).isEqualTo(403));
        }
    }

    @Test
    void whoChangesAKeyIsStamped() {
        assertThat(edits(update(V2_STORED, V2_STORED.with("weight", "20")), shop(V1, V2_STORED)))
                .containsExactly(STAMP);
        assertThat(edits(update(V2_STORED, V2_STORED.without("weight")), shop(V1, V2_STORED)))
                .containsExactly(STAMP);
    }

    @Test
    void whoeverElseIsNamedInTheSameEditTheRequesterIsStamped() {
        Change forged = update(V2_STORED, V2_STORED.with("weight", "20").with("by", "eve"));
        assertThat(edits(forged, shop(V1, V2_STORED))).containsExactly(STAMP);
    }

    @Test
    void whoChangesNoKeyIsNotStamped() {
        assertThat(edits(update(V2_STORED, V2_STORED.templateLabel("a", "b")), shop(V1, V2_STORED)))
                .isEmpty();
    }

    @Test
    void ourOwnEditsAreLeftAlone() {
        Change mark =
                update(V2_STORED.without("app"), V2_STORED.with("spent", "10").replicas(7));
        assertThat(edits(by(Requests.OURSELVES, mark), shop(V1, V2_STORED))).isEmpty();
        assertThat(Admission.validate(by(Requests.OURSELVES, mark), shop(V1, V2_STORED)))
                .isInstanceOf(Decision.Allow.class);
    }

    @Test
    void aReplacedFileGetsItsVersionBack() {
        TestDeployments file = V2_STORED.labels(Map.of("app", "order"), Map.of("app", "order"), Map.of("app", "order"));
        assertThat(edits(update(V2_STORED, file), shop(V1, V2_STORED)))
                .containsExactlyInAnyOrder(
                        new FieldEdit.SetLabel("version", "v2"),
                        new FieldEdit.SetTemplateLabel("version", "v2"),
                        new FieldEdit.SetSelectorLabel("version", "v2"));
    }

    @Test
    void aSelectorThatLacksMoreIsNotTouched() {
        TestDeployments file = V2_STORED.labels(
                Map.of("app", "order", "version", "v2"), Map.of("x", "y"), Map.of("app", "order", "version", "v2"));
        assertThat(edits(update(V2_STORED, file), shop(V1, V2_STORED))).isEmpty();
    }

    @Test
    void aRunningVersionIsNotLabelledUnasked() {
        TestDeployments old = TestDeployments.of("order", "v1");
        Change change = update(old, old.with("weight", "10"));
        assertThat(edits(change, shop(old))).containsExactly(STAMP);
        assertThat(warnings(change, shop(old)))
                .contains("routes wait: the pods of order-v1 have no version label; kubectl canary adopt order");
    }

    @Test
    void theVersionKeyLabelsRunningPodsAndSaysThatTheyRoll() {
        TestDeployments old = TestDeployments.of("order", "v1");
        Change change = update(old, old.with("version", "v1"));
        assertThat(edits(change, shop(old)))
                .containsExactlyInAnyOrder(
                        new FieldEdit.SetLabel("version", "v1"),
                        new FieldEdit.SetTemplateLabel("version", "v1"),
                        STAMP);
        assertThat(warnings(change, shop(old))).contains("pods get the label version=v1: this rolls the pods once");
    }

    @Test
    void anAppliedFileDoesNotChangeTheReplicas() {
        Change change = update(V2_STORED, V2_STORED.replicas(10));
        assertThat(edits(change, shop(V1, V2_STORED))).containsExactly(new FieldEdit.SetReplicas(1));
        assertThat(warnings(change, shop(V1, V2_STORED)))
                .containsExactly("replicas stay 1: set the total as canary.io/replicas on Service order");
    }

    @Test
    void theStableAtRestNamesTheScaleCommand() {
        TestDeployments stable = V1.with("app", "order");
        assertThat(warnings(update(stable, stable.replicas(5)), shop(stable)))
                .contains("or type: kubectl scale deployment order-v1 --replicas=5");
    }

    @Test
    void anAutoscaledVersionKeepsItsReplicasToo() {
        Change change = update(V2_STORED, V2_STORED.replicas(10));
        NamespaceView view = autoscaled(shop(V1, V2_STORED), "order-v2");
        assertThat(edits(change, view)).containsExactly(new FieldEdit.SetReplicas(1));
        assertThat(warnings(change, view))
                .containsExactly("replicas stay 1: replicas of order-v2 are its autoscaler's");
    }

    @Test
    void theKeyThatIsAddedWithMoreReplicasDoesNotStartPods() {
        TestDeployments old = TestDeployments.order("v2").replicas(0);
        assertThat(edits(update(old, old.with("weight", "10").replicas(10)), shop(V1, old)))
                .contains(new FieldEdit.SetReplicas(0));
    }

    @Test
    void removingTheLastKeyKeepsWhatHandBackNeeds() {
        TestDeployments plain = TestDeployments.of("order", "v2").replicas(10);
        assertThat(edits(update(V2_STORED, plain), shop(V1, V2_STORED)))
                .contains(
                        new FieldEdit.SetAnnotation("canary.io/app", "order"),
                        new FieldEdit.SetSelectorLabel("version", "v2"),
                        new FieldEdit.SetReplicas(1));
    }

    @Test
    void unchangedBadValuesAreToldAndPass() {
        TestDeployments bad = V2_STORED.with("weight", "ten");
        Change image = update(bad, bad.templateLabel("a", "b"));
        assertThat(edits(image, shop(V1, bad))).isEmpty();
        assertThat(warnings(image, shop(V1, bad))).anyMatch(w -> w.startsWith("\"ten\" is not a percentage"));
        assertThat(Admission.validate(image, shop(V1, bad))).isInstanceOf(Decision.Allow.class);
    }

    @Test
    void anAbortThatIsTriedOutSaysWhatItWouldDo() {
        TestServices root = TestServices.order();
        NamespaceView view = shop(root, TestReleases.of("v1", 10), Map.of(), V1.replicas(9), V2_STORED);
        assertThat(warnings(dryRun(update(root, root.with("abort", "bad"))), view))
                .contains(
                        "aborted: all traffic stays with stable until canary.io/abort is removed",
                        "order-v1 would get 100 % of the traffic, 10 of 10 replicas");
    }

    /// The API server generates the name after this hook and before the validating one.
    @Test
    void aGeneratedNameIsRefused() {
        assertThat(Admission.mutate(creation(V2.named("").with("weight", "10")), shop()))
                .isInstanceOfSatisfying(Decision.Deny.class, deny -> {
                    assertThat(deny.code()).isEqualTo(422);
                    assertThat(deny.message())
                            .isEqualTo("metadata.name: needs metadata.name: generateName gives a new one at each apply"
                                    + " (write e.g. \"order-v2\")");
                });
        assertThat(edits(creation(TestDeployments.of("order", "v2").named("")), shop()))
                .isEmpty();
    }

    @Test
    void decidingAgainAboutTheResultEditsNothing() {
        TestDeployments unlabelled = TestDeployments.of("order", "v1");
        List<Change> cases = List.of(
                creation(V2),
                creation(V2.with("app", "x").with("by", "eve").with("spent", "1")),
                creation(TestDeployments.of("order", "v2").with("by", "eve")),
                creation(V2.owned("Rollout/order")),
                update(V2_STORED, V2),
                update(V2_STORED, V2.without("weight")),
                update(V2_STORED, V2_STORED.with("weight", "20").with("by", "eve")),
                update(V2_STORED, V2_STORED.replicas(10)),
                update(unlabelled, unlabelled.with("version", "v1")),
                update(unlabelled, unlabelled.with("weight", "5")),
                creation(TestServices.order().with("stable", "v1")),
                creation(TestServices.order().labelled(Map.of("canary.io/app", "x"))),
                update(TestServices.order(), TestServices.order().with("abort", "x")),
                update(TestServices.order().with("by", "bob"), TestServices.order()));
        for (Change change : cases) {
            for (NamespaceView view : List.of(shop(), shop(V1), shop(V1, V2_STORED), shop(unlabelled))) {
                Change again = mutated(change, Admission.mutate(change, view));
                assertThat(edits(again, view)).as("%s", change).isEmpty();
            }
        }
    }

    private static List<FieldEdit> edits(Change change, NamespaceView view) {
        return switch (Admission.mutate(change, view)) {
            case Decision.Mutate mutate -> mutate.edits();
            case Decision.Allow _ -> List.of();
            case Decision.Deny deny -> throw new AssertionError(deny.message());
        };
    }

    private static List<String> warnings(Change change, NamespaceView view) {
        List<String> warnings = Admission.mutate(change, view).warnings();
        assertThat(warnings).allMatch(w -> w.length() <= 120);
        return warnings;
    }
}
