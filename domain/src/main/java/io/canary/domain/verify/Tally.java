// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// What became of the requests that were sent.
///
/// @param byVersion how many each version answered
/// @param unknown answers that no version could be told from
/// @param failures how many failed, by kind: `status 503`, `timed out`
public record Tally(Map<String, Integer> byVersion, int unknown, Map<String, Integer> failures) {
    public static final Tally NOTHING = new Tally(Map.of(), 0, Map.of());

    public Tally {
        byVersion = Collections.unmodifiableMap(new TreeMap<>(byVersion));
        failures = Collections.unmodifiableMap(new TreeMap<>(failures));
    }

    /// With one more answer of `version`.
    public Tally answeredBy(String version) {
        return new Tally(plusOne(byVersion, version), unknown, failures);
    }

    /// With one more answer of nobody knows which version.
    public Tally untold() {
        return new Tally(byVersion, unknown + 1, failures);
    }

    /// With one more failure.
    public Tally failed(String kind) {
        return new Tally(byVersion, unknown, plusOne(failures, kind));
    }

    private static Map<String, Integer> plusOne(Map<String, Integer> counts, String name) {
        Map<String, Integer> more = new TreeMap<>(counts);
        more.merge(name, 1, Integer::sum);
        return more;
    }

    public int of(String version) {
        return byVersion.getOrDefault(version, 0);
    }

    /// Requests whose version is known: what shares are measured by.
    public int told() {
        return sum(byVersion);
    }

    public int failed() {
        return sum(failures);
    }

    /// All that were sent.
    public int sent() {
        return told() + unknown + failed();
    }

    private static int sum(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }
}
