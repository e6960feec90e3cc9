// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.policy;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How far the API server judges by a policy itself.
public enum Binding {
    /// Its binding stands, or it refuses nothing and needs none.
    STANDS,
    /// It is being written.
    PENDING,
    /// Some namespace has [#MOST] others already: Canary alone judges by it.
    LEFT_OUT;

    /// How many policies may be bound about one namespace. The API server evaluates each binding for each write of a
    /// Deployment, Service or route, annotated or not, and copies the object for it, about 1 ms of processor
    /// time: ten filled two cores at 67 writes a second.
    public static final int MOST = 5;

    /// The names of those that are bound, as long as no namespace has more than [#MOST]: first those that are
    /// about the most namespaces, then in the order of names.
    ///
    /// @param policies those that refuse anything
    /// @param about for each namespace the names of the policies about it
    public static Set<String> bound(Collection<String> policies, Collection<Set<String>> about) {
        Set<String> bound = new LinkedHashSet<>();
        Map<Set<String>, Integer> counts = new HashMap<>();
        List<Set<String>> distinct = about.stream().distinct().toList();
        Map<String, Long> reach = new HashMap<>();
        about.forEach(names -> names.forEach(name -> reach.merge(name, 1L, Long::sum)));
        Comparator<String> widest = Comparator.comparingLong(name -> -reach.getOrDefault(name, 0L));
        for (String name : policies.stream()
                .sorted(widest.thenComparing(Comparator.naturalOrder()))
                .toList()) {
            List<Set<String>> concerned =
                    distinct.stream().filter(names -> names.contains(name)).toList();
            if (concerned.stream().allMatch(names -> counts.getOrDefault(names, 0) < MOST)) {
                concerned.forEach(names -> counts.merge(names, 1, Integer::sum));
                bound.add(name);
            }
        }
        return bound;
    }
}
