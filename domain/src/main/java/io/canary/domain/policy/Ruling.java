// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What all policies together say of the moves of one change.
///
/// @param findings every rule that is broken, also those that refuse nothing
/// @param passes what would pass now, as a clause; empty where no weight was asked for
public record Ruling(List<Finding> findings, String passes) {
    public static final Ruling NONE = new Ruling(List.of(), "");

    public Ruling {
        findings = List.copyOf(findings);
    }

    public boolean denies() {
        return of(Finding.Outcome.DENIED).findAny().isPresent();
    }

    /// Those with this outcome.
    public Stream<Finding> of(Finding.Outcome outcome) {
        return findings.stream().filter(finding -> finding.outcome() == outcome);
    }

    /// This one and `other`, of another move of the same change.
    public Ruling and(Ruling other) {
        List<Finding> all = new ArrayList<>(findings);
        other.findings.stream().filter(finding -> !all.contains(finding)).forEach(all::add);
        return new Ruling(all, passes.isEmpty() ? other.passes : passes);
    }
}
