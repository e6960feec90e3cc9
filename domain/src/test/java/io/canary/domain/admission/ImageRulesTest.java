// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.admission;

import static io.canary.domain.admission.Requests.ALICE;
import static io.canary.domain.admission.Requests.running;
import static io.canary.domain.admission.Requests.shop;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestServices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageRulesTest {
    private static final TestDeployments V1 = TestDeployments.order("v1");
    private static final TestDeployments V2 = TestDeployments.order("v2").replicas(0);
    private static final TestDeployments KEYED = V2.with("weight", "10");
    private static final String NO_TAG =
            "image of container c0 has no tag: pin it, e.g. order:2.4.0-9f3c2ab1@sha256:...";
    private static final String LATEST =
            "image of container c0 has the tag latest, which moves: pin it, e.g. order:2.4.0-9f3c2ab1@sha256:...";
    private static final String IN_V1 =
            "tag 1 of container c0 has another digest in order-v1: never move a tag, push order under a new one";
    private static final String BEFORE =
            "tag 1 of container c0 had another digest before: never move a tag, push order under a new one";

    @Test
    void anImageWithoutATagIsToldOf() {
        assertThat(created(KEYED, "order")).containsExactly(NO_TAG);
        assertThat(created(KEYED, "localhost:5000/order"))
                .containsExactly("image of container c0 has no tag: pin it, e.g."
                        + " localhost:5000/order:2.4.0-9f3c2ab1@sha256:...");
    }

    @Test
    void theTagLatestIsToldOf() {
        assertThat(created(KEYED, "order:latest")).containsExactly(LATEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "order:2.4.0",
                "order@sha256:aa",
                "order:2.4.0@sha256:aa",
                "order:latest@sha256:aa",
                "localhost:5000/order:2.4.0",
                "ORDER:V2",
                "",
                ":",
                "@"
            })
    void otherImagesAreNotToldOf(String image) {
        assertThat(created(KEYED, image)).isEmpty();
    }

    @Test
    void eachContainerIsJudged() {
        assertThat(created(KEYED, "order:2", "proxy", "log:latest"))
                .containsExactly(
                        "image of container c1 has no tag: pin it, e.g. proxy:2.4.0-9f3c2ab1@sha256:...",
                        "image of container c2 has the tag latest, which moves: pin it, e.g."
                                + " log:2.4.0-9f3c2ab1@sha256:...");
    }

    @Test
    void aPlainDeploymentIsNeverToldOf() {
        assertThat(created(V2, "order")).isEmpty();
        assertThat(updated(running(V2, "order:1@sha256:aa"), running(V2, "order:1@sha256:bb")))
                .isEmpty();
        TestDeployments ofCanary = V2.with("app", "order").with("by", "bob");
        assertThat(updated(running(ofCanary, "order:1"), running(ofCanary, "order")))
                .isEmpty();
        assertThat(updated(running(KEYED, "order"), running(V2, "order"))).isEmpty();
    }

    @Test
    void aVersionOfAnotherControllerIsNotToldOf() {
        assertThat(created(KEYED.owned("Rollout/order"), "order"))
                .containsExactly("order-v2 is not managed: it belongs to Rollout/order");
    }

    @Test
    void whatIsUnchangedIsNotToldOfAgain() {
        TestDeployments labelled = KEYED.templateLabel("a", "b");
        assertThat(updated(running(KEYED, "order", "proxy"), running(labelled, "order", "proxy")))
                .isEmpty();
        assertThat(updated(running(KEYED, "order", "proxy"), running(KEYED, "order:latest", "proxy")))
                .containsExactly(LATEST);
    }

    @Test
    void aChangeOfAKeyTellsOfAll() {
        assertThat(updated(running(KEYED, "order"), running(KEYED.with("weight", "20"), "order")))
                .containsExactly(NO_TAG);
        assertThat(updated(running(V2, "order"), running(KEYED, "order"))).containsExactly(NO_TAG);
    }

    @Test
    void aTagThatAnotherVersionHasWithAnotherDigestIsToldOf() {
        NamespaceView view = shop(V1.images("proxy:1@sha256:cc", "order:1@sha256:aa"));
        assertThat(warnings(creation(running(KEYED, "order:1@sha256:bb")), view))
                .contains(IN_V1);
        assertThat(warnings(creation(running(KEYED, "order:1@sha256:aa")), view))
                .noneMatch(IN_V1::equals);
        assertThat(warnings(creation(running(KEYED, "order:2@sha256:bb")), view))
                .noneMatch(w -> w.startsWith("tag "));
        assertThat(warnings(creation(running(KEYED, "order:1")), view)).noneMatch(w -> w.startsWith("tag "));
        assertThat(warnings(creation(running(KEYED, "order@sha256:bb")), view)).noneMatch(w -> w.startsWith("tag "));
    }

    @Test
    void whatAnotherAppRunsDoesNotMatter() {
        TestDeployments other = TestDeployments.of("pay", "v1").images("order:1@sha256:aa");
        NamespaceView view = Requests.with(shop(other), TestServices.named("pay", Map.of("app", "pay")));
        assertThat(warnings(creation(running(KEYED, "order:1@sha256:bb")), view))
                .isEmpty();
    }

    @Test
    void aTagThatHadAnotherDigestBeforeIsToldOf() {
        assertThat(updated(running(KEYED, "order:1@sha256:aa"), running(KEYED, "order:1@sha256:bb")))
                .containsExactly(BEFORE);
        assertThat(updated(running(KEYED, "order:1"), running(KEYED, "order:1@sha256:bb")))
                .isEmpty();
        assertThat(updated(running(KEYED, "order:1@sha256:aa"), running(KEYED, "order:2@sha256:bb")))
                .isEmpty();
        TestDeployments more = KEYED.with("weight", "20");
        assertThat(updated(running(KEYED, "order:1@sha256:aa"), running(more, "order:1@sha256:aa")))
                .isEmpty();
    }

    @Test
    void longNamesKeepWhatMatters() {
        String path = "registry.shop.example:5000/" + "team/".repeat(20);
        assertThat(created(KEYED, path + "order")).containsExactly(NO_TAG);
        Subject.Workload longest = new Subject.Workload(
                KEYED.facts(),
                Set.of(),
                false,
                List.of(new Subject.Container("c".repeat(63), "o".repeat(300) + ":latest")));
        assertThat(warnings(creation(longest), shop()))
                .containsExactly(
                        "image of container " + "c".repeat(63) + " has the tag latest, which moves",
                        "pin it, e.g. " + "o".repeat(64) + "...:2.4.0-9f3c2ab1@sha256:...");
    }

    @Test
    void whatIsNoTextIsEscaped() {
        assertThat(created(KEYED, "or\u001b[31mder\u0000"))
                .containsExactly(
                        "image of container c0 has no tag: pin it, e.g." + " or^[[31mder^@:2.4.0-9f3c2ab1@sha256:...");
    }

    /// What is told is told by the hook that sees every update; the other one does not say it again.
    @Test
    void theValidatingHookSaysNothingOfImages() {
        assertThat(Admission.validate(creation(running(KEYED, "order")), shop()).warnings())
                .noneMatch(w -> w.startsWith("image "));
    }

    @Test
    void theDocumentHasTheMessages() throws IOException {
        String name = "order:2.4.0@sha256:";
        NamespaceView view = shop(V1.images(name + "aa"));
        Subject.Workload before = web(name + "aa");
        List<String> said = Stream.of(
                        warnings(creation(web("order")), view),
                        warnings(creation(web("order:latest")), view),
                        warnings(creation(web(name + "bb")), view),
                        updated(before, web(name + "bb")))
                .flatMap(List::stream)
                .filter(warning -> warning.contains("container web"))
                .map(warning -> "`" + warning + "`")
                .toList();

        List<String> told = Files.readAllLines(Path.of("../docs/tags.md")).stream()
                .filter(line -> line.startsWith("|") && line.contains(" of container "))
                .map(line -> line.substring(line.indexOf("| `") + 2, line.length() - 2))
                .toList();
        assertThat(told).hasSize(4).isEqualTo(said);
    }

    private static Subject.Workload web(String image) {
        return new Subject.Workload(
                KEYED.images(image).facts(), Set.of(), false, List.of(new Subject.Container("web", image)));
    }

    private static List<String> created(TestDeployments d, String... images) {
        return warnings(creation(running(d, images)), shop());
    }

    private static List<String> updated(Subject.Workload old, Subject.Workload now) {
        return warnings(Requests.change(Change.Operation.UPDATE, "", ALICE, old, now), shop());
    }

    private static Change creation(Subject.Workload wanted) {
        return Requests.change(Change.Operation.CREATE, "", ALICE, null, wanted);
    }

    private static List<String> warnings(Change change, NamespaceView view) {
        Decision decision = Admission.mutate(change, view);
        assertThat(decision).isNotInstanceOf(Decision.Deny.class);
        assertThat(decision.warnings()).allMatch(w -> w.length() <= 120);
        return decision.warnings();
    }
}
