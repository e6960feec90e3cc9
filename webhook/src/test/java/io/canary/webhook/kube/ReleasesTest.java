// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.Release;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReleasesTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456789Z");

    private static Release release(int inForce) {
        return new Release(
                Release.Phase.PROGRESSING,
                "v3: 0 of 3 pods ready",
                "v1",
                List.of("v0"),
                10,
                Release.Mode.ROUTE,
                "accepted by mesh",
                false,
                List.of(
                        version("v3", 3_000, inForce, 0, 3),
                        version("v2", 2_000, 2_000, 2, 2),
                        version("v1", 5_000, 8_000 - inForce, 8, 8)),
                List.of(),
                2,
                List.of(new Release.Bypass(Release.Bypass.Reason.PODS, "order-v9 (Deployment)", "adopt it")),
                List.of(new Release.RouteStatus(
                        "HTTPRoute", "order", "Service order:80", "mesh", true, false, 3, false, "BackendNotFound")),
                List.of(new Release.Move(NOON, "jane", "v1 100", "v1 80, v2 20", "as asked", "allowed by prod")));
    }

    private static Release.VersionStatus version(String name, int asked, int inForce, int ready, int need) {
        boolean waits = asked != inForce;
        return new Release.VersionStatus(
                name,
                "order-" + name,
                "uid-" + name,
                asked,
                inForce,
                1_225,
                ready,
                need,
                need,
                waits ? "0 of 3 pods ready" : "",
                waits ? NOON : null,
                waits,
                waits ? new Release.Withdrawal(50, NOON, NOON.minusSeconds(1), "30/hash") : null,
                waits
                        ? new Release.Standing(
                                new Release.Begun("jane", NOON, "hash"),
                                new Release.Verdict("hash", List.of("success-rate")),
                                new Release.Limit(2_500, "prod", NOON.plusSeconds(60)),
                                new Release.Waiver(
                                        "jane", NOON, "CHG-123: outage", "60/hash", List.of("CHG-123: outage")))
                        : Release.Standing.NONE);
    }

    private static Releases.Stored back(Release release, List<Condition> before, Instant now) {
        return Releases.facts(TestJson.roundTrip(
                Releases.wanted("shop", "order", release, before, now), GenericKubernetesResource.class));
    }

    @Test
    void everythingComesBack() {
        assertThat(back(release(0), List.of(), NOON).release()).isEqualTo(release(0));
        assertThat(back(release(0), List.of(), NOON).app()).isEqualTo("order");
    }

    @Test
    void columnsSayWhatPeopleAsk() {
        assertThat(ReleaseColumns.asked(release(0))).isEqualTo("v2 20, v3 30");
        assertThat(ReleaseColumns.inForce(release(0))).isEqualTo("v2 20");
        assertThat(ReleaseColumns.ready(release(0))).isEqualTo("10/13");
    }

    @Test
    void conditionKeepsItsTimeWhileItsStatusIsTheSame() {
        List<Condition> first = back(release(0), List.of(), NOON).conditions();
        List<Condition> later =
                back(release(3_000), first, NOON.plusSeconds(60)).conditions();
        assertThat(status(first, "Ready").status()).isEqualTo("False");
        assertThat(status(later, "Ready").status()).isEqualTo("True");
        assertThat(status(later, "Ready").since()).isEqualTo("2026-01-01T12:01:00Z");
        assertThat(status(later, "ForeignPods").since()).isEqualTo("2026-01-01T12:00:00Z");
        assertThat(later)
                .extracting(Condition::type)
                .containsExactly("Ready", "Degraded", "Conflict", "RoutesAccepted", "ForeignPods");
    }

    @Test
    void nothingChangesAtRest() {
        Releases.Stored stored = back(release(0), List.of(), NOON);
        assertThat(back(release(0), stored.conditions(), NOON.plusSeconds(600))).isEqualTo(stored);
    }

    @Test
    void damagedReleaseIsReadAsFarAsItGoes() {
        Releases.Stored stored = Releases.facts(TestJson.yaml("""
                apiVersion: canary.io/v1
                kind: Release
                metadata: {name: order, namespace: shop}
                status: {phase: Dancing, total: many, versions: [1, {name: v1, asked: "ten"}], history: {}}
                """, GenericKubernetesResource.class));
        assertThat(stored.release().versions())
                .singleElement()
                .satisfies(v -> assertThat(v.asked()).isZero());
    }

    private static Condition status(List<Condition> conditions, String type) {
        return conditions.stream()
                .filter(c -> c.type().equals(type))
                .findFirst()
                .orElseThrow();
    }
}
