// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import static io.canary.domain.admission.Requests.creation;
import static io.canary.domain.admission.Requests.shop;
import static io.canary.domain.admission.Requests.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Release;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestReleases;
import io.canary.domain.app.TestServices;
import io.canary.domain.policy.Finding;
import io.canary.domain.policy.Finding.Outcome;
import io.canary.domain.policy.Policy;
import io.canary.domain.policy.Right;
import io.canary.domain.policy.TestPolicies;
import io.canary.domain.policy.Verb;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every rule of policy.md section 1 as admission tells it, and what is never refused (section 2).
class PolicyAdmissionTest {
    private static final Instant NOW = Instant.parse("2026-11-29T14:00:00Z"); // a Sunday
    private static final TestDeployments V1 = TestDeployments.order("v1").with("app", "order");
    private static final TestDeployments V2 = TestDeployments.order("v2")
            .with("app", "order")
            .with("weight", "10")
            .with("by", "bob");
    private static final String SEE = ". See: kubectl canary policy explain order -n shop";

    /// `order` with v2 at 10 %, begun by bob an hour and a half ago.
    private static NamespaceView running() {
        return view(
                TestServices.order(),
                new Release.Standing(new Release.Begun("bob", NOW.minusSeconds(5_400), "hash"), null, null, null));
    }

    private static NamespaceView view(TestServices root, Release.Standing standing) {
        Release.VersionStatus plain = TestReleases.version("v2", 1_000, 1);
        Release.VersionStatus v2 = new Release.VersionStatus(
                "v2", "order-v2", "uid-v2", 1_000, 1_000, 1_000, 1, 1, 1, "", null, plain.degraded(), null, standing);
        return shop(
                root,
                TestReleases.of("v1", 10, TestReleases.version("v1", 9_000, 9), v2),
                Map.of(),
                V1,
                V2.replicas(1));
    }

    private static Ruled ruled(Change change, NamespaceView view, Set<Verb> verbs, Policy... policies) {
        Governed governed = Governed.of(change, view, TestPolicies.of(policies), NOW);
        Map<Right, Boolean> answers = new HashMap<>();
        for (Right right : governed.questions()) {
            boolean ofRelease = right.group().equals("canary.io");
            answers.put(
                    right,
                    !ofRelease || verbs.stream().anyMatch(verb -> verb.text().equals(right.verb())));
        }
        return governed.answered(answers);
    }

    private static @Nullable String refusal(Change change, NamespaceView view, Set<Verb> verbs, Policy... policies) {
        Ruled ruled = ruled(change, view, verbs, policies);
        Decision validated = Admission.validate(stamped(change, view, ruled), view, ruled);
        Decision mutated = Admission.mutate(change, view, ruled);
        assertThat(mutated instanceof Decision.Deny).isEqualTo(validated instanceof Decision.Deny);
        return validated instanceof Decision.Deny deny ? deny.message() : null;
    }

    private static Change stamped(Change change, NamespaceView view, Ruled ruled) {
        return Requests.mutated(change, Admission.mutate(change, view, ruled));
    }

