// SPDX-License-Identifier: Apache-2.0
package io.canary.e2e.traffic;

import io.canary.e2e.traffic.Outcome.Answered;
import io.canary.e2e.traffic.Outcome.Failed;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The outcomes of some requests, in the order in which they were sent.
public record Tally(List<Outcome> outcomes) {
    public Tally {
        outcomes = List.copyOf(outcomes);
    }

    public int size() {
        return outcomes.size();
    }

    public List<Answered> answered() {
        return outcomes.stream()
                .filter(Answered.class::isInstance)
                .map(Answered.class::cast)
                .toList();
    }

    public List<Failed> failures() {
        return outcomes.stream()
                .filter(Failed.class::isInstance)
                .map(Failed.class::cast)
                .toList();
    }

    /// How often each version answered; versions that never did are not there.
    public Map<String, Integer> byVersion() {
        return answered().stream().collect(Collectors.toMap(Answered::version, _ -> 1, Integer::sum, TreeMap::new));
    }

    /// How often a version answered.
    public int of(String version) {
        return byVersion().getOrDefault(version, 0);
    }

    /// The pods that answered.
    public Set<String> pods() {
        return answered().stream().map(Answered::pod).collect(Collectors.toSet());
    }

    /// Those that were sent at that time or later.
    public Tally since(Instant start) {
        return new Tally(
                outcomes.stream().filter(each -> !each.at().isBefore(start)).toList());
    }

    static Tally of(Collection<Outcome> outcomes) {
        return new Tally(outcomes.stream()
                .sorted((one, other) -> one.at().compareTo(other.at()))
                .toList());
    }

    /// In short: counts, and the first failures.
    @Override
    public String toString() {
        var failures = failures();
        return size() + " requests: " + byVersion() + ", failed " + failures.size()
                + failures.stream().limit(5).map(each -> "\n  " + each).collect(Collectors.joining());
    }
}
