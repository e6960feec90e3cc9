// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.policy;

import io.canary.domain.policy.Verb;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Who asks for the changes of a test, when, and where.
///
/// @param allowed their verbs on `releases.canary.io`; what Canary does for them (design section 6) they may
/// @param labels of every namespace, besides those of Namespaces in files
public record Question(String user, List<String> groups, Set<Verb> allowed, Instant at, Map<String, String> labels) {
    public Question {
        groups = List.copyOf(groups);
        allowed = Set.copyOf(allowed);
        labels = Map.copyOf(labels);
    }
}
