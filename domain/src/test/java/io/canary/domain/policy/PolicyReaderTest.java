// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyReaderTest {
    @Test
    void readsTheExampleOfTheDesign() {
        Policy policy = TestPolicies.prod("""
                validationActions: [Deny], actionOverrides: {maxStep: [Warn]},
                match: {namespaceSelector: {matchLabels: {env: prod}}, selector: {}, excludeNamespaces: [sandbox-*]},
                exemptions: [{name: migration, namespaces: [billing], rules: [maxStep], until: "2026-12-01T00:00:00Z",
                  reason: CHG-123}],
                maxWeight: 50, maxStep: 12.25,
                weightByAge: [{after: 2h, max: 100}, {after: 0s, max: 5}, {after: 30m, max: 25}],
                minReplicas: 4, maxSplitError: 5, requiredAnalysis: {above: 10, metrics: [success-rate]},
                requiredLabels: [team], hosts: {allow: ["*.canary.{namespace}.example.com"]},
                gateways: {allow: [infra/public]}, authorization: Enforced, separationOfDuties: {above: 50},
                windows: [
                  {name: weekend, kind: Deny, schedule: "0 17 * * 5", duration: 63h, timeZone: Europe/Amsterdam,
                   inProgress: Hold},
                  {name: year-end, kind: Deny, from: "2026-12-18T00:00:00+01:00", to: "2027-01-04T08:00:00+01:00"}],
                breakGlass: Allowed
                """);

        assertThat(policy.rules()).hasSize(12).doesNotContain(PolicyRule.IMAGES);
        assertThat(policy.maxStep()).isEqualTo(1_225);
        assertThat(policy.actionsOf(PolicyRule.MAX_STEP)).isEqualTo(Set.of(Action.WARN));
        assertThat(policy.actionsOf(PolicyRule.MAX_WEIGHT)).isEqualTo(Set.of(Action.DENY));
        assertThat(policy.maxAt(Duration.ofMinutes(31))).isEqualTo(2_500);
        assertThat(policy.ageFor(2_501)).contains(Duration.ofHours(2));
        assertThat(policy.match().covers("sandbox-1", java.util.Map.of("env", "prod")))
                .isFalse();
        assertThat(policy.match().covers("shop", java.util.Map.of("env", "prod")))
                .isTrue();
        assertThat(policy.match().covers("shop", java.util.Map.of("env", "test")))
                .isFalse();
    }

    @Test
    void anEmptyOneSaysNothing() {
        assertThat(TestPolicies.prod("").rules()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "validationActions: [Deny, Warn] | spec.validationActions: Deny and Warn exclude each other: a refusal"
                        + " says it all (leave one of them out)",
                "validationActions: [Panic] | spec.validationActions: \"Panic\" is none of Deny, Warn, Audit",
                "actionOverrides: {maxWeigth: [Warn]} | spec.actionOverrides[maxWeigth]: \"maxWeigth\" is no rule (the"
                        + " rules are windows, authorization, maxWeight, maxStep, weightByAge, requiredAnalysis,"
                        + " separationOfDuties, minReplicas, maxSplitError, requiredLabels, hosts, gateways, images)",
                "maxWeight: 10.555 | spec.maxWeight: 10.555 is not a percentage 0–100 with at most two decimals",
                "maxStep: 101 | spec.maxStep: 101 is not a percentage 0–100 with at most two decimals",
                "windows: [{name: w, kind: Deny, schedule: '0 17 * * 5', duration: 63h, timeZone: Europe/Amsterdm}] |"
                        + " spec.windows[0].timeZone: \"Europe/Amsterdm\" is no time zone (write e.g. Europe/Amsterdam"
                        + " or UTC)",
                "windows: [{name: w, kind: Deny, schedule: '0 17 * *', duration: 63h, timeZone: UTC}] |"
                        + " spec.windows[0].schedule: \"0 17 * *\" is no schedule of cron: it has 4 fields, and minute,"
                        + " hour, day, month and weekday are needed (write e.g. \"0 17 * * 5\")",
                "windows: [{name: w, kind: Deny, schedule: '0 0 30 2 *', duration: 63h, timeZone: UTC}] |"
                        + " spec.windows[0].schedule: \"0 0 30 2 *\" is no schedule of cron: such a day never comes"
                        + " (write e.g. \"0 17 * * 5\")",
                "windows: [{name: w, kind: Deny, schedule: '0 17 * * 5', duration: 63, timeZone: UTC}] |"
                        + " spec.windows[0].duration: \"\" is not a duration of hours, minutes and seconds of at most a"
                        + " year (write e.g. 63h)",
                "windows: [{name: w, kind: Deny, from: '2027-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z'}] |"
                        + " spec.windows[0]: from 2027-01-01T00:00:00Z is not before to 2026-01-01T00:00:00Z",
                "windows: [{name: w, kind: Deny, from: yesterday, to: '2026-01-01T00:00:00Z'}] |"
                        + " spec.windows[0].from: \"yesterday\" is no time (write e.g. 2026-12-18T00:00:00+01:00)",
                "windows: [{name: w, kind: Deny}] | spec.windows[0]: has no time (write schedule, duration and timeZone,"
                        + " or from and to)",
                "weightByAge: [{after: soon, max: 5}] | spec.weightByAge[0].after: \"soon\" is not a duration of hours,"
                        + " minutes and seconds of at most a year (write e.g. 30m)",
                "exemptions: [{name: x, namespaces: [a], rules: [all], until: '2026-12-01T00:00:00Z', reason: y}] |"
                        + " spec.exemptions[0].rules: \"all\" is no rule (the rules are windows, authorization,"
                        + " maxWeight, maxStep, weightByAge, requiredAnalysis, separationOfDuties, minReplicas,"
                        + " maxSplitError, requiredLabels, hosts, gateways, images)",
            })
    void saysWhatIsWrong(String spec, String problem) {
        assertThat(TestPolicies.problems(spec)).containsExactly(problem);
    }

    @Test
    void whatCanBeReadHoldsBesideWhatCannot() {
        PolicyReader.Read read = TestPolicies.read("prod", "maxWeight: 50, maxStep: 1000");

        assertThat(read.problems()).hasSize(1);
        assertThat(read.policy().maxWeight()).isEqualTo(5_000);
        assertThat(read.policy().maxStep()).isNull();
    }
}
