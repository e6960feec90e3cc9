// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import static io.canary.domain.admission.Requests.ALICE;
import static io.canary.domain.admission.Requests.creation;
import static io.canary.domain.admission.Requests.dryRun;
import static io.canary.domain.admission.Requests.mutated;
import static io.canary.domain.admission.Requests.shop;
import static io.canary.domain.admission.Requests.throughStatus;
import static io.canary.domain.admission.Requests.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.CanaryKey;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestReleases;
import io.canary.domain.app.TestServices;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidateTest {
    private static final TestDeployments V1 = TestDeployments.order("v1");
    private static final TestDeployments V2 = TestDeployments.order("v2");
    private static final TestDeployments V3 = TestDeployments.order("v3");
    private static final TestServices ROOT = TestServices.order();

    // --- keys ---

    @ParameterizedTest(name = "{0} on a Deployment: {1} {2}")
    @CsvSource({
        "weight, ten, 422, is not a percentage",
        "wieght, 10, 422, 'unknown key, did you mean canary.io/weight?'",
        "status, x, 422, 'unknown key, did you mean canary.io/stable?'",
        "stable, v1, 422, belongs on the root Service",
        "abort, x, 422, belongs on the root Service",
        "replicas, 10, 422, belongs on the root Service",
        "hosts, a.Example, 422, '\"a.Example\" is not a list of hosts'",
        "users, alice, 422, '\"alice\" is not a list of header:NAME=VALUE and cookie:NAME=VALUE'",
        "lane, Blue, 422, '\"Blue\" is not a name of lower case letters'",
        "managed, 'true', 422, belongs on the HTTPRoute or GRPCRoute",
        "app, other, 403, is written by Canary only",
        "total, 5, 403, is written by Canary only",
        "spent, 10, 403, is written by Canary only",
        "original, x, 403, is written by Canary only",
        "by, eve, 403, is written by Canary only",
    })
    void aKeyThatIsWrongIsRefused(String key, String value, int code, String text) {
        Decision.Deny deny = refused(update(V2, V2.with(key, value)), shop(V1, V2));
        assertThat(deny.code()).isEqualTo(code);
        assertThat(deny.message())
                .contains("metadata.annotations[canary.io/" + key + "]: ")
                .contains(text);
    }

    @Test
    void aDeploymentsKeyOnAServiceBelongsOnTheDeployment() {
        assertThat(refused(update(ROOT, ROOT.with("weight", "10")), shop(V1)).message())
                .contains("canary.io/weight belongs on the Deployment");
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        Change change = creation(V2.with("weight", "ten").with("wieght", "1").with("hosts", "X"));
        assertThat(refused(change, shop()).problems()).hasSize(3);
    }

    @Test
    void aLabelIsNoAnnotation() {
        TestDeployments labelled = V2.label("canary.io/weight", "10");
        assertThat(refused(update(V2, labelled), shop(V1, V2)).message())
                .contains("metadata.labels[canary.io/weight]: canary.io/weight is an annotation, not a label");
        assertThat(refused(update(V2, V2.label("canary.io/app", "order")), shop(V1, V2))
                        .code())
                .isEqualTo(403);
    }

    @Test
    void unchangedBadValuesPass() {
        TestDeployments bad = V2.with("weight", "ten");
        assertThat(allowed(update(bad, bad.with("version", "v2")), shop(V1, bad)))
                .isNotNull();
    }

    @Test
    void aBadValueMayAlwaysBeRemoved() {
        TestDeployments bad = V2.with("weight", "ten").with("nonsense", "x");
        assertThat(allowed(update(bad, V2), shop(V1, bad))).isEmpty();
    }

    @Test
    void aKeyThroughStatusIsJudgedAsOnTheObject() {
        assertThat(refused(throughStatus(update(V2, V2.with("weight", "ten"))), shop(V1, V2))
                        .code())
                .isEqualTo(422);
        TestDeployments stored = V2.with("weight", "10").with("app", "order");
        assertThat(refused(throughStatus(update(stored, stored.without("app"))), shop(V1, stored))
                        .code())
                .isEqualTo(403);
    }

    @Test
    void anEditThroughStatusNamesWhoMadeItOrIsRefused() {
        TestDeployments stored = V2.with("weight", "10").with("by", "bob");
        TestDeployments edited = stored.with("weight", "20");
        NamespaceView view = shop(V1, stored);
        for (TestDeployments forged : List.of(edited, edited.with("by", "eve"), edited.without("by"))) {
            Decision.Deny deny = refused(throughStatus(update(stored, forged)), view);
            assertThat(deny.code()).isEqualTo(403);
            assertThat(deny.message())
                    .isEqualTo("metadata.annotations[canary.io/by]: would not name who edits: a key is stamped on the"
                            + " object, not on its status (edit the object itself)");
        }
        assertThat(allowed(throughStatus(update(stored, edited.with("by", "alice"))), view))
                .isNotNull();
    }

    @Test
    void noValueHoldsANul() {
        assertThat(refused(update(ROOT, ROOT.with("abort", "a\u0000")), shop(V1))
                        .code())
                .isEqualTo(422);
        assertThat(Admission.mutate(update(ROOT, ROOT.with("abort", "\ud800")), shop(V1)))
                .isInstanceOf(Decision.Deny.class);
    }

    // --- skipped mutations ---

    @Test
    void aNewVersionAboveZeroReplicasMeansThatTheMutationWasSkipped() {
        Decision.Deny deny = refused(creation(V2.with("weight", "10")), shop(V1));
        assertThat(deny.code()).isEqualTo(503);
        assertThat(deny.message()).contains("the mutation was skipped (try again)");
        assertThat(allowed(creation(V2.with("weight", "10")), shop())).isNotNull();
    }

    @Test
    void versionsOfOneFileMayBeSeenByOneHookAndNotYetByTheOther() {
        NamespaceView nobodyServes = shop(TestServices.order(), null, Map.of("order-v1", 0), V1);
        assertThat(allowed(creation(V2.with("weight", "10")), nobodyServes)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"app", "total", "spent", "by"})
    void aProtectedKeyLeftAtCreateMeansThatTheMutationWasSkipped(String key) {
        Decision.Deny deny =
                refused(creation(V2.replicas(0).with("weight", "10").with(key, "x")), shop(V1));
        assertThat(deny.message()).contains("the mutation was skipped (try again)");
    }

    @Test
    void aProtectedKeyMissingAtUpdateMeansThatTheMutationWasSkipped() {
        TestDeployments stored = V2.with("weight", "10").with("app", "order");
        assertThat(refused(update(stored, V2.with("weight", "20")), shop(V1, stored))
                        .code())
                .isEqualTo(503);
    }

    @Test
    void aForgedAuthorBesideAnEditMeansThatTheMutationWasSkipped() {
        TestDeployments stored = V2.with("weight", "10").with("by", "bob");
        Change forged = update(stored, stored.with("weight", "20").with("by", "eve"));
        assertThat(refused(forged, shop(V1, stored)).message()).contains("the mutation was skipped (try again)");
        assertThat(allowed(update(stored, stored.with("weight", "20").with("by", "alice")), shop(V1, stored)))
                .isNotNull();
    }

    @Test
    void whatTheMutatingHookMadeIsAllowed() {
        TestDeployments file =
                TestDeployments.of("order", "v2").with("weight", "10").with("app", "x");
        Change change = creation(file);
        assertThat(allowed(mutated(change, Admission.mutate(change, shop(V1))), shop(V1)))
                .isNotNull();
    }

    // --- versions ---

    @Test
    void labelAndAnnotationThatDisagreeAreRefused() {
        assertThat(refused(creation(V3.with("version", "v2")), shop()).message())
                .contains("\"v2\" disagrees with the pods' label version=v3");
    }

    @Test
    void aLabelThatCannotNameAServiceIsRefused() {
        assertThat(refused(creation(TestDeployments.order("1.0").with("weight", "10")), shop())
                        .message())
                .contains("spec.template.metadata.labels[version]: \"1.0\" cannot name a version");
    }

    @Test
    void aNameThatIsTooLongIsRefusedWithTheLongestAllowed() {
        String sixty = "v" + "9".repeat(59);
        assertThat(refused(creation(TestDeployments.order(sixty).named("o").with("weight", "10")), shop())
                        .message())
                .contains("at most 57 characters for a version of order");
    }

    @Test
    void theVersionLabelOfAVersionThatTakesPartStays() {
        TestDeployments stored = V2.with("weight", "10");
        assertThat(refused(update(stored, stored.templateLabel("version", "v9")), shop(V1, stored))
                        .message())
                .contains("\"v9\" renames version \"v2\", which takes part in a release");
        assertThat(allowed(update(V2, V2.templateLabel("version", "v9")), shop(V1, V2)))
                .isEmpty();
    }

    @Test
    void aLostVersionLabelMeansThatTheMutationWasSkipped() {
        TestDeployments stored = V2.with("weight", "10");
        TestDeployments lost =
                stored.labels(stored.facts().labels(), stored.facts().selector(), Map.of("app", "order"));
        assertThat(refused(update(stored, lost), shop(V1, stored)).code()).isEqualTo(503);
    }

    @Test
    void aDeploymentOfAnotherControllerIsToldThatItIsNotManaged() {
        assertThat(allowed(creation(V2.with("weight", "10").owned("Rollout/order")), shop(V1)))
                .containsExactly("order-v2 is not managed: it belongs to Rollout/order");
    }

    // --- Services ---

    @Test
    void aServiceThatCannotBeARootIsRefused() {
        assertThat(refused(creation(ROOT.type("ExternalName", false).with("stable", "v1")), shop())
                        .message())
                .contains("Service order is ExternalName");
        assertThat(refused(creation(ROOT.type("ClusterIP", true).with("abort", "x")), shop())
                        .message())
                .contains("Service order is headless");
        TestServices ofVersion = TestServices.named("order-v2", Map.of("app", "order", "version", "v2"));
        assertThat(refused(creation(ofVersion.with("stable", "v1")), shop()).message())
                .contains("is not a root Service");
    }

    @Test
    void aStableThatDoesNotExistIsWarnedOfWithThoseThatDo() {
        assertThat(allowed(update(ROOT, ROOT.with("stable", "v9")), shop(V1, V2)))
                .contains("\"v9\" is no version of order, which has v1 and v2:"
                        + " kubectl annotate --overwrite service order canary.io/stable=v1");
    }

    @Test
    void aTotalBelowTheNumberOfVersionsIsRaised() {
        NamespaceView view = shop(V1, V2.with("weight", "20"), V3.with("weight", "30"));
        assertThat(allowed(update(ROOT, ROOT.with("replicas", "2")), view))
                .contains("canary.io/replicas 2 is raised to 3: one pod for each version with a share");
    }

    @Test
    void aWeightLeftAtPromotionIsSpent() {
        TestDeployments v1 = V1.with("weight", "30");
        NamespaceView view = shop(ROOT, TestReleases.stable("v1"), Map.of(), v1, V2);
        assertThat(allowed(update(ROOT, ROOT.with("stable", "v2")), view))
                .contains("weight 30 of order-v1 is spent: it asks 0 from now on");
    }

    @Test
    void stickyClientsAreWarnedOf() {
        String told = "sessionAffinity ClientIP: sticky clients blur the percentages";
        assertThat(allowed(creation(ROOT.sticky().with("stable", "v1")), shop(null, null, Map.of(), V1)))
                .contains(told);
        NamespaceView view = shop(ROOT.sticky(), null, Map.of(), V1, V2);
        assertThat(allowed(update(V2, V2.with("weight", "10")), view)).contains(told);
    }

    @Test
    void aServiceBeforeItsDeploymentsIsAllowed() {
        assertThat(allowed(creation(ROOT.with("stable", "v1")), shop(null, null, Map.of())))
                .containsExactly("no Deployment belongs to Service order yet");
    }

    // --- between objects: told, never refused ---

    @Test
    void aSumAboveAHundredIsWarnedOfWithTheNumbers() {
        TestDeployments v3 = V3.with("weight", "60");
        assertThat(allowed(update(V2, V2.with("weight", "60")), shop(V1, V2, v3)))
                .contains("sum would be 120: order-v3 holds 60, 40 is left");
    }

    @ParameterizedTest(name = "weight {0} beside {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "100 | 0 | all traffic would go to v2; use promote: canary.io/stable=v2 on Service order",
                "50 | 50 | stable v1 gets 0: the others ask for 100",
            })
    void aStableThatGetsNothingIsTold(String weight, String other, String text) {
        TestDeployments v3 = V3.with("weight", other);
        assertThat(allowed(update(V2, V2.with("weight", weight)), shop(V1, V2, v3)))
                .contains(text);
    }

    @Test
    void theStablesOwnWeightIsIgnored() {
        NamespaceView view = shop(ROOT.with("stable", "v1"), null, Map.of(), V1, V2);
        assertThat(allowed(update(V1, V1.with("weight", "70")), view))
                .contains("weight 70 is ignored: v1 is stable and takes what the others leave");
    }

    @Test
    void noStableIsWarnedOfWithTheChoices() {
        assertThat(allowed(update(V3, V3.with("weight", "10")), shop(V1, V2, V3)))
                .contains("cannot tell which version of order is stable: v1, v2 and v3");
    }

    @Test
    void aSpentWeightIsTold() {
        TestDeployments spent = V2.with("weight", "10").with("spent", "10");
        assertThat(allowed(update(spent, spent.with("version", "v2")), shop(V1, spent)))
                .contains("weight 10 is spent: order-v2 asks 0 until it is changed");
    }

    @Test
    void aRootThatIsMissingIsWaitedFor() {
        TestDeployments named = V2.with("service", "order").with("weight", "10");
        assertThat(allowed(creation(named), shop(null, null, Map.of())))
                .contains("waiting for Service order: create it, or name another");
    }

    @Test
    void noRootOrSeveralAreToldWithWhatToSet() {
        TestDeployments lost =
                V2.labels(Map.of(), Map.of("x", "y"), Map.of("x", "y")).with("weight", "10");
        assertThat(allowed(creation(lost), shop()))
                .anyMatch(w -> w.contains("set canary.io/service to the root Service"));
        NamespaceView two = Requests.with(
                shop(), TestServices.named("a", Map.of("x", "y")), TestServices.named("b", Map.of("x", "y")));
        assertThat(allowed(creation(lost), two))
                .contains("several Services select these pods, set canary.io/service to one of: a, b");
    }

    @Test
    void aServiceOfAVersionIsNoRoot() {
        NamespaceView view =
                Requests.with(shop(), TestServices.named("order-v1", Map.of("app", "order", "version", "v1")));
        assertThat(allowed(creation(V2.with("service", "order-v1")), view))
                .anyMatch(w -> w.contains("is not a root Service"));
    }

    @Test
    void headlessAndExternalRootsAreToldToHold() {
        assertThat(allowed(creation(V2.with("weight", "10")), shop(ROOT.type("ClusterIP", true), null, Map.of())))
                .contains("Service order is headless: Canary cannot split it and holds");
        TestServices external = TestServices.named("order", Map.of()).type("ExternalName", false);
        assertThat(allowed(creation(V2.with("service", "order")), shop(external, null, Map.of())))
                .contains("Service order is ExternalName: Canary cannot split it");
    }

    @Test
    void keysOnThePodTemplateHostPortsAndPauseAreTold() {
        Change change = Requests.change(
                Change.Operation.CREATE,
                "",
                ALICE,
                null,
                new Subject.Workload(V2.with("weight", "10").facts(), Set.of("canary.io/weight"), true, List.of()));
        assertThat(allowed(change, shop()))
                .contains(
                        "canary.io/weight on the pod template does nothing: put it on the Deployment",
                        "pods use ports of their node: two versions may not fit on one");
    }

    @Test
    void anAutoscalersReplicasAreItsOwn() {
        NamespaceView view = Requests.autoscaled(shop(V1, V2), "order-v2");
        assertThat(allowed(update(V2, V2.with("weight", "10")), view))
                .contains("replicas of order-v2 are its autoscaler's (hpa)");
    }

    // --- dry-run ---

    @Test
    void aDryRunSaysWhatWouldHappen() {
        NamespaceView view = shop(V1, V2.replicas(0));
        assertThat(allowed(dryRun(update(V2.replicas(0), V2.replicas(0).with("weight", "25"))), view))
                .containsExactly(
                        "HTTPRoute order would carry the weights, once a mesh accepts it",
                        "order-v2 would get 25 % of the traffic, 3 of 10 replicas",
                        "order-v1 would get 75 % of the traffic, 7 of 10 replicas");
    }

    @Test
    void inReplicaModeADryRunGivesTheEffectivePercent() {
        TestDeployments unlabelled = TestDeployments.of("order", "v1");
        NamespaceView view = shop(unlabelled, V2.replicas(0));
        assertThat(allowed(dryRun(update(V2.replicas(0), V2.replicas(0).with("weight", "1"))), view))
                .contains("order-v2 would get 1 of 10 replicas and by them 10 % of the traffic (1 asked)");
    }

    @Test
    void aDryRunOfBillionsOfPodsIsQuick() {
        NamespaceView view = shop(V1, V2.with("weight", "10"));
        assertThat(allowed(dryRun(update(ROOT, ROOT.with("replicas", "2147483647"))), view))
                .anyMatch(w -> w.contains("of 2147483647 replicas"));
    }

    @Test
    void theSameRequestGetsTheSameAnswer() {
        Change change = dryRun(update(V2, V2.with("weight", "60")));
        NamespaceView view = shop(V1, V2, V3.with("weight", "60"));
        assertThat(Admission.validate(change, view)).isEqualTo(Admission.validate(change, view));
    }

    @Test
    void everyUserKeyIsJudged() {
        for (CanaryKey key : CanaryKey.ofUsers()) {
            assertThat(Grammar.check(key, "\u0000")).as(key.text()).isPresent();
        }
    }

    private static Decision.Deny refused(Change change, NamespaceView view) {
        Decision decision = Admission.validate(change, view);
        assertThat(decision).isInstanceOf(Decision.Deny.class);
        return (Decision.Deny) decision;
    }

    private static List<String> allowed(Change change, NamespaceView view) {
        Decision decision = Admission.validate(change, view);
        if (decision instanceof Decision.Deny deny) {
            throw new AssertionError(deny.message());
        }
        assertThat(decision.warnings()).allMatch(w -> w.length() <= 120);
        return decision.warnings();
    }
}