    private static @Nullable String raised(String weight, String spec) {
        return refusal(update(V2, V2.with("weight", weight)), running(), Set.of(), TestPolicies.prod(spec));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "25 | maxWeight: 50 | ",
                "60 | maxWeight: 50 | maxWeight: weight 60 > 50; allowed now 10..50",
                "50.01 | maxWeight: 50 | maxWeight: weight 50.01 > 50; allowed now 10..50",
                "35 | maxStep: 25 | ",
                "35.01 | maxStep: 25 | maxStep: step 25.01 > 25 (from 10 to 35.01); allowed now 10..35",
                "25 | 'weightByAge: [{after: 0s, max: 5}, {after: 30m, max: 25}, {after: 2h, max: 100}]' | ",
                "60 | 'weightByAge: [{after: 0s, max: 5}, {after: 30m, max: 25}, {after: 2h, max: 100}]' | weightByAge:"
                        + " weight 60 > 25 at age 1h30m, possible from 2026-11-29T14:30Z; allowed now 10..25"
                        + " (weightByAge, 25 until 2026-11-29T14:30Z)",
                "11 | minReplicas: 10 | ",
                "11 | minReplicas: 11 | minReplicas: total of 10 replicas < 11; no raise is allowed now",
                "25 | 'requiredAnalysis: {above: 10, metrics: [success-rate, p99]}' | requiredAnalysis: weight 25 > 10"
                        + " without a verdict on success-rate, p99 for this pod template; no raise is allowed now",
                "20 | 'requiredAnalysis: {above: 20, metrics: [p99]}' | ",
                "25 | 'requiredLabels: [team]' | requiredLabels: Deployment order-v2 has no label team; no raise is"
                        + " allowed now",
                "25 | 'requiredLabels: [app]' | ",
                "25 | 'authorization: Enforced' | authorization: user \"alice\" may not advance order (verb advance on"
                        + " releases.canary.io); no raise is allowed now",
                "25 | 'separationOfDuties: {above: 20}' | ",
                "25 | 'windows: [{name: weekend, kind: Deny, schedule: 0 17 * * 5, duration: 63h, timeZone: UTC}]' |"
                        + " windows: frozen by window weekend until 2026-11-30T08:00Z; no raise is allowed now",
                "25 | 'windows: [{name: office, kind: Allow, schedule: 0 9 * * 1-5, duration: 8h, timeZone: UTC}]' |"
                        + " windows: frozen by window office until 2026-11-30T09:00Z; no raise is allowed now",
                "25 | 'windows: [{name: sundays, kind: Allow, schedule: 0 9 * * 7, duration: 8h, timeZone: UTC}]' | ",
            })
    void aRaiseIsJudgedByEachRule(String weight, String spec, @Nullable String expected) {
        assertThat(raised(weight, spec)).isEqualTo(expected == null ? null : "CanaryPolicy \"prod\" " + expected + SEE);
    }

    @Test
    void allViolationsAreToldTogether() {
        assertThat(raised("60", "maxWeight: 50, maxStep: 25, requiredLabels: [team]"))
                .isEqualTo("CanaryPolicy \"prod\" maxWeight: weight 60 > 50; CanaryPolicy"
                        + " \"prod\" maxStep: step 50 > 25 (from 10 to 60); CanaryPolicy"
                        + " \"prod\" requiredLabels: Deployment order-v2 has no label team; no raise is allowed now"
                        + SEE);
    }

    @Test
    void policiesHoldTogether() {
        Change change = update(V2, V2.with("weight", "60"));
        Policy loose = TestPolicies.named("loose", "maxWeight: 80");
        Policy strict = TestPolicies.named("strict", "maxStep: 20");

        assertThat(refusal(change, running(), Set.of(), loose)).isNull();
        assertThat(refusal(change, running(), Set.of(), loose, strict))
                .contains("\"strict\" maxStep", "allowed now 10..30")
                .doesNotContain("loose");
    }

    @Test
    void whatPassesIsFoundWhereOnlySomePodsFit() {
        // 10 pods: 25 % runs 7/3, error 5; 20 % runs 8/2, error 0.
        NamespaceView byPods = Requests.without(running());
        assertThat(refusal(
                        update(V2, V2.with("weight", "25")),
                        byPods,
                        Set.of(),
                        TestPolicies.prod("maxSplitError: 4, maxStep: 15")))
                .isEqualTo("CanaryPolicy \"prod\" maxSplitError: weight 25 by pods misses by 5 > 4 with 10 replicas;"
                        + " allowed now 10..24" + SEE);
    }

    @Test
    void separationKnowsWhoStarted() {
        Policy policy = TestPolicies.prod("separationOfDuties: {above: 20}");
        Change raise = update(V2, V2.with("weight", "50"));

        assertThat(refusal(raise, running(), Set.of(), policy)).isNull();
        assertThat(refusal(Requests.by(Requests.user("bob"), raise), running(), Set.of(), policy))
                .isEqualTo("CanaryPolicy \"prod\" separationOfDuties: weight 50 > 20: \"bob\" started v2, another must"
                        + " raise it; allowed now 10..20" + SEE);
        assertThat(refusal(raise, view(TestServices.order(), Release.Standing.NONE), Set.of(), policy))
                .contains("who started v2 is not known");
    }

    @Test
    void aNewTemplateIsANewRelease() {
        Policy policy = TestPolicies.prod("weightByAge: [{after: 0s, max: 5}, {after: 1h, max: 100}]");
        TestDeployments renewed = V2.hash("another");

        assertThat(refusal(update(V2, renewed), running(), Set.of(), policy))
                .isEqualTo("CanaryPolicy \"prod\" weightByAge: weight 10 > 5 at age 0s, possible at age 1h;"
                        + " a new pod template is allowed now up to weight 5 (weightByAge, 5 until age 1h)"
                        + SEE);
        assertThat(refusal(update(V2, renewed.with("weight", "5")), running(), Set.of(), policy))
                .isNull();
    }

    @Test
    void aStartIsJudgedAtCreate() {
        NamespaceView before = shop(V1);
        Policy policy = TestPolicies.prod("maxWeight: 50, weightByAge: [{after: 0s, max: 5}], authorization: Enforced");

        assertThat(refusal(creation(TestDeployments.order("v2").with("weight", "10")), before, Set.of(), policy))
                .contains("weightByAge: weight 10 > 5 at age 0s", "may not start order");
        assertThat(refusal(
                        creation(TestDeployments.order("v2").with("weight", "5")), before, Set.of(Verb.START), policy))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "canary.shop.example.com | ",
                "a.b.canary.shop.example.com | ",
                "canary.other.example.com | host \"canary.other.example.com\" is none of *.canary.shop.example.com,"
                        + " canary.shop.example.com",
                ".canary.shop.example.com | host \".canary.shop.example.com\" is none of *.canary.shop.example.com,"
                        + " canary.shop.example.com",
            })
    void hostsAreOfTheNamespace(String host, @Nullable String expected) {
        Policy policy = TestPolicies.prod(
                "hosts: {allow: ['*.canary.{namespace}.example.com', 'canary.{namespace}.example.com']}");
        Ruled ruled = ruled(update(V2, V2.with("hosts", host)), running(), Set.of(), policy);

        assertThat(ruled.ruling().of(Outcome.DENIED).map(Finding::value).toList())
                .isEqualTo(expected == null ? List.of() : List.of(expected));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ghcr.io/acme/order:1@sha256:aa | requireTag: true, forbidLatest: true, requireDigest: true |",
                "order:1 | requireTag: true |",
                "order | requireTag: true | has no tag",
                "order@sha256:aa | requireTag: true |",
                "host:5000/order | requireTag: true | has no tag",
                "order:latest | requireTag: true |",
                "order:latest | forbidLatest: true | is latest, which moves",
                "order | forbidLatest: true | is latest, which moves",
                "order:latest@sha256:aa | forbidLatest: true |",
                "order:1 | requireDigest: true | is not pinned by a digest",
                "ghcr.io/acme/order:1 | registries: [ghcr.io/acme] |",
                "ghcr.io/acmeevil/order:1 | registries: [ghcr.io/acme] | is from none of ghcr.io/acme",
            })
    void imagesAreJudged(String image, String rules, @Nullable String expected) {
        Policy policy = TestPolicies.prod("images: {" + rules + "}");
        Change change = update(V2, V2.images(image).with("weight", "20"));

        assertThat(ruled(change, running(), Set.of(), policy).ruling().findings().stream()
                        .map(Finding::value)
                        .toList())
                .isEqualTo(expected == null ? List.of() : List.of("image \"" + image + "\" " + expected));
    }

    @Test
    void aPromotionIsJudgedButForWeightAndStep() {
        Change promotion = update(TestServices.order(), TestServices.order().with("stable", "v2"));

        assertThat(refusal(promotion, running(), Set.of(), TestPolicies.prod("maxWeight: 50, maxStep: 25")))
                .isNull();
        assertThat(refusal(
                        promotion,
                        running(),
                        Set.of(),
                        TestPolicies.prod("weightByAge: [{after: 0s, max: 25}, {after: 2h, max: 100}]")))
                .isEqualTo("CanaryPolicy \"prod\" weightByAge: promotion of v2 > 25 at age 1h30m, possible from"
                        + " 2026-11-29T14:30Z" + SEE);
        assertThat(refusal(promotion, running(), Set.of(), TestPolicies.prod("authorization: Enforced")))
                .contains("may not promote order (verb promote on releases.canary.io)");
        assertThat(refusal(promotion, running(), Set.of(Verb.PROMOTE), TestPolicies.prod("authorization: Enforced")))
                .isNull();
    }

    /// Policy.md section 2: the rules that refuse everything they can, against everything that must get through.
    @Test
    void lessExposureIsNeverRefused() {
        Policy freeze = TestPolicies.prod(
                "maxWeight: 0, maxStep: 0, minReplicas: 100, authorization: Enforced, requiredLabels: [team],"
                        + " weightByAge: [{after: 100h, max: 1}], hosts: {allow: []}, separationOfDuties: {above: 0},"
                        + " images: {requireDigest: true}, requiredAnalysis: {above: 0, metrics: [p99]},"
                        + " windows: [{name: ever, kind: Deny, from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z'}]");
        TestServices root = TestServices.order();
        TestDeployments entered =
                V2.with("hosts", "a.example.com, b.example.com").with("users", "header:x=1");
        List<Change> changes = List.of(
                update(V2, V2.with("weight", "9.99")),
                update(V2, V2.with("weight", "0")),
                update(V2, V2.without("weight")),
                update(
                        V2,
                        V2.labels(
                                Map.of("team", "x"),
                                V2.facts().selector(),
                                V2.facts().templateLabels())),
                update(V1, V1.hash("another").images("order:7")),
                update(entered, entered.with("hosts", "a.example.com")),
                update(entered, entered.without("hosts").without("users")),
                update(root, root.with("abort", "bad")),
                update(root, root.with("paused", "lunch")),
                update(root, root.with("scale-down-delay", "1m")),
                update(root.with("abort", "bad"), root.with("abort", "worse")),
                update(root, root.with("replicas", "200")),
                Requests.delete(V2),
                update(root, root.with("stable", "v1")),
                update(V2, V2));
        for (Change change : changes) {
            Ruled ruled = ruled(change, running(), Set.of(), freeze);
            assertThat(ruled.ruling()).as("%s", change.after()).isEqualTo(io.canary.domain.policy.Ruling.NONE);
            assertThat(ruled.missing()).isEmpty();
            assertThat(Governed.of(change, running(), TestPolicies.of(freeze), NOW)
                            .questions())
                    .isEmpty();
        }
    }

    /// What the mutating hook puts back was not taken away: a file that is applied again changes nothing.
    @Test
    void aFileThatLacksWhatIsOursIsUnchanged() {
        Policy freeze = TestPolicies.prod(
                "windows: [{name: ever, kind: Deny, from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z'}]");
        TestDeployments labelled = V2.templateLabel("version", "v2");
        TestDeployments spent = V2.with("weight", "50").with("spent", "50");

        assertThat(moves(update(labelled, V2), freeze)).isEmpty();
        assertThat(moves(update(spent, spent.without("spent")), freeze)).isEmpty();
        assertThat(moves(update(V2, V2.templateLabel("team", "x")), freeze)).isNotEmpty();
    }

    private static List<io.canary.domain.policy.Move> moves(Change change, Policy... policies) {
        return Governed.of(change, running(), TestPolicies.of(policies), NOW).moves();
    }

    @Test
    void anAbortMayTakeThePlaceOfAPause() {
        TestServices paused = TestServices.order().with("paused", "lunch");

        assertThat(moves(update(paused, TestServices.order().with("abort", "errors"))))
                .isEmpty();
        assertThat(moves(update(paused.with("abort", "errors"), paused))).isEmpty();
        assertThat(moves(update(paused, TestServices.order()))).isNotEmpty();
    }

    @Test
    void anImageFixAsksForNoRights() {
        assertThat(Governed.of(update(V2, V2.hash("fixed")), running(), TestPolicies.of(), NOW)
                        .questions())
                .isEmpty();
    }

    @Test
    void theStableOfRecordIsFixedWhileAnotherIsPromoted() {
        NamespaceView view = shop(
                TestServices.order().with("stable", "v2"),
                TestReleases.of("v1", 10, TestReleases.version("v1", 9_000, 9), TestReleases.version("v2", 1_000, 1)),
                Map.of(),
                V1.with("weight", "100"),
                V2);
        Change fix = update(V1.with("weight", "100"), V1.with("weight", "100").hash("fixed"));

        assertThat(Governed.of(fix, view, TestPolicies.of(), NOW).moves()).isEmpty();
    }

    @Test
    void aPolicyIsAboutWhatItWasAbout() {
        Policy policy = TestPolicies.prod("match: {selector: {matchLabels: {tier: prod}}}, maxWeight: 50");
        TestDeployments tier = V2.labels(Map.of("app", "order", "tier", "prod"), Map.of(), Map.of("app", "order"));
        TestDeployments without = V2.labels(Map.of("app", "order"), Map.of(), Map.of("app", "order"));

        assertThat(refusal(update(tier, without.with("weight", "60")), running(), Set.of(), policy))
                .contains("maxWeight: weight 60 > 50");
        assertThat(refusal(update(without, without.with("weight", "60")), running(), Set.of(), policy))
                .isNull();
    }

    @Test
    void aReasonThatWasUsedCountsNoMore() {
        Release.Waiver waiver = new Release.Waiver("bob", NOW, "CHG-1: checkout is down", "30/hash", List.of())
                .using("CHG-1: checkout is down");
        NamespaceView view = view(TestServices.order(), new Release.Standing(null, null, null, waiver));
        Policy policy = TestPolicies.prod("maxWeight: 50, breakGlass: Allowed");
        TestDeployments wanted = V2.with("weight", "60");

        assertThat(refusal(
                        update(V2, wanted.with("override", "CHG-1: checkout is down")),
                        view,
                        Set.of(Verb.OVERRIDE),
                        policy))
                .contains("maxWeight: weight 60 > 50");
        assertThat(refusal(
                        update(V2, wanted.with("override", "CHG-2: checkout is down")),
                        view,
                        Set.of(Verb.OVERRIDE),
                        policy))
                .isNull();
    }

    @Test
    void anUndoIsNeverRefused() {
        Release before = TestReleases.of("v2", 10, TestReleases.version("v2", 10_000, 10));
        Release undoable = TestReleases.line(before, List.of("v1"));
        NamespaceView view = shop(TestServices.order().with("stable", "v2"), undoable, Map.of(), V1, V2);
        Change undo = update(
                TestServices.order().with("stable", "v2"), TestServices.order().with("stable", "v1"));

        assertThat(Governed.of(undo, view, TestPolicies.of(TestPolicies.prod("authorization: Enforced")), NOW)
                        .moves())
                .isEmpty();
    }

    @Test
    void resumingIsAnAdvance() {
        TestServices paused = TestServices.order().with("paused", "lunch");
        NamespaceView view = view(paused, Release.Standing.NONE);
        Change resume = update(paused, TestServices.order());

        assertThat(refusal(resume, view, Set.of(), TestPolicies.prod("authorization: Enforced")))
                .contains("may not advance order");
        assertThat(refusal(resume, view, Set.of(), TestPolicies.prod("maxWeight: 0, maxStep: 0, minReplicas: 100")))
                .isNull();
    }

    @Test
    void theTotalIsNotLoweredBelowTheLeast() {
        TestServices root = TestServices.order().with("replicas", "10");
        NamespaceView view = view(root, Release.Standing.NONE);
        Policy policy = TestPolicies.prod("minReplicas: 4");

        assertThat(refusal(update(root, root.with("replicas", "4")), view, Set.of(), policy))
                .isNull();
        assertThat(refusal(update(root, root.with("replicas", "3")), view, Set.of(), policy))
                .isEqualTo("CanaryPolicy \"prod\" minReplicas: total of 3 replicas < 4" + SEE);
    }

    @Test
    void actionsExemptionsAndOverrides() {
        Change raise = update(V2, V2.with("weight", "60"));
        Change waived = update(V2, V2.with("weight", "60").with("override", "CHG-1: checkout is down"));
        Change again = update(
                V2.with("override", "CHG-1: checkout is down"),
                V2.with("weight", "60").with("override", "CHG-1: checkout is down"));
        String until = ", exemptions: [{name: m, namespaces: [shop], rules: [maxWeight], reason: x, until: '";

        assertThat(outcomes(raise, Set.of(), "maxWeight: 50")).containsExactly(Outcome.DENIED);
        assertThat(outcomes(raise, Set.of(), "maxWeight: 50, validationActions: [Warn]"))
                .containsExactly(Outcome.WARNED);
        assertThat(outcomes(raise, Set.of(), "maxWeight: 50, validationActions: [Audit]"))
                .containsExactly(Outcome.AUDITED);
        assertThat(outcomes(raise, Set.of(), "maxWeight: 50, actionOverrides: {maxWeight: [Warn, Audit]}"))
                .containsExactly(Outcome.WARNED);
        assertThat(outcomes(raise, Set.of(), "maxWeight: 50" + until + "2026-11-29T14:00:01Z'}]"))
                .containsExactly(Outcome.EXEMPTED);
        assertThat(outcomes(raise, Set.of(), "maxWeight: 50" + until + "2026-11-29T14:00:00Z'}]"))
                .containsExactly(Outcome.DENIED);
        assertThat(outcomes(waived, Set.of(Verb.OVERRIDE), "maxWeight: 50, breakGlass: Allowed"))
                .containsExactly(Outcome.OVERRIDDEN);
        assertThat(outcomes(waived, Set.of(Verb.OVERRIDE), "maxWeight: 50")).containsExactly(Outcome.DENIED);
        assertThat(outcomes(waived, Set.of(Verb.ADVANCE), "maxWeight: 50, breakGlass: Allowed"))
                .containsExactly(Outcome.DENIED);
        assertThat(outcomes(again, Set.of(Verb.OVERRIDE), "maxWeight: 50, breakGlass: Allowed"))
                .as("one-shot")
                .containsExactly(Outcome.DENIED);
    }

    private static List<Outcome> outcomes(Change change, Set<Verb> verbs, String spec) {
        return ruled(change, running(), verbs, TestPolicies.prod(spec)).ruling().findings().stream()
                .map(Finding::outcome)
                .toList();
    }

    @Test
    void warningsAreShortAndEndWithTheHint() {
        Ruled ruled = ruled(
                update(V2, V2.with("weight", "60")),
                running(),
                Set.of(),
                TestPolicies.prod("maxWeight: 50, validationActions: [Warn, Audit]"));

        assertThat(ruled.warnings())
                .containsExactly("CanaryPolicy \"prod\" maxWeight: weight 60 > 50. kubectl canary policy explain order")
                .allMatch(text -> text.length() <= 120);
        assertThat(ruled.audit()).isEqualTo(Map.of("policy-warned", "prod/maxWeight"));
    }

    /// The reconciler believes what stands there, so it is asked about also where nothing moves.
    @Test
    void onlyWhoMayOverrideWritesAReason() {
        Change alone = update(V2, V2.with("override", "CHG-1: checkout is down"));

        assertThat(refusal(alone, running(), Set.of(Verb.ADVANCE)))
                .isEqualTo("metadata.annotations[canary.io/override]: user \"alice\" may not override order (verb"
                        + " override on releases.canary.io) (kubectl auth can-i override releases.canary.io/order -n"
                        + " shop)");
        assertThat(refusal(alone, running(), Set.of(Verb.OVERRIDE))).isNull();
        assertThat(refusal(
                        update(TestServices.order(), TestServices.order().with("override", "CHG-1: checkout is down")),
                        running(),
                        Set.of()))
                .contains("may not override order");
        assertThat(refusal(update(V2.with("override", "CHG-1: checkout is down"), V2), running(), Set.of()))
                .as("taken away")
                .isNull();
    }

    @Test
    void aStartWithHostsIsAStart() {
        Change start = creation(TestDeployments.order("v3").with("weight", "5").with("hosts", "a.example.com"));

        assertThat(refusal(start, running(), Set.of(Verb.START), TestPolicies.prod("authorization: Enforced")))
                .isNull();
    }

    @Test
    void anOverrideLeavesATrace() {
        Ruled ruled = ruled(
                update(V2, V2.with("weight", "60").with("override", "CHG-1: checkout is down")),
                running(),
                Set.of(Verb.OVERRIDE),
                TestPolicies.prod("maxWeight: 50, breakGlass: Allowed"));

        assertThat(ruled.audit())
                .isEqualTo(Map.of("policy-overridden", "prod/maxWeight", "override-reason", "CHG-1: checkout is down"));
        assertThat(ruled.warnings())
                .containsExactly("CanaryPolicy \"prod\" maxWeight: weight 60 > 50 (overridden)"
                        + ". kubectl canary policy explain order");
    }

    @Test
    void rightsAreAskedOnAdvancesOnly() {
        NamespaceView view = running();
        Governed raise = Governed.of(update(V2, V2.with("weight", "20")), view, TestPolicies.of(), NOW);

        assertThat(raise.questions().stream().map(Right::text))
                .containsExactlyInAnyOrder(
                        "create services",
                        "patch services",
                        "delete services",
                        "create httproutes.gateway.networking.k8s.io",
                        "patch httproutes.gateway.networking.k8s.io",
                        "delete httproutes.gateway.networking.k8s.io",
                        "patch deployments.apps/scale \"order-v1\"",
                        "patch deployments.apps/scale \"order-v2\"");
        Map<Right, Boolean> none = raise.questions().stream().collect(Collectors.toMap(right -> right, _ -> false));
        assertThat(Admission.validate(update(V2, V2.with("weight", "20")), view, raise.answered(none)))
                .isInstanceOfSatisfying(Decision.Deny.class, deny -> {
                    assertThat(deny.code()).isEqualTo(403);
                    assertThat(deny.message())
                            .startsWith("user \"alice\": may not do what Canary would do for this change in namespace"
                                    + " shop: create services, ")
                            .endsWith("(kubectl auth can-i create services -n shop; going back, abort and pause need no"
                                    + " such right)");
                });
        assertThat(Admission.validate(update(V2, V2.with("weight", "20")), view, raise.answered(Map.of())))
                .isInstanceOfSatisfying(Decision.Deny.class, deny -> {
                    assertThat(deny.code()).isEqualTo(503);
                    assertThat(deny.temporary()).isTrue();
                    assertThat(deny.message())
                            .isEqualTo("user \"alice\": Canary could not ask the API server whether they may create"
                                    + " services in namespace shop (try again; going back, abort and pause need no"
                                    + " such right)");
                });
        assertThat(Governed.of(creation(TestDeployments.order("v3").with("weight", "0")), view, TestPolicies.of(), NOW)
                        .questions())
                .as("entry at weight 0")
                .isNotEmpty();
    }
}
